"""Reads tickets and how well customers were served."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db import connection
from django.db.models import QuerySet

from accounts.facts import Values
from accounts.models import Account
from operations.days import day_bounds, first_instant, local_date
from service.models import Channel, Ticket
from service.quality import Case, Quality, quality
from tenants.models import Tenant
from tenants.scope import current_tenant_id

# Everything a day may know: what came after its end is not known yet.
_FACTS = """
SELECT account_id,
       count(*) FILTER (WHERE closed_at IS NULL OR closed_at >= %(end)s),
       count(*) FILTER (WHERE opened_at >= %(month)s),
       percentile_cont(0.5) WITHIN GROUP (ORDER BY extract(epoch FROM first_response_at - opened_at) / 60)
           FILTER (WHERE opened_at >= %(month)s AND first_response_at < %(end)s),
       count(*) FILTER (WHERE opened_at >= %(month)s AND closed_at < %(end)s)::float8
           / nullif(count(*) FILTER (WHERE opened_at >= %(month)s), 0),
       avg(satisfaction) FILTER (WHERE opened_at >= %(quarter)s AND closed_at < %(end)s)::float8
FROM service_ticket
WHERE tenant_id = %(tenant)s AND opened_at < %(end)s
  AND (closed_at IS NULL OR closed_at >= %(end)s OR opened_at >= %(quarter)s)
  AND (%(ids)s::bigint[] IS NULL OR account_id = ANY (%(ids)s::bigint[]))
GROUP BY account_id"""
_NAMES = ("tickets_open", "tickets_30", "first_response_30", "resolution_rate_30", "satisfaction_90")


def service_facts(as_of: date, account_ids: Sequence[int] | None) -> Mapping[str, Values]:
    """The service facts of accounts as of a day; who never asked has 0 tickets, once the tenant sends any."""
    tenant = Tenant.objects.get(pk=current_tenant_id())
    end = day_bounds(tenant.timezone, as_of)[1]
    since = {
        name: first_instant(tenant.timezone, as_of - timedelta(days=n - 1))
        for name, n in (("month", 30), ("quarter", 90))
    }
    ids = None if account_ids is None else list(account_ids)
    with connection.cursor() as cursor:
        cursor.execute(_FACTS, {"tenant": tenant.pk, "end": end, "ids": ids, **since})
        rows: list[tuple[Any, ...]] = cursor.fetchall()
    values: dict[str, dict[int, float | None]] = {name: {} for name in _NAMES}
    if Ticket.objects.filter(opened_at__lt=end).exists():
        accounts = Account.objects.filter(archived_at=None) if ids is None else Account.objects.filter(pk__in=ids)
        quiet = dict.fromkeys(accounts.values_list("pk", flat=True), 0.0)
        values["tickets_open"], values["tickets_30"] = dict(quiet), dict(quiet)
    for account, *figures in rows:
        for name, figure in zip(_NAMES, figures, strict=True):
            values[name][account] = figure
    return values


def tickets_of_account(*, account: Account, limit: int = 20) -> list[Ticket]:
    """The account's tickets: open ones first, then the latest."""
    found = Ticket.objects.filter(account=account).select_related("assignee__user")
    return list(found.order_by("-closed_at", "-opened_at")[:limit])


def _case(ticket: Ticket) -> Case:
    return Case(
        ticket.opened_at,
        ticket.first_response_at,
        ticket.closed_at,
        ticket.satisfaction,
        ticket.basic,
        ticket.deflected,
    )


@dataclass(frozen=True)
class Line:
    """The figures of one group of tickets: a week, a channel, a CSM."""

    key: Any
    quality: Quality


@dataclass(frozen=True)
class ServiceReport:
    """How well customers were served by tickets opened on the local days of [start, end)."""

    total: Quality
    weeks: list[Line]
    channels: list[Line]
    people: list[Line]
    accounts: list[Line]


def service_report(
    *, tickets: QuerySet[Ticket], zone: str, start: date, end: date, accounts_shown: int = 20,
    helped: Mapping[date, int] | None = None,
) -> ServiceReport:  # fmt: skip
    """The report of the tickets that the reader may see; weeks begin on Monday, also those without a ticket.

    `helped`: how many readers of the public help page were helped, by week; they are no account's, and count in all.
    """
    opened = (first_instant(zone, start), first_instant(zone, end))
    found = list(
        tickets.filter(opened_at__gte=opened[0], opened_at__lt=opened[1]).select_related("account", "assignee__user")
    )
    weeks = _grouped(found, lambda ticket: _monday(local_date(zone, ticket.opened_at)))
    every_week: dict[date, list[Ticket]] = {
        _monday(start) + timedelta(days=7 * n): [] for n in range((end - _monday(start)).days // 7 + 1)
    }
    asked_most = sorted(_lines(_grouped(found, lambda ticket: ticket.account)), key=lambda line: -line.quality.tickets)
    return ServiceReport(
        total=quality(map(_case, found), sum((helped or {}).values())),
        weeks=[
            Line(week, quality(map(_case, own), (helped or {}).get(week, 0)))
            for week, own in sorted({**every_week, **weeks}.items())
        ],
        channels=sorted(
            _lines(_grouped(found, lambda ticket: Channel(ticket.channel).label)),
            key=lambda line: -line.quality.tickets,
        ),
        people=sorted(_lines(_grouped(found, lambda ticket: ticket.assignee)), key=lambda line: -line.quality.tickets),
        accounts=asked_most[:accounts_shown],
    )


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())


def _grouped(tickets: Sequence[Ticket], key: Callable[[Ticket], Any]) -> dict[Any, list[Ticket]]:
    groups: dict[Any, list[Ticket]] = defaultdict(list)
    for ticket in tickets:
        groups[key(ticket)].append(ticket)
    return groups


def _lines(groups: Mapping[Any, Sequence[Ticket]]) -> list[Line]:
    return [Line(key, quality(map(_case, tickets))) for key, tickets in groups.items()]


def period(text: str | None, today: date) -> tuple[int, date, date]:
    """The asked number of days (30, 90 or 365; 90 unless asked) and its first and last-but-one day, today included."""
    days = int(text) if text in ("30", "90", "365") else 90
    return days, today - timedelta(days=days - 1), today + timedelta(days=1)


def latest_opening() -> datetime | None:
    """When the newest ticket was opened; None without any."""
    return Ticket.objects.order_by("-opened_at").values_list("opened_at", flat=True).first()
