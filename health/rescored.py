"""The past under another version: which raw values it takes from the stored scores, which are read again.

A stored score keeps the raw values that it was made of. Where the version measures the same in the same way, these are
taken, so that only the version differs; a measure that the stored score does not have is read for its day, as it is
known now.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from typing import Any

import numpy as np
from django.db import connection

from health.card import Card, Group, Measure, card_of
from health.inputs import field_values, raws_from, values_read
from health.models import ReportedScore, RescoredScore, Rescoring, Score, ScorecardVersion
from health.rows import CODES, Rows, day_of, rows_made, rows_read
from health.scoring import Floats, score_rows
from tenants.scope import current_tenant_id

POINTS = 60  # days on which reported and rescored are set against each other
_VERSIONS = """SELECT DISTINCT version_id FROM health_score
    WHERE tenant_id = %s AND day BETWEEN %s AND %s AND NOT provisional ORDER BY version_id"""


@dataclass(frozen=True)
class Held:
    """What a stored version's raw values give to a card: per measure the column, and for categories each place's new
    place. `missing`: the places of the card's measures that they do not give.
    """

    given: dict[int, tuple[int, Floats | None]]
    missing: tuple[int, ...]


def held_by(card: Card, stored: Card) -> Held:
    """Which of a card's measures the raw values of a stored version give."""
    found: dict[int, tuple[int, Floats | None]] = {}
    columns = {measure.key: place for place, measure in enumerate(stored.measures)}
    for place, measure in enumerate(card.measures):
        column = columns.get(measure.key)
        if column is not None and _alike(measure, stored.measures[column]):
            found[place] = (column, _places(measure, stored.measures[column]))
    return Held(found, tuple(place for place in range(len(card.measures)) if place not in found))


def _alike(measure: Measure, stored: Measure) -> bool:
    """Whether a stored raw value says all that the measure would read: the same age, no category that it cut away."""
    if measure.max_age != stored.max_age or bool(measure.categories) != bool(stored.categories):
        return False
    return {code for code, _score in measure.categories} <= {code for code, _score in stored.categories}


def _places(measure: Measure, stored: Measure) -> Floats | None:
    if not stored.categories:
        return None
    found = [measure.raw(code) for code, _score in stored.categories]
    return np.array([np.nan if place is None else place for place in found])


def read_anew(card: Card, versions: Sequence[ScorecardVersion]) -> list[str]:
    """The measures of a card that some stored version does not give, in the card's order."""
    gone = {place for version in versions for place in held_by(card, card_of(version.definition)).missing}
    return [measure.key for place, measure in enumerate(card.measures) if place in gone]


def versions_stored(first: date, last: date) -> list[ScorecardVersion]:
    """The versions that stored scores of these days name."""
    with connection.cursor() as cursor:
        cursor.execute(_VERSIONS, [current_tenant_id(), first, last])
        ids = [row[0] for row in cursor.fetchall()]
    found = ScorecardVersion.objects.in_bulk(ids)
    return [found[pk] for pk in ids if pk in found]


def days_rescored(run: Rescoring, first: date, last: date) -> Iterator[Rows]:
    """The scores that a rescoring's version gives to its accounts on the days from first to last."""
    card = card_of(run.version.definition)
    for version in versions_stored(first, last):
        if not _concerns(run, version):
            continue
        rows = rows_read(
            table="health_score", version_id=version.pk, width=len(version.measure_keys), days=(first, last), final=True
        )
        if run.account_ids is not None:
            rows = rows[np.isin(rows["account"], run.account_ids)]
        if len(rows):
            raws = _raws(card, card_of(version.definition), rows)
            yield rows_made(rows, score_rows(card, raws), raws)


