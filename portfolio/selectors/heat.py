"""The heat map: accounts × measures of one scorecard, by sub-score. The number of queries does not grow with either."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
from django.db.models import Count, Prefetch, QuerySet

from accounts.facts import Fact
from accounts.models import Account
from health.card import Card, card_of
from health.certainty import flag_words, matrix_of, spans
from health.inputs import facts_of
from health.models import Override, Score, ScorecardVersion
from health.overrides import Banded, overrides_standing
from health.scoring import Floats, subscore
from tenants.models import Member

PAGE = 100
NONE = float("nan")


@dataclass(frozen=True)
class HeatRow(Banded):
    """An account with the 0…100 and the raw value of each measure, None where missing (or unknown to its version).
    `unsure`: what marks a band that missing measures could change.
    """

    account: Account
    score: float | None
    band: str
    cells: Sequence[tuple[float | None, float | str | None]]
    override: Override | None = None
    unsure: str = ""


@dataclass(frozen=True)
class Heat:
    """A page of the map. `card` None: no account has a score under the scorecard. `more`: whether there is another
    page; `accounts`: on all pages.
    """

    card: Card | None
    facts: dict[str, Fact]
    rows: list[HeatRow]
    accounts: int
    more: bool


def scored_count(*, day: date) -> dict[int, int]:
    """How many accounts each scorecard scored on a day."""
    counted = Score.objects.filter(day=day).values("version__scorecard_id").annotate(n=Count("pk"))
    return dict(counted.values_list("version__scorecard_id", "n"))


def heat_get(
    *, accounts: QuerySet[Account], day: date, scorecard_id: int, order: str, page: int, size: int = PAGE
) -> Heat:
    """A page of the accounts that a scorecard scored on a day, in `order`: "score" or a measure's key, "-" for the
    highest first; what has no value comes last whichever way.
    """
    found = Score.objects.filter(day=day, account__in=accounts, version__scorecard_id=scorecard_id)
    columns = ("account_id", "version_id", "score", "band", "raws")
    stored: list[Any] = list(found.order_by("account_id").values_list(*columns))
    versions = ScorecardVersion.objects.in_bulk({row[1] for row in stored})
    if not versions:
        return Heat(None, {}, [], 0, more=False)
    card = card_of(max(versions.values(), key=lambda one: one.number).definition)
    cards = {pk: card_of(version.definition) for pk, version in versions.items()}
    raws = [_as_under(card, cards[row[1]], row[4]) for row in stored]
    cells = _subscores(card, raws)
    keys = _sort_column(card, cells, stored, order.removeprefix("-"))
    places = sorted(range(len(stored)), key=lambda i: _rank(keys[i], stored[i][0], down=order.startswith("-")))
    shown = places[(page - 1) * size : page * size]
    flags = _flags([stored[i] for i in shown], cards)
    rows = _rows(card, [(stored[i], raws[i], cells[i].tolist()) for i in shown], day, flags)
    return Heat(card, facts_of(card.keys), rows, len(stored), more=page * size < len(stored))


def _as_under(card: Card, old: Card, raws: Sequence[float | None]) -> list[float | None]:
    """Stored raw values in the order of the card shown; what its version did not measure is missing."""
    if old is card or old.keys == card.keys:
        return list(raws)
    held = {m.key: m.value(raw) for m, raw in zip(old.measures, raws, strict=True)}
    return [measure.raw(held.get(measure.key)) for measure in card.measures]


def _subscores(card: Card, raws: Sequence[Sequence[float | None]]) -> Floats:
    """The 0…100 of every value; missing ones have none, even where a fixed value counts for them."""
    matrix = np.array(raws, dtype=np.float64).reshape(len(raws), len(card.measures))
    columns = [subscore(measure, matrix[:, place]) for place, measure in enumerate(card.measures)]
    found: Floats = np.where(np.isnan(matrix), np.nan, np.column_stack(columns))
    return found


def _sort_column(card: Card, cells: Floats, stored: Sequence[Any], key: str) -> list[float]:
    if key in card.keys:
        column: list[float] = cells[:, card.keys.index(key)].tolist()
        return column
    return [NONE if row[2] is None else float(row[2]) for row in stored]


def _rank(value: float, pk: int, *, down: bool) -> tuple[bool, float, int]:
    missing = value != value
    return missing, 0.0 if missing else -value if down else value, pk


def _flags(stored: Sequence[Any], cards: Mapping[int, Card]) -> dict[int, str]:
    """The marks of uncertain bands by account, each under its own version."""
    found: dict[int, str] = {}
    for pk, card in cards.items():
        own = [row for row in stored if row[1] == pk and None in row[4]]
        if own:
            marks = map(flag_words, spans(card, matrix_of([row[4] for row in own])))
            found.update(zip((row[0] for row in own), marks, strict=True))
    return found


def _rows(
    card: Card,
    shown: Sequence[tuple[Any, Sequence[float | None], list[float]]],
    day: date,
    flags: Mapping[int, str],
) -> list[HeatRow]:
    ids = [stored[0] for stored, _raws, _cells in shown]
    csm = Prefetch("csm", Member.objects.select_related("user"))
    accounts = {one.pk: one for one in Account.objects.filter(pk__in=ids).prefetch_related(csm)}
    overrides = overrides_standing(day=day, account_ids=ids)
    rows = []
    for (pk, _version, score, band, _held), raws, cells in shown:
        values = [m.value(raw) for m, raw in zip(card.measures, raws, strict=True)]
        scores = [None if cell != cell else cell for cell in cells]
        number = None if score is None else float(score)
        measured = list(zip(scores, values, strict=True))
        rows.append(HeatRow(accounts[pk], number, band, measured, overrides.get(pk), flags.get(pk, "")))
    return rows
