"""What the linter holds a card against: raw values of the last 90 closed days, and of before past outcomes."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

import numpy as np
from django.db import connection

from accounts.models import Account, ContractLine
from accounts.segments.definition import DefinitionFault
from accounts.selectors.segments import segment_account_ids
from health.card import Card, card_of
from health.definition import Document
from health.inputs import raws_of
from health.linter import FAULT, HINT, WARNING, Finding, Sample, lint
from health.models import LintReport, Scorecard, ScorecardVersion
from health.preview import accounts_taken
from health.scoring import Floats
from health.selectors import versions_standing
from tenants.models import Tenant
from tenants.scope import current_tenant_id

LOOK_BACK = 90
WEEKLY = tuple(range(7, LOOK_BACK + 1, 7))  # days before the last one at which a full look asks again
QUICK = (LOOK_BACK // 2, LOOK_BACK)  # and a draft's, which somebody waits for
MOST_ROWS = 4000  # accounts of an earlier day: enough to see what values there are
BEFORE = 90
OUTCOME_DAYS = 730

_BEFORE_SQL = """SELECT s.version_id, s.raws, l.outcome <> %(lost)s
FROM accounts_contractline l
JOIN accounts_contract c ON c.tenant_id = l.tenant_id AND c.id = l.contract_id
JOIN health_score s ON s.tenant_id = l.tenant_id AND s.account_id = c.account_id
    AND s.day = LEAST(l."end", l.outcome_date) - %(before)s
WHERE l.tenant_id = %(tenant)s AND l.outcome <> '' AND NOT l.one_off
AND l.outcome_date BETWEEN %(since)s AND %(day)s ORDER BY s.day, s.account_id"""


def lint_of(*, card: Scorecard, document: Document, as_of: date, full: bool = False) -> list[Finding]:
    """Everything that is odd about a valid document of a card on a closed day's data, and about whom the card takes,
    the worst first. `full`: every week of the last 90 days is looked at, else three days of them.
    """
    pure, ids = card_of(document), accounts_taken(card, as_of)
    found = [*_scope(card, ids, as_of), *lint(pure, sample_of(pure, ids, as_of, WEEKLY if full else QUICK))]
    order = (FAULT, WARNING, HINT)
    return sorted(found, key=lambda one: order.index(one.severity))


def sample_of(card: Card, account_ids: Sequence[int], as_of: date, ago: Sequence[int]) -> Sample:
    """The raw values of the accounts on a day and some days before, and of all customers before their outcomes."""
    last = raws_of(card=card, as_of=as_of, account_ids=account_ids)
    some = account_ids[:: max(1, -(-len(account_ids) // MOST_ROWS))]
    earlier = [raws_of(card=card, as_of=as_of - timedelta(days=days), account_ids=some) for days in ago]
    before, stayed = _before_outcomes(card, as_of)
    return Sample(rows=np.vstack([last, *earlier]), last=last, before=before, stayed=stayed)


def _before_outcomes(card: Card, as_of: date) -> tuple[Floats, list[bool]]:
    """The stored raw values 90 days before each decided renewal or loss, by the card's keys."""
    since = as_of - timedelta(days=OUTCOME_DAYS)
    params: dict[str, Any] = {"tenant": current_tenant_id(), "lost": str(ContractLine.Outcome.LOST)}
    params |= {"before": BEFORE, "day": as_of, "since": since}
    with connection.cursor() as cursor:
        cursor.execute(_BEFORE_SQL, params)
        rows = cursor.fetchall()
    cards = {
        pk: card_of(version.definition)
        for pk, version in ScorecardVersion.objects.in_bulk({row[0] for row in rows}).items()
    }
    found = [_as_under(card, cards[version], raws) for version, raws, _stayed in rows]
    return np.array(found, dtype=np.float64).reshape(len(rows), len(card.measures)), [row[2] for row in rows]


def _as_under(card: Card, old: Card, raws: Sequence[float | None]) -> list[float | None]:
    held = {m.key: m.value(raw) for m, raw in zip(old.measures, raws, strict=True)}
    return [measure.raw(held.get(measure.key)) for measure in card.measures]


def _scope(card: Scorecard, account_ids: Sequence[int], day: date) -> list[Finding]:
    """What is odd about whom a card takes."""
    if card.segment is not None and not _readable(card, day):
        return [Finding("segment_unreadable", FAULT, (), {"segment": str(card.segment)})]
    if not versions_standing(card).filter(effective_from__lte=day).exists():
        return [Finding("default_missing", FAULT) if card.is_default else Finding("not_published", HINT)]
    if not account_ids and Account.objects.filter(archived_at=None).exists() and not card.is_default:
        return [Finding("takes_nobody", WARNING)]
    return []


def _readable(card: Scorecard, day: date) -> bool:
    zone = Tenant.objects.get(pk=current_tenant_id()).timezone
    try:
        segment_account_ids(segment=card.segment, day=day, zone=zone)
    except DefinitionFault:
        return False
    return True


def lint_reports() -> dict[int, LintReport]:
    """What the last weekly look found, by card."""
    return {report.scorecard_id: report for report in LintReport.objects.select_related("version")}
