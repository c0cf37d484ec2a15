"""Writes scores: of all accounts on a day, and again of those whose inputs changed."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from accounts.facts import known_facts
from accounts.models import Account
from common.bulk import copy_rows, temporary_table
from common.reported import fold_fresh
from health.bounds import uncertain_rows
from health.card import card_of
from health.inputs import raws_from, values_read
from health.models import Score, ScorecardVersion, StaleScore
from health.routing import Assigned, versions_of_accounts
from health.scoring import score_rows
from operations.selectors import closed_day, shown_day
from tenants.models import Tenant
from tenants.scope import current_tenant_id

SCORE_COLUMNS = ("version_id", "score", "band", "coverage", "raws")
FRESH_COLUMNS = (
    "account_id bigint, day date, version_id bigint, score numeric(7,4), band text, coverage float8, raws float8[],"
    " uncertain boolean"
)


def shown_days_score(tenant: Tenant) -> None:
    """Score what the pages show again: the last closed day, and a provisional one after it."""
    closed, shown = closed_day(tenant=tenant), shown_day(tenant=tenant)
    if closed:
        scores_fill(days=[closed])
    if shown and shown.provisional:
        scores_fill(days=[shown.day], provisional=True)


def scores_fill(
    *,
    days: Sequence[date],
    account_ids: Sequence[int] | None = None,
    closing: bool = False,
    provisional: bool = False,
    again: bool = False,
) -> int:
    """Score accounts (all live ones by default) for the days, each under the card that applies to it and that card's
    version of the day; returns how many rows are new or different.

    `closing`: this is the nights' own report of the days. `again`: days that were scored before keep each account's
    card, since which one applies may have been decided anew after them.
    """
    asked = account_ids
    if account_ids is None:
        account_ids = list(Account.objects.filter(archived_at=None).order_by("id").values_list("id", flat=True))
    if not account_ids or not days:
        return 0
    rows = (
        row
        for day in days
        for row in _day_rows(day, versions_of_accounts(day=day, account_ids=account_ids, kept=again), asked)
    )
    with temporary_table("fresh_score", FRESH_COLUMNS) as cursor:
        copy_rows(cursor, "fresh_score", rows)
        written = fold_fresh(
            cursor,
            table="health_score",
            kept_table="health_reportedscore",
            fresh="fresh_score",
            columns=SCORE_COLUMNS,
            beside=("uncertain",),
            days=(min(days), max(days)),
            closing=closing,
            provisional=provisional,
            tenant_id=current_tenant_id(),
        )
    return len(written)


def _day_rows(day: date, assigned: Sequence[Assigned], asked: Sequence[int] | None) -> Iterator[tuple[Any, ...]]:
    """A day's scores, each account's under its version, as rows of FRESH_COLUMNS. `asked`: of which accounts, None for
    all; what the cards rest on is read once.
    """
    cards = [card_of(version.definition) for version, _ids in assigned]
    values = values_read(cards=cards, as_of=day, account_ids=asked)
    for card, (version, ids) in zip(cards, assigned, strict=True):
        raws = raws_from(values, card, ids)
        scores = score_rows(card, raws)
        unsure = uncertain_rows(card, raws, scores).tolist()
        for i, (account_id, raw) in enumerate(zip(ids, raws.tolist(), strict=True)):
            held = [None if value != value else value for value in raw]
            found = version.pk, scores.score(i), scores.bands[i], float(scores.coverage[i]), held, unsure[i]
            yield account_id, day, *found


def scores_mark_stale(*, days: Mapping[date, Sequence[int]]) -> None:
    """Remember (day → accounts) whose inputs changed after they were scored; and of the days after them those that rest
    on them, where a card measures what looks back.
    """
    reach = _reach() if days else 0
    last = Score.objects.order_by("-day").values_list("day", flat=True).first() if reach else None
    if last is not None:
        days = _reached(days, reach, last)
    StaleScore.objects.bulk_create(
        [StaleScore(account_id=account_id, day=day) for day, ids in days.items() for account_id in ids],
        batch_size=5000,
    )


def _reach() -> int:
    """How many days back the tenant's cards look at stored figures."""
    keys = {key for held in ScorecardVersion.objects.values_list("measure_keys", flat=True) for key in held}
    return max((fact.reach for key, fact in known_facts().items() if key in keys), default=0)


def _reached(days: Mapping[date, Sequence[int]], reach: int, last: date) -> dict[date, list[int]]:
    """The days with their accounts, and the `reach` days after each of them, up to the last one with scores."""
    found: dict[date, set[int]] = {day: set(ids) for day, ids in days.items()}
    for day, ids in days.items():
        for number in range(1, min(reach, (last - day).days) + 1):
            found.setdefault(day + timedelta(days=number), set()).update(ids)
    return {day: sorted(ids) for day, ids in found.items()}


def scores_refill_stale(*, until: date) -> int:
    """Score again what is marked stale up to a day, marks taken and scores written together."""
    by_day: dict[date, set[int]] = {}
    stale = StaleScore.objects.filter(day__lte=until)
    for mark in stale.values_list("day", "account_id"):
        by_day.setdefault(mark[0], set()).add(mark[1])
    stale.delete()
    return sum(scores_fill(days=days, account_ids=ids, again=True) for ids, days in _alike(by_day))


def _alike(by_day: dict[date, set[int]]) -> list[tuple[list[int], list[date]]]:
    """Days with the same accounts together, so that they are written together."""
    together: dict[tuple[int, ...], list[date]] = {}
    for day, ids in sorted(by_day.items()):
        together.setdefault(tuple(sorted(ids)), []).append(day)
    return [(list(ids), days) for ids, days in together.items()]
