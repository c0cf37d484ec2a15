"""The retention page: what a period kept and lost, each figure with its rows."""

from collections.abc import Sequence
from datetime import date
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.timezone import now
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from accounts.models import Account
from accounts.segment_choice import SegmentChoice, segment_choice
from accounts.selectors import ever_visible_to, sees_all
from common import formats
from common.csvfile import csv_response
from common.pieces import leads_to, piece
from operations.days import local_date
from renewals import words
from renewals.forms import RevenueSettingForm
from renewals.periods import Period, usual_periods
from renewals.retention import Kind, summed_of
from renewals.selectors import (
    BY,
    Frame,
    arr_rows,
    cohorts_get,
    customer_rows,
    frame_get,
    moved_rows,
    retention_get,
    steps_get,
)  # fmt: skip
from renewals.services import revenue_setting_set
from tenants.permissions import Permission, TenantRequest, member_required

SHOWN = 200


def _today(request: TenantRequest) -> date:
    return local_date(request.tenant.timezone, now())


def _date(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _period(request: TenantRequest) -> tuple[str, Period]:
    """The period asked for: one of the usual ones by its key, or two days; the last twelve months otherwise."""
    usual = usual_periods(_today(request))
    first, last = _date(request.GET.get("from", "")), _date(request.GET.get("to", ""))
    if first and last and first < last:
        return "", Period(first, last)
    asked = request.GET.get("period", "year")
    key = asked if asked in usual else "year"
    return key, usual[key]


def _ids(request: TenantRequest, choice: SegmentChoice) -> Sequence[int] | None:
    """Whose figures: the segment's, of the accounts that the reader may see, archived ones among them."""
    if sees_all(request.member):
        return choice.ids
    own = set(ever_visible_to(request.member).values_list("pk", flat=True))
    return sorted(own if choice.ids is None else own & set(choice.ids))


def _asked(request: TenantRequest) -> tuple[str, Period, SegmentChoice, str]:
    key, period = _period(request)
    choice, by = segment_choice(request), request.GET.get("by", "segment")
    return key, period, choice, by if by in BY else "segment"


def _query(period: Period, choice: SegmentChoice) -> str:
    return urlencode({"from": period.first.isoformat(), "to": period.last.isoformat()}) + choice.query


@require_GET
@member_required(Permission.READ)
def retention(request: TenantRequest) -> HttpResponseBase:
    """The bridge from opening to closing ARR, the rates, the contracts due, and the groups."""
    key, period, choice, by = _asked(request)
    ids = _ids(request, choice)
    found = retention_get(tenant=request.tenant, period=period, today=_today(request), account_ids=ids, by=by)
    query = _query(period, choice)
    context: dict[str, Any] = {
        "key": key,
        "period": period,
        "periods": [(one, words.PERIODS[one]) for one in usual_periods(_today(request))],
        "choice": choice,
        "query": query,
        "by": by,
        "kinds": [(one, way.label) for one, way in BY.items()],
        "found": found,
        "figures": words.figures(found),
        "rows": words.bridge_rows(found.bridge),
        "figure": words.bridge_figure(found.bridge, request.tenant.currency),
        "said": words.bridge_words(found.bridge, request.tenant.currency),
        "parts": [(name or _("none"), words.group_cells(bridge)) for name, bridge in found.groups],
        "due": words.due_rows(found.renewals),
        "lacks": _(", ").join(found.frame.lacks),
    }
    return render(request, "renewals/retention.html", context)


@require_GET
@member_required(Permission.READ)
def retention_csv(request: TenantRequest) -> HttpResponseBase:
    """The bridge and the groups as CSV, amounts in the tenant's currency."""
    _key, period, choice, by = _asked(request)
    ids = _ids(request, choice)
    found = retention_get(tenant=request.tenant, period=period, today=_today(request), account_ids=ids, by=by)
    head = [str(BY[by].label), *(str(label) for label in words.GROUP_HEADS.values()), _("GRR"), _("NRR")]
    rows = [
        [name, *words.group_amounts(bridge), words.decimal(bridge.grr), words.decimal(bridge.nrr)]
        for name, bridge in [(_("all"), found.bridge), *found.groups]
    ]
    return csv_response(f"retention-{period.first}-{period.last}", head, rows)


def _moved(request: TenantRequest) -> tuple[Kind | None, Period, SegmentChoice, Frame]:
    _key, period, choice, _by = _asked(request)
    asked = request.GET.get("kind", "")
    kind = Kind(asked) if asked in set(Kind) else None
    frame = frame_get(tenant=request.tenant, first=period.first, last=period.last, account_ids=_ids(request, choice))
    return kind, period, choice, frame


@require_GET
@member_required(Permission.READ)
def retention_rows(request: TenantRequest) -> HttpResponseBase:
    """The accounts behind a figure, the largest movement first, summing to it."""
    kind, period, choice, frame = _moved(request)
    rows = moved_rows(customer_rows(frame), kind)
    accounts = Account.objects.select_related("csm__user").in_bulk([pk for pk, _one, _kind in rows[:SHOWN]])
    context = {
        "kind": kind,
        "title": words.KINDS[kind] if kind else _("Every account"),
        "period": period,
        "choice": choice,
        "query": _query(period, choice),
        "rows": [(accounts[pk], words.moved_cells(one), words.KINDS[what]) for pk, one, what in rows[:SHOWN]],
        "count": len(rows),
        "left": max(len(rows) - SHOWN, 0),
        "total": words.moved_total([one for _pk, one, _kind in rows]),
    }
    return render(request, "renewals/retention_rows.html", context)


@require_GET
@member_required(Permission.READ)
def retention_rows_csv(request: TenantRequest) -> HttpResponseBase:
    """All the accounts behind a figure."""
    kind, period, _choice, frame = _moved(request)
    rows = moved_rows(customer_rows(frame), kind)
    accounts = Account.objects.in_bulk([pk for pk, _one, _kind in rows])
    head = [_("Account"), _("Id"), _("Movement"), *(str(label) for label in words.MOVED_HEADS)]
    lines = (
        [accounts[pk].name, accounts[pk].external_id, str(words.KINDS[what]), *words.moved_cells(one)]
        for pk, one, what in rows
    )
    return csv_response(f"retention-rows-{period.first}-{period.last}", head, lines)


@require_GET
@member_required(Permission.READ)
@piece(leads_to("retention_rows", carried=True))
def retention_lines(request: TenantRequest, pk: int) -> HttpResponseBase:
    """The contract lines behind one account's figures of a period."""
    account = get_object_or_404(ever_visible_to(request.member), pk=pk)
    _key, period = _period(request)
    frame = frame_get(tenant=request.tenant, first=period.first, last=period.last, account_ids=[account.pk])
    rows = [
        (row.line, *(words.money(cents) for cents in (row.opening, row.kept, row.closing))) for row in arr_rows(frame)
    ]
    return render(request, "renewals/retention_lines.html", {"rows": rows, "columns": words.MOVED_HEADS})


@require_GET
@member_required(Permission.READ)
@piece(leads_to("retention", carried=True))
def retention_rivals(request: TenantRequest) -> HttpResponseBase:
    """The other definitions in use, the difference from ours itemised by account."""
    _key, period, choice, _by = _asked(request)
    ids = _ids(request, choice)
    frame = frame_get(tenant=request.tenant, first=period.first, last=period.last, account_ids=ids)
    found = retention_get(tenant=request.tenant, period=period, today=_today(request), account_ids=ids)
    summed = summed_of(step for _day, step in steps_get(frame))
    rows = customer_rows(frame)
    apart = words.apart(rows, summed)
    names = dict(Account.objects.filter(pk__in=[pk for pk, _parts in apart]).values_list("id", "name"))
    context = {
        "rivals": words.rivals(found, summed),
        "kinds": words.rival_rows(found.bridge, summed),
        "apart": [(pk, names[pk], parts) for pk, parts in apart],
        "query": _query(period, choice),
    }
    return render(request, "renewals/retention_rivals.html", context)


@require_GET
@member_required(Permission.READ)
@piece(leads_to("retention", carried=True))
def retention_cohorts(request: TenantRequest) -> HttpResponseBase:
    """What is left of the customers who began in the same quarter: ARR or customers (`?of=logos`)."""
    choice = segment_choice(request)
    of = "logos" if request.GET.get("of") == "logos" else "arr"
    found = cohorts_get(tenant=request.tenant, today=_today(request), account_ids=_ids(request, choice))
    context = {
        "of": of,
        "rows": [words.cohort_row(cohort, of) for cohort in found],
        "ages": range(max((len(cohort.arr) for cohort in found), default=0)),
        "choice": choice,
    }
    return render(request, "renewals/retention_cohorts.html", context)


@require_POST
@member_required(Permission.MANAGE)
def revenue_settings(request: TenantRequest) -> HttpResponseBase:
    """The gross margin and the days of grace."""
    form = RevenueSettingForm(request.POST)
    if form.is_valid():
        revenue_setting_set(**form.cleaned_data, at=now(), by=request.member)
        messages.success(request, _("Saved. The figures follow it from now on."))
    else:
        faults = formats.sentences(
            formats.labelled(form.fields[name].label, text) for name, texts in form.errors.items() for text in texts
        )
        messages.error(request, _("Not saved. %(faults)s") % {"faults": faults})
    return redirect(reverse("retention", args=[request.tenant.slug]))
