"""Personal data: find one person, hand them a copy, erase them, let them in again. For admins."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.timezone import now
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from tenants.permissions import Permission, TenantRequest, member_required
from tenants.personal import Found, person_allow, person_erase, person_export, person_find
from tenants.personal.finding import sought
from tenants.selectors import erasure_list, turned_away_counts

admin_only = member_required(Permission.ADMINISTER)
LONGEST = 500


def _found(request: TenantRequest) -> tuple[str, Found | None]:
    """What was typed, and the person without those whom the admin took out. Sent as a form: an address in the URL would
    stand in logs."""
    text = " ".join(request.POST.get("q", "").replace("\x00", "").split())[:LONGEST]
    return text, person_find(**sought(text), left_out=request.POST.getlist("not")) if text else None


@admin_only
def personal_data(request: TenantRequest) -> HttpResponseBase:
    """Find a person: what is held where."""
    text, found = _found(request)
    return _page(request, text, found)


def _page(request: TenantRequest, text: str, found: Found | None, **more: Any) -> HttpResponse:
    left_out = found.person.left_out if found else frozenset()
    context = {
        "q": text, "found": found, "left_out": left_out, "erasures": erasure_list()[:50],
        "doors": turned_away_counts(), "confirm": "", "reason": request.POST.get("reason", ""),
    }  # fmt: skip
    response: HttpResponse = render(request, "tenants/personal.html", {**context, **more})
    response["Cache-Control"] = "no-store"
    return response


@require_POST
@admin_only
def personal_data_export(request: TenantRequest) -> HttpResponseBase:
    """A copy of everything for the person."""
    text, found = _found(request)
    if found is None or found.is_empty:
        return _page(request, text, found)
    response = HttpResponse(person_export(found=found, at=now(), by=request.member), content_type="application/zip")
    response["Content-Disposition"] = 'attachment; filename="personal-data.zip"'
    response["Cache-Control"] = "no-store"
    return response


@require_POST
@admin_only
def personal_data_erase(request: TenantRequest) -> HttpResponseBase:
    """Erase the person, once what was typed above is typed again and a reason is given."""
    text, found = _found(request)
    if found is None or found.is_empty:
        return _page(request, text, found)
    if request.POST.get("confirm", "").strip() != text:
        return _page(request, text, found, fault=_("Type exactly what you looked for, to confirm."))
    shown, act = set(request.POST.getlist("shown")), set(request.POST.getlist("act"))
    try:
        done = person_erase(
            tenant=request.tenant, person=found.person, reason=request.POST.get("reason", ""), at=now(),
            by=request.member, keep=shown - act, delete=act, also=act,
        )  # fmt: skip
    except ValidationError as error:
        return _page(request, text, found, fault=" ".join(error.messages), confirm=text)
    said = _("Erased: %(n)d rows in %(places)d places. In the audit trail they are %(reference)s.")
    counts = done.counts
    messages.success(
        request, said % {"n": sum(counts.values()), "places": len(counts), "reference": done.erasure.reference}
    )
    return redirect("personal_data", request.tenant.slug)


@require_POST
@admin_only
def personal_data_allow(request: TenantRequest) -> HttpResponseBase:
    """Let a person in again who was erased."""
    text = request.POST.get("q", "").strip()[:LONGEST]
    try:
        person_allow(reason=request.POST.get("reason", ""), at=now(), by=request.member, **sought(text))
    except ValidationError as error:
        return _page(request, "", None, allow=text, allow_fault=" ".join(error.messages))
    messages.success(request, _("They are let in again. Nothing that was erased comes back by itself."))
    return redirect("personal_data", request.tenant.slug)
