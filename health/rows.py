"""Rows of scores by the hundred thousand, between their tables and arrays, by binary COPY.

A row's fields have fixed widths once missing raw values travel as NaN, so that a batch is one array.
"""

import io
import struct
from datetime import date, timedelta
from typing import Any

import numpy as np
from django.db import connection
from numpy.typing import NDArray

from common.bulk import temporary_table
from health.scoring import Scores
from tenants.scope import current_tenant_id

CODES = ("unknown", "red", "amber", "green")  # a band's number is its place
TABLES = ("health_score", "health_reportedscore", "health_rescoredscore")
_EPOCH = date(2000, 1, 1)
_HEAD = b"PGCOPY\n\xff\r\n\0" + struct.pack(">ii", 0, 0)
_TAIL = struct.pack(">h", -1)
_FLOAT8 = 701
_FIELDS = (("account", ">i8"), ("day", ">i4"), ("units", ">i4"), ("band", ">i2"), ("coverage", ">f8"))
_LIST = (("dimensions", ">i4"), ("holes", ">i4"), ("kind", ">i4"), ("size", ">i4"), ("start", ">i4"))
_BANDS = "ARRAY['unknown', 'red', 'amber', 'green']"
_READ = f"""COPY (SELECT account_id, day, COALESCE((score * 10000)::int, -1),
        (array_position({_BANDS}, band::text) - 1)::smallint, coverage, array_replace(raws, NULL, 'NaN')
    FROM {{table}} WHERE tenant_id = %s AND day BETWEEN %s AND %s AND version_id = %s AND cardinality(raws) = %s{{more}}
    ORDER BY day, account_id) TO STDOUT (FORMAT binary)"""  # noqa: S608 - the parts are of code
_COLUMNS = "account_id bigint, day date, units int, band smallint, coverage float8, raws float8[]"
_WRITE = f"""INSERT INTO health_rescoredscore
        (tenant_id, rescoring_id, day, account_id, version_id, score, band, coverage, raws)
    SELECT %s, %s, day, account_id, %s, CASE WHEN units >= 0 THEN units * 0.0001 END, ({_BANDS})[band + 1], coverage,
        array_replace(raws, 'NaN', NULL) FROM fresh_rescored"""  # noqa: S608 - the parts are of code

Rows = NDArray[Any]


def day_of(number: int) -> date:
    """A day from its number in a row."""
    return _EPOCH + timedelta(days=int(number))


def rows_kind(width: int) -> Any:
    """The type of a row with so many raw values: `account`, `day`, `units`, `band`, `coverage`, `raws.value`."""
    fields: list[Any] = [("fields", ">i2")]
    for name, kind in _FIELDS:
        fields += [(f"{name}_bytes", ">i4"), (name, kind)]
    return np.dtype([*fields, ("raws_bytes", ">i4"), *_LIST, ("raws", [("bytes", ">i4"), ("value", ">f8")], (width,))])


def rows_read(*, table: str, version_id: int, width: int, days: tuple[date, date], final: bool = False) -> Rows:
    """The scores of a table (of TABLES) under a version on the days from first to last, by day and account.

    `width`: how many raw values the version's rows have; rows with others are left out. `final`: none that is
    provisional.
    """
    if table not in TABLES:
        raise ValueError(f"no table of scores: {table}")
    sql = _READ.format(table=table, more=" AND NOT provisional" if final else "")
    sent, kind = io.BytesIO(), rows_kind(width)
    with connection.cursor() as cursor:
        cursor.copy_expert(cursor.mogrify(sql, [current_tenant_id(), *days, version_id, width]).decode(), sent)
    found = sent.getbuffer()
    return np.frombuffer(found[len(_HEAD) : len(found) - len(_TAIL)], dtype=kind)


def rows_made(rows: Rows, scores: Scores, raws: NDArray[np.float64]) -> Rows:
    """Rows for the accounts and days of `rows`, with other scores and the raw values (n, m) that they are made of."""
    width = raws.shape[1]
    made = np.zeros(len(rows), dtype=rows_kind(width))
    made["fields"] = len(_FIELDS) + 1
    for name, kind in _FIELDS:
        made[f"{name}_bytes"] = np.dtype(kind).itemsize
    made["account"], made["day"] = rows["account"], rows["day"]
    made["units"], made["coverage"] = scores.units, scores.coverage
    made["band"] = bands_numbers(scores.bands)
    made["raws_bytes"], made["dimensions"], made["kind"] = 20 + 12 * width, 1, _FLOAT8
    made["size"], made["start"] = width, 1
    made["raws"]["bytes"], made["raws"]["value"] = 8, raws
    return made


def bands_numbers(bands: list[str]) -> NDArray[np.int16]:
    """Bands as their places in CODES."""
    places = {code: place for place, code in enumerate(CODES)}
    return np.fromiter(map(places.__getitem__, bands), dtype=np.int16, count=len(bands))


def rows_write(*, rescoring_id: int, version_id: int, rows: Rows) -> None:
    """Add rows to a rescoring."""
    with temporary_table("fresh_rescored", _COLUMNS) as cursor:
        cursor.copy_expert("COPY fresh_rescored FROM STDIN (FORMAT binary)", io.BytesIO(_HEAD + rows.tobytes() + _TAIL))
        cursor.execute(_WRITE, [current_tenant_id(), rescoring_id, version_id])