def _raws(card: Card, stored: Card, rows: Rows) -> Floats:
    """The raw values of a card for stored rows (n, m), NaN where missing."""
    held = held_by(card, stored)
    found = np.full((len(rows), len(card.measures)), np.nan)
    for place, (column, places) in held.given.items():
        values = rows["raws"]["value"][:, column].astype(np.float64)
        if places is not None:
            gone = np.isnan(values)
            values = np.where(gone, np.nan, places[np.where(gone, 0, values).astype(np.int64)])
        found[:, place] = values
    if held.missing:
        part = Card((Group("", 1, tuple(card.measures[place] for place in held.missing)),), 0, 1, 0)
        found[:, held.missing] = _read(part, rows)
    return found


def _read(part: Card, rows: Rows) -> Floats:
    """The raw values of a card's measures as they are known now for rows that are in the order of their days."""
    days = rows["day"]
    edges = [0, *(np.flatnonzero(days[1:] != days[:-1]) + 1).tolist(), len(rows)]
    found = np.empty((len(rows), len(part.measures)))
    for start, end in pairwise(edges):
        ids = rows["account"][start:end].tolist()
        found[start:end] = raws_from(values_read(cards=[part], as_of=day_of(days[start]), account_ids=ids), part, ids)
    return found


Counts = dict[str, list[float]]


def compared(run: Rescoring) -> dict[str, Any]:
    """What a finished rescoring says of up to POINTS days, beside what their nights reported and what is known now.

    `points`: per day, of each of the three, band → accounts and their ARR of that day (in the tenant's currency);
    `bands`: over these days, what was known then (reported, else known now) → rescored → account days.
    """
    every = max(1, -(-run.total // POINTS))
    days = [run.last - timedelta(days=every * n) for n in range((run.total - 1) // every + 1)][::-1]
    moved: dict[str, dict[str, int]] = {old: dict.fromkeys(CODES, 0) for old in CODES}
    points = []
    for day in days:
        if point := _point(run, day, moved):
            points.append(point)
    card = card_of(run.version.definition)
    stored = [one for one in versions_stored(run.first, run.last) if _concerns(run, one)]
    return {"points": points, "bands": moved, "every": every, "anew": read_anew(card, stored)}


def _concerns(run: Rescoring, stored: ScorecardVersion) -> bool:
    """Whether scores under a stored version are of the history that is scored again."""
    return run.account_ids is not None or stored.scorecard_id == run.scorecard_id


def _point(run: Rescoring, day: date, moved: dict[str, dict[str, int]]) -> dict[str, Any] | None:
    new = dict(RescoredScore.objects.filter(rescoring=run, day=day).values_list("account_id", "band"))
    if not new:
        return None
    known, reported = bands_of_day(day)
    arr = {pk: value or 0.0 for pk, value in field_values(["arr"], day)["arr"].items()}
    for pk, band in new.items():
        moved[reported.get(pk) or known.get(pk, "unknown")][band] += 1
    return {
        "day": day.isoformat(),
        "rescored": _counted(new, arr),
        "known": _counted({pk: known[pk] for pk in new if pk in known}, arr),
        "reported": _counted({pk: reported[pk] for pk in new if pk in reported}, arr),
    }


def bands_of_day(day: date) -> tuple[dict[int, str], dict[int, str]]:
    """The bands of a day by account: as known now, and as the night reported them (only those it reported)."""
    known, reported = {}, {}
    for pk, band, said in Score.objects.filter(day=day).values_list("account_id", "band", "reported"):
        known[pk] = band
        if said != Score.Reported.NEVER:
            reported[pk] = band
    kept = dict(ReportedScore.objects.filter(day=day).values_list("account_id", "band"))
    return known, {pk: kept.get(pk, band) for pk, band in reported.items()}


def _counted(bands: dict[int, str], arr: dict[int, float]) -> Counts:
    found: Counts = {code: [0, 0.0] for code in CODES}
    for pk, band in bands.items():
        found[band][0] += 1
        found[band][1] += arr.get(pk, 0.0)
    return {code: [count, round(money, 2)] for code, (count, money) in found.items()}
