"""Derives stored scores again from what they name: their version and their raw values."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any, NamedTuple

import numpy as np
from django.db import connection

from health.card import card_of
from health.models import ScorecardVersion
from health.rows import CODES, TABLES, Rows, bands_numbers, day_of, rows_read
from health.scoring import score_rows, units_to_score
from tenants.scope import current_tenant_id

NAMED = 20  # differences that are told one by one
DAYS = 28
_SPANS = """SELECT version_id, min(day), max(day), count(*) FROM {table} WHERE tenant_id = %s
    GROUP BY version_id ORDER BY version_id"""


class Difference(NamedTuple):
    """A stored score that its version and raw values do not give.."""

    table: str
    account_id: int
    day: date
    version_id: int
    stored: str
    derived: str


@dataclass
class Verified:
    """How many stored scores were derived again, how many differ, and the first of these."""

    scores: int = 0
    differing: int = 0
    differences: list[Difference] = field(default_factory=list)


def scores_verify() -> Verified:
    """Derive every stored score of the tenant in scope again: known now, kept as reported, rescored.

    Score, band and coverage must be the same to the last digit that is stored.
    """
    found = Verified()
    for table in TABLES:
        for version_id, first, last, count in _spans(table):
            version, before = ScorecardVersion.objects.filter(pk=version_id).first(), found.scores
            if version is not None:
                for part in _parts(table, version, first, last):
                    _add(found, table, version, part)
            if odd := count - (found.scores - before):
                found.scores += odd
                found.differing += odd
                said = "no such version" if version is None else "raw values that do not fit the version"
                found.differences.append(Difference(table, 0, first, version_id, f"{odd} rows", said))
    return found


def _spans(table: str) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(_SPANS.format(table=table), [current_tenant_id()])
        return list(cursor.fetchall())


def _parts(table: str, version: ScorecardVersion, first: date, last: date) -> Iterator[Rows]:
    width = len(card_of(version.definition).keys)
    while first <= last:
        end = min(first + timedelta(days=DAYS - 1), last)
        yield rows_read(table=table, version_id=version.pk, width=width, days=(first, end))
        first = end + timedelta(days=1)


def _add(found: Verified, table: str, version: ScorecardVersion, rows: Rows) -> None:
    """Count a batch, and name what differs."""
    scores = score_rows(card_of(version.definition), rows["raws"]["value"].astype(np.float64))
    bands = bands_numbers(scores.bands)
    same = (rows["units"] == scores.units) & (rows["band"] == bands) & (rows["coverage"] == scores.coverage)
    found.scores += len(rows)
    found.differing += int((~same).sum())
    for place in np.flatnonzero(~same)[: max(NAMED - len(found.differences), 0)]:
        row = rows[place]
        stored = _said(int(row["units"]), int(row["band"]), float(row["coverage"]))
        derived = _said(int(scores.units[place]), int(bands[place]), float(scores.coverage[place]))
        found.differences.append(
            Difference(table, int(row["account"]), day_of(row["day"]), version.pk, stored, derived)
        )


def _said(units: int, band: int, coverage: float) -> str:
    return f"{units_to_score(units)} {CODES[band] if band >= 0 else '?'}, coverage {coverage!r}"
