"""Writes scorecards and scores."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Any

import numpy as np
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from accounts.facts import fact_values, measurable_facts
from accounts.models import Account
from common.bulk import copy_rows, temporary_table
from common.reported import fold_fresh
from health.definition import STARTING_DOCUMENT, Document, check, document_keys
from health.models import Scorecard, ScorecardVersion, StaleScore
from health.scoring import Card, Floats, card_of, score_rows
from health.selectors import scorecard_get, version_latest, version_of_day
from operations.days import last_closable_day
from operations.selectors import closed_day, shown_day
from tenants.models import Member, Tenant
from tenants.scope import current_tenant_id
from tenants.services import audit_add

SCORE_COLUMNS = ("version_id", "score", "band", "coverage", "raws")
FRESH_COLUMNS = (
    "account_id bigint, day date, version_id bigint, score numeric(7,4), band text, coverage float8, raws float8[]"
)


def scorecard_start(*, at: datetime) -> ScorecardVersion:
    """The tenant's first scorecard, published; it counts for every day."""
    card = Scorecard.objects.create(name=_("Health"))
    return ScorecardVersion.objects.create(
        scorecard=card,
        number=1,
        definition=STARTING_DOCUMENT,
        measure_keys=document_keys(STARTING_DOCUMENT),
        effective_from=date.min,
        published_at=at,
        reason=_("The card every tenant starts with"),
    )


def scorecard_keep_draft(*, document: Document, by: Member, at: datetime) -> None:
    """Keep what the admin has typed, valid or not."""
    card = scorecard_get()
    card.draft, card.draft_by, card.draft_at = document, by, at
    card.save(update_fields=["draft", "draft_by", "draft_at"])


def scorecard_drop_draft(*, by: Member, at: datetime) -> None:
    """Throw the draft away."""
    card = scorecard_get()
    card.draft = card.draft_by = card.draft_at = None
    card.save(update_fields=["draft", "draft_by", "draft_at"])
    audit_add(actor=by, action="drop draft", target=card, at=at)


def scorecard_publish(
    *, document: Document, tenant: Tenant, by: Member | None, at: datetime, reason: str = "", label: str = ""
) -> ScorecardVersion:
    """Publish the next version. It counts from the last closed day on, which is scored again at once (what its night
    reported is kept). Raises ValidationError with every fault.

    An unchanged document publishes nothing and returns the present version.
    """
    if faults := check(document, known=set(measurable_facts())):
        raise ValidationError(faults)
    card = Scorecard.objects.select_for_update().get(pk=scorecard_get().pk)
    latest = version_latest()
    if document == latest.definition:
        return latest
    version = ScorecardVersion.objects.create(
        scorecard=card,
        number=latest.number + 1,
        definition=document,
        measure_keys=document_keys(document),
        effective_from=closed_day(tenant=tenant) or last_closable_day(tenant.timezone, tenant.night_hour, at),
        published_at=at,
        published_by=by,
        reason=reason[:300],
    )
    card.draft = card.draft_by = card.draft_at = None
    card.save(update_fields=["draft", "draft_by", "draft_at"])
    audit_add(
        actor=by, action="publish", target=version, at=at, changes={"reason": [None, reason]}, label=label or None
    )
    _score_shown_days(tenant)
    return version


def _score_shown_days(tenant: Tenant) -> None:
    """Score what the pages show again: the last closed day, and a provisional one after it."""
    closed, shown = closed_day(tenant=tenant), shown_day(tenant=tenant)
    if closed:
        scores_fill(days=[closed])
    if shown and shown.provisional:
        scores_fill(days=[shown.day], provisional=True)


def raws_of(*, card: Card, as_of: date, account_ids: Sequence[int], every: bool = False) -> Floats:
    """The raw values of the card's measures per account (n, m), NaN where missing. `every`: these are all accounts."""
    values = fact_values(keys=card.keys, as_of=as_of, account_ids=None if every else account_ids)
    columns = [list(map(values.get(key, {}).get, account_ids)) for key in card.keys]
    return np.array(columns, dtype=np.float64).reshape(len(card.keys), len(account_ids)).T


def scores_fill(
    *,
    days: Sequence[date],
    account_ids: Sequence[int] | None = None,
    closing: bool = False,
    provisional: bool = False,
) -> int:
    """Score accounts (all live ones by default) for the days, each under its own version; returns how many rows are
    new or different.

    `closing`: this is the nights' own report of the days.
    """
    every = account_ids is None
    if account_ids is None:
        account_ids = list(Account.objects.filter(archived_at=None).order_by("id").values_list("id", flat=True))
    if not account_ids or not days:
        return 0
    versions = ScorecardVersion.objects.order_by("-number")
    rows = (
        row
        for day in days
        for row in _score_rows(day, account_ids, version_of_day(day=day, versions=versions), every=every)
    )
    with temporary_table("fresh_score", FRESH_COLUMNS) as cursor:
        copy_rows(cursor, "fresh_score", rows)
        written = fold_fresh(
            cursor,
            table="health_score",
            kept_table="health_reportedscore",
            fresh="fresh_score",
            columns=SCORE_COLUMNS,
            days=(min(days), max(days)),
            closing=closing,
            provisional=provisional,
            tenant_id=current_tenant_id(),
        )
    return len(written)


def _score_rows(
    day: date, account_ids: Sequence[int], version: ScorecardVersion, *, every: bool
) -> Iterator[tuple[Any, ...]]:
    """A day's scores as rows of FRESH_COLUMNS."""
    card = card_of(version.definition)
    raws = raws_of(card=card, as_of=day, account_ids=account_ids, every=every)
    scores = score_rows(card, raws)
    for i, (account_id, raw) in enumerate(zip(account_ids, raws.tolist(), strict=True)):
        held = [None if value != value else value for value in raw]
        yield account_id, day, version.pk, scores.score(i), scores.bands[i], float(scores.coverage[i]), held


def scores_mark_stale(*, days: Mapping[date, Sequence[int]]) -> None:
    """Remember (day → accounts) whose inputs changed after they were scored."""
    StaleScore.objects.bulk_create(
        [StaleScore(account_id=account_id, day=day) for day, ids in days.items() for account_id in ids],
        batch_size=5000,
    )


def scores_refill_stale(*, until: date) -> int:
    """Score again what is marked stale up to a day, marks taken and scores written together."""
    by_day: dict[date, set[int]] = {}
    stale = StaleScore.objects.filter(day__lte=until)
    for mark in stale.values_list("day", "account_id"):
        by_day.setdefault(mark[0], set()).add(mark[1])
    stale.delete()
    return sum(scores_fill(days=days, account_ids=ids) for ids, days in _alike(by_day))


def _alike(by_day: dict[date, set[int]]) -> list[tuple[list[int], list[date]]]:
    """Days with the same accounts together, so that they are written together."""
    together: dict[tuple[int, ...], list[date]] = {}
    for day, ids in sorted(by_day.items()):
        together.setdefault(tuple(sorted(ids)), []).append(day)
    return [(list(ids), days) for ids, days in together.items()]
