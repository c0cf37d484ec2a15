"""How sure stored scores are: between which scores the truth must lie, derived again from their version and inputs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

import numpy as np
from django.utils.translation import gettext as _

from common import formats
from common.rounding import whole
from health.bounds import bound_rows
from health.card import Card, card_of
from health.models import ScoreColumns
from health.scoring import Floats, score_rows, units_to_score


@dataclass(frozen=True)
class Span:
    """The lowest and the highest score that the missing measures could still make, four decimals; `uncertain`: one of
    them lies in another band. Without missing measures both are the score.
    """

    low: Decimal
    high: Decimal
    uncertain: bool

    @property
    def open(self) -> bool:
        """Whether pages show two different numbers."""
        return whole(self.low) != whole(self.high)


def spans_of(scores: Sequence[ScoreColumns]) -> list[Span]:
    """The spans of stored scores, in their order: one pass of arithmetic per version, no query where versions are
    fetched.
    """
    places: dict[int, list[int]] = {}
    for place, score in enumerate(scores):
        places.setdefault(score.version_id, []).append(place)
    found: dict[int, Span] = {}
    for held in places.values():
        card = card_of(scores[held[0]].version.definition)
        raws = matrix_of([scores[place].raws for place in held])
        found.update(zip(held, spans(card, raws), strict=True))
    return [found[place] for place in range(len(scores))]


def matrix_of(rows: Sequence[Sequence[float | None]]) -> Floats:
    """Stored raw values as the arithmetic takes them: NaN where missing."""
    return np.array([[np.nan if raw is None else raw for raw in row] for row in rows], dtype=np.float64)


def spans(card: Card, raws: Floats) -> list[Span]:
    """The spans of rows of raw values under a card."""
    bounds = bound_rows(card, raws, score_rows(card, raws))
    ends = zip(bounds.low.tolist(), bounds.high.tolist(), bounds.uncertain.tolist(), strict=True)
    return [Span(_score(low), _score(high), unsure) for low, high, unsure in ends]


def _score(units: int) -> Decimal:
    return units_to_score(units) or Decimal(0)


def between_words(span: Span) -> str:
    """The whole scores between which the truth must lie, as part of a sentence."""
    return _("between %(low)s and %(high)s") % {"low": formats.number(span.low), "high": formats.number(span.high)}


def flag_words(span: Span | None) -> str:
    """What marks the band of an uncertain score; nothing for a certain one."""
    if span is None or not span.uncertain:
        return ""
    return _("%(low)s–%(high)s possible") % {"low": formats.number(span.low), "high": formats.number(span.high)}


def flags_of(scores: Mapping[int, ScoreColumns]) -> dict[int, str]:
    """What marks the bands of scores by account, for those that are uncertain."""
    gaps = {pk: score for pk, score in scores.items() if score.uncertain is not False and None in score.raws}
    found = zip(gaps, spans_of(list(gaps.values())), strict=True)
    return {pk: flag_words(span) for pk, span in found if span.uncertain}
