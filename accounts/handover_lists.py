"""All hand-overs, who is late, and what goes back to sales."""

from typing import Any

from django.http import HttpResponseBase
from django.shortcuts import render
from django.utils.timezone import now
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from django.views.decorators.http import require_GET

from accounts.segment_choice import SegmentChoice, segment_choice
from accounts.selectors import visible_to
from accounts.selectors.handovers import Asked, FitLine, fit_threshold, handover_list, sales_report
from common.csvfile import csv_response
from operations.days import local_date
from tenants.permissions import Permission, TenantRequest, member_required

STATES: tuple[tuple[str, Any], ...] = (
    ("", gettext_lazy("All")),
    ("late", gettext_lazy("Late")),
    ("draft", pgettext_lazy("hand-over", "Draft")),
    ("returned", pgettext_lazy("hand-over", "Returned")),
    ("complete", pgettext_lazy("hand-over", "Complete")),
    ("accepted", pgettext_lazy("hand-over", "Accepted")),
)


def _asked(request: TenantRequest, choice: SegmentChoice) -> Asked:
    """What the address asks for; what it cannot mean is left out."""
    params = request.GET
    person = params.get("salesperson", "")
    return Asked(
        state=params.get("state", "") if params.get("state", "") in dict(STATES) else "",
        salesperson=int(person) if person.isascii() and person.isdigit() and len(person) < 19 else None,
        industry=params.get("industry", "").replace("\x00", "")[:80],
        profile=params.get("profile", "").replace("\x00", "")[:80],
        account_ids=choice.ids,
    )


@require_GET
@member_required(Permission.READ)
def handovers(request: TenantRequest) -> HttpResponseBase:
    """Every hand-over that the member may see: open ones first; late ones stand out."""
    choice = segment_choice(request)
    asked, today = _asked(request, choice), local_date(request.tenant.timezone, now())
    found = handover_list(member=request.member, asked=asked, today=today)
    params = request.GET.copy()
    params.pop("state", None)
    context = {
        "rows": [(one, one.late(today), one.missing if one.handover.is_open else []) for one in found],
        "asked": asked,
        "choice": choice,
        "states": STATES,
        "kept": params.urlencode(),
        "narrowed": [text for text in (asked.industry, asked.profile) if text] or asked.salesperson is not None,
        "threshold": fit_threshold(),
    }
    return render(request, "accounts/handovers.html", context)


@require_GET
@member_required(Permission.READ)
def sales(request: TenantRequest) -> HttpResponseBase:
    """Fit and kept promises by salesperson, industry and customer profile, each line opening to its hand-overs."""
    choice = segment_choice(request)
    report = sales_report(accounts=choice.narrowed(visible_to(request.member)))
    people: list[tuple[Any, Any, FitLine]] = [
        (line.key or _("nobody named"), line.key.pk if line.key else 0, line) for line in report.salespeople
    ]
    tables = [
        (_("By salesperson"), _("Handed over by"), "salesperson", people),
        (_("By industry"), _("Industry"), "industry", _worded(report.industries)),
        (_("By customer profile"), _("Customer profile"), "profile", _worded(report.profiles)),
    ]
    context = {"report": report, "tables": tables, "threshold": fit_threshold(), "choice": choice}
    return render(request, "accounts/handover_report.html", context)


def _worded(lines: list[FitLine]) -> list[tuple[str, str, FitLine]]:
    return [(line.key or _("none given"), line.key or "-", line) for line in lines]


@require_GET
@member_required(Permission.READ)
def sales_csv(request: TenantRequest) -> HttpResponseBase:
    """The report's lines as CSV."""
    report = sales_report(accounts=segment_choice(request).narrowed(visible_to(request.member)))
    head = [
        _("By"), _("Name"), _("Hand-overs"), _("Fit"), _("Below the threshold"), _("Promises"), _("Kept"),
        _("In plan"), _("Impossible"), _("Not judged yet"),
    ]  # fmt: skip
    groups = (
        (_("Handed over by"), report.salespeople),
        (_("Industry"), report.industries),
        (_("Customer profile"), report.profiles),
    )
    rows = (
        [name, str(line.key or ""), line.handovers, None if line.fit is None else round(line.fit, 4), line.poor,
         line.promises, line.kept, line.planned, line.impossible, line.unjudged]
        for name, lines in groups for line in lines
    )  # fmt: skip
    return csv_response("hand-overs", head, rows)
