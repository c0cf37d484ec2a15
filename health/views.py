"""The scorecard: read by everyone, drafted and published by admins."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.timezone import now
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from accounts.facts import measurable_facts
from health.definition import Document, check
from health.editor import document_from, rows_of
from health.preview import preview
from health.selectors import scorecard_get, version_latest, version_list
from health.services import scorecard_drop_draft, scorecard_keep_draft, scorecard_publish
from operations.selectors import shown_day
from tenants.permissions import Permission, TenantRequest, is_allowed, member_required

MOST_MOVED = 50
admin_only = member_required(Permission.ADMINISTER)


@require_GET
@member_required(Permission.READ)
def scorecard(request: TenantRequest) -> HttpResponseBase:
    """The published card; for admins the editor, which opens on the draft if there is one."""
    may_edit = is_allowed(request.member, Permission.ADMINISTER)
    latest = version_latest()
    card = scorecard_get()
    document = card.draft if may_edit and card.draft else latest.definition
    context = {**_page(request, document), "versions": version_list(), "card": card, "may_edit": may_edit}
    return render(request, "health/scorecard.html", context)


def _page(request: TenantRequest, document: Document) -> dict[str, Any]:
    facts = measurable_facts()
    latest = version_latest()
    used = {measure["key"] for group in document["groups"] for measure in group["measures"]}
    return {
        "latest": latest,
        "document": document,
        "card_groups": rows_of(document, facts),
        "addable": [fact for fact in facts.values() if fact.key not in used],
        "coverage": document["minimum_coverage"] * 100
        if isinstance(document["minimum_coverage"], int | float)
        else document["minimum_coverage"],
        **_effect(request, document, latest.definition),
    }


def _effect(request: TenantRequest, document: Document, published: Document) -> dict[str, Any]:
    """Faults of the document, or what it would do."""
    faults = check(document, known=set(measurable_facts()))
    shown = shown_day(tenant=request.tenant)
    changed = document != published
    found = preview(before=published, after=document, as_of=shown.day) if changed and shown and not faults else None
    return {
        "faults": faults,
        "changed": changed,
        "preview": found,
        "moved": found.moved[:MOST_MOVED] if found else [],
        "shown": shown,
    }


def _drafted(request: TenantRequest) -> Document:
    """The document in the editor's fields, kept as the draft."""
    base = scorecard_get().draft or version_latest().definition
    document = document_from(request.POST.dict(), base=base, facts=measurable_facts())
    scorecard_keep_draft(document=document, by=request.member, at=now())
    return document


@require_POST
@admin_only
def scorecard_preview(request: TenantRequest) -> HttpResponseBase:
    """Keep the draft and show its effect on every account (htmx), or the whole page where scripts are off."""
    document = _drafted(request)
    if not request.headers.get("HX-Request") or request.POST.get("add") or request.POST.get("remove"):
        response = (
            HttpResponse(status=204)
            if request.headers.get("HX-Request")
            else redirect("scorecard", request.tenant.slug)
        )
        response["HX-Refresh"] = "true"
        return response
    return render(request, "health/preview.html", _effect(request, document, version_latest().definition))


@require_POST
@admin_only
def scorecard_publish_page(request: TenantRequest) -> HttpResponseBase:
    """Publish what stands in the editor; refused with every fault, the draft kept."""
    document = _drafted(request)
    reason = request.POST.get("reason", "").replace("\x00", "").strip()[:300]
    try:
        version = scorecard_publish(
            document=document, by=request.member, at=now(), tenant=request.tenant, reason=reason
        )
    except ValidationError as error:
        messages.error(
            request, _("Not published; your draft is kept. %(faults)s") % {"faults": " ".join(error.messages)}
        )
    else:
        messages.success(
            request,
            _("Version %(number)d is published and every account is scored with it.") % {"number": version.number},
        )
    return redirect("scorecard", request.tenant.slug)


@require_POST
@admin_only
def scorecard_discard(request: TenantRequest) -> HttpResponseBase:
    """Throw the draft away."""
    scorecard_drop_draft(by=request.member, at=now())
    messages.success(request, _("The draft is discarded; the published scorecard counts."))
    return redirect("scorecard", request.tenant.slug)
