"""A scorecard tried on rows that are sent with it: the engine of the nights, without keeping anything. Pure."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from django.utils.translation import gettext as _

from health.bounds import bound_rows
from health.card import Card, Measure
from health.scoring import score_rows, units_to_score

Row = Mapping[str, Any]
MOST_CELLS = 500_000  # rows × measures of one call
_MOST_FAULTS = 10
_LARGEST = 10**15


class Evaluated(NamedTuple):
    """A row's score with four decimals (None below the minimum coverage), its band and coverage, and between what it
    must lie while values are missing. `contributions` by measure, and `exceptions`, sum to the score.
    """

    score: float | None
    band: str
    coverage: float
    low: float
    high: float
    uncertain: bool
    contributions: dict[str, float]
    exceptions: float


def row_faults(card: Card, rows: Sequence[Any]) -> list[str]:
    """What cannot be scored of the rows, in sentences with their place; at most ten."""
    measures = {measure.key: measure for measure in card.measures}
    if len(rows) * len(measures) > MOST_CELLS:
        said = _("Send at most %(most)d rows for %(measures)d measures, and the others in a further call.")
        return [said % {"most": MOST_CELLS // len(measures), "measures": len(measures)}]
    faults: list[str] = []
    for number, row in enumerate(rows):
        if not isinstance(row, Mapping):
            faults.append(_("rows[%(row)d]: send an object with a raw value per measure.") % {"row": number})
            continue
        for key, value in row.items():
            if fault := _value_fault(measures.get(key), value):
                faults.append(f"rows[{number}].{key[:60]}: {fault}")
        if len(faults) >= _MOST_FAULTS:
            break
    return faults[:_MOST_FAULTS]


def _value_fault(measure: Measure | None, value: Any) -> str:
    if measure is None:
        return _("this is no measure of the scorecard.")
    if value is None:
        return ""
    if measure.categories:
        codes = [code for code, _score in measure.categories]
        return "" if value in codes else _("write one of %(codes)s, or null.") % {"codes": ", ".join(codes)}
    number = isinstance(value, int | float) and not isinstance(value, bool)
    return "" if number and -_LARGEST <= value <= _LARGEST else _("write a number or null.")


def evaluate(card: Card, rows: Sequence[Row]) -> list[Evaluated]:
    """Score rows that `row_faults` accepts; a measure that a row does not name is missing."""
    measures = card.measures
    held = [[measure.raw(row.get(measure.key)) for measure in measures] for row in rows]
    raws = np.array(held, dtype=np.float64).reshape(len(rows), len(measures))
    scores = score_rows(card, raws)
    bounds = bound_rows(card, raws, scores)
    given = scores.contributions.tolist()
    found = []
    for i in range(len(rows)):
        low, high = (_points(end[i]) for end in (bounds.low, bounds.high))
        score = scores.score(i)
        found.append(
            Evaluated(
                score=None if score is None else float(score),
                band=scores.bands[i],
                coverage=float(scores.coverage[i]),
                low=low,
                high=high,
                uncertain=bool(bounds.uncertain[i]),
                contributions={} if score is None else dict(zip(card.keys, given[i], strict=True)),
                exceptions=0.0 if score is None else _points(scores.limited[i]),
            )
        )
    return found


def _points(units: Any) -> float:
    """Ten-thousandths, which may be negative, in points."""
    sign = -1 if units < 0 else 1
    return sign * float(units_to_score(abs(int(units))) or 0)
