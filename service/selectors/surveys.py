"""Reads what customers answered."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db import connection
from django.db.models import QuerySet

from accounts.facts import Values
from accounts.models import Account
from operations.days import day_bounds, first_instant, local_date
from service.models import SurveyAnswer, SurveyInvite
from service.surveys import Result, result, window_of
from tenants.models import Tenant
from tenants.scope import current_tenant_id

SPAN = 90


@dataclass(frozen=True)
class Answered:
    """The answers of a span with what they come to: in all and by window, newest first. `asked`: links sent in it."""

    answers: list[SurveyAnswer]
    total: Result
    windows: list[tuple[str, Result]]
    asked: int
    by_link: int


def answers_of(*, accounts: QuerySet[Account], zone: str, start: date, end: date) -> Answered:
    """Answers of the local days [start, end) at these accounts."""
    period = {"gte": first_instant(zone, start), "lt": first_instant(zone, end)}
    found = SurveyAnswer.objects.filter(
        account__in=accounts, answered_at__gte=period["gte"], answered_at__lt=period["lt"]
    ).select_related("account", "contact")
    rows = list(found.order_by("-answered_at", "-id"))
    by_quarter: dict[str, list[tuple[str, int]]] = {}
    for row in rows:
        quarter = window_of("nps", local_date(zone, row.answered_at))
        by_quarter.setdefault(quarter, []).append((row.kind, row.score))
    asked = SurveyInvite.objects.filter(
        account__in=accounts, created_at__gte=period["gte"], created_at__lt=period["lt"]
    ).count()
    return Answered(
        answers=rows,
        total=result((row.kind, row.score) for row in rows),
        windows=[(name, result(scores)) for name, scores in by_quarter.items()],
        asked=asked,
        by_link=sum(row.source == SurveyAnswer.Source.LINK for row in rows),
    )


def answers_of_account(*, account: Account, limit: int = 10) -> list[SurveyAnswer]:
    """The latest answers of an account."""
    found = SurveyAnswer.objects.filter(account=account).select_related("contact")
    return list(found.order_by("-answered_at", "-id")[:limit])


_FACTS_SQL = """SELECT account_id,
    100.0 * (count(*) FILTER (WHERE kind = 'nps' AND score >= 9) - count(*) FILTER (WHERE kind = 'nps' AND score <= 6))
        / nullif(count(*) FILTER (WHERE kind = 'nps'), 0),
    avg(score) FILTER (WHERE kind = 'csat')
FROM service_surveyanswer WHERE tenant_id = %(tenant)s AND answered_at >= %(start)s AND answered_at < %(end)s
    AND (%(ids)s::bigint[] IS NULL OR account_id = ANY(%(ids)s::bigint[])) GROUP BY 1"""


def survey_facts(as_of: date, account_ids: Sequence[int] | None) -> Mapping[str, Values]:
    """NPS and mean CSAT of the 90 local days that end on the day, by account; left out without an answer."""
    tenant = Tenant.objects.get(pk=current_tenant_id())
    params: dict[str, Any] = {
        "tenant": tenant.pk,
        "start": first_instant(tenant.timezone, as_of - timedelta(days=SPAN - 1)),
        "end": day_bounds(tenant.timezone, as_of)[1],
        "ids": None if account_ids is None else list(account_ids),
    }
    with connection.cursor() as cursor:
        cursor.execute(_FACTS_SQL, params)
        rows: list[tuple[int, Any, Any]] = cursor.fetchall()
    return {
        "nps_90": {pk: float(nps) for pk, nps, _csat in rows if nps is not None},
        "csat_90": {pk: float(csat) for pk, _nps, csat in rows if csat is not None},
    }
