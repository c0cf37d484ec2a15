"""How well customers are served: the report over all accounts, and an account's tickets."""

import csv
from typing import Any

from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.utils.timezone import now
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from accounts.pieces import account_piece
from accounts.selectors import visible_to
from common.formats import rounded
from operations.days import local_date
from service.models import Ticket
from service.quality import Quality
from service.selectors import ServiceReport, period, service_report, tickets_of_account
from service.selectors.help import helped_by_week
from tenants.permissions import Permission, TenantRequest, member_required


def _report(request: TenantRequest) -> tuple[int, ServiceReport]:
    zone = request.tenant.timezone
    days, start, end = period(request.GET.get("days"), local_date(zone, now()))
    tickets = Ticket.objects.filter(account__in=visible_to(request.member))
    helped = helped_by_week(start=start, end=end)
    return days, service_report(tickets=tickets, zone=zone, start=start, end=end, helped=helped)


@require_GET
@member_required(Permission.READ)
def service(request: TenantRequest) -> HttpResponseBase:
    """Answers, handling, resolution and satisfaction: in all, by week, channel, CSM and account."""
    days, report = _report(request)
    context: dict[str, Any] = {
        "days": days,
        "choices": (30, 90, 365),
        "report": report,
        "tables": (
            (_("By channel"), _("Channel"), report.channels, "channel"),
            (_("By person"), _("Served by"), report.people, "person"),
            (_("Accounts that asked most"), _("Account"), report.accounts, "account"),
        ),
        "week_counts": [line.quality.tickets for line in report.weeks],
        "deflected": [line.quality.deflected_share for line in report.weeks],
    }
    return render(request, "service/service.html", context)


@require_GET
@member_required(Permission.READ)
def service_csv(request: TenantRequest) -> HttpResponseBase:
    """The weeks as CSV."""
    _days, report = _report(request)
    response = HttpResponse(content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="service.csv"'
    response.write("\ufeff")
    writer = csv.writer(response)
    writer.writerow(["week", *Quality.__dataclass_fields__])
    for line in report.weeks:
        writer.writerow(
            [line.key.isoformat(), *(_plain(getattr(line.quality, name)) for name in Quality.__dataclass_fields__)]
        )
    return response


def _plain(value: float | None) -> Any:
    return "" if value is None else value if isinstance(value, int) else rounded(value, 4)


@require_GET
@member_required(Permission.READ)
@account_piece
def account_tickets(request: TenantRequest, pk: int) -> HttpResponseBase:
    """An account's tickets, as a part of its page."""
    account = get_object_or_404(visible_to(request.member), pk=pk)
    days, start, end = period("90", local_date(request.tenant.timezone, now()))
    own = Ticket.objects.filter(account=account)
    report = service_report(tickets=own, zone=request.tenant.timezone, start=start, end=end)
    context = {
        "account": account,
        "tickets": tickets_of_account(account=account),
        "quality": report.total,
        "days": days,
    }
    return render(request, "service/account_tickets.html", context)
