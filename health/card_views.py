"""Which scorecards there are, whom they take, their versions: admins decide, everyone may look."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.timezone import now
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.selectors import sees_all
from common.formats import sentences
from health.differences import differences
from health.inputs import inputs_known
from health.models import Scorecard, ScorecardVersion
from health.preview import compare_versions
from health.selectors import card_archived, version_list
from health.services import (
    Publication,
    card_archive,
    card_create,
    card_move,
    card_restore,
    card_scope,
    second_admin_set,
    version_restore,
    version_withdraw,
)
from health.starters import starter_document, starters
from health.views import admin_only, card_get, published_words
from operations.selectors import shown_day
from tenants.permissions import Permission, TenantRequest, member_required


@require_http_methods(["GET", "POST"])
@admin_only
def card_new(request: TenantRequest) -> HttpResponseBase:
    """A further card, begun from a template or from a card there is."""
    name, chosen = request.POST.get("name", ""), request.POST.get("starter", "")
    faults: dict[str, Any] = {}
    if request.method == "POST":
        try:
            document = starter_document(chosen)
            card = card_create(name=name, document=document, by=request.member, at=now())
        except ValidationError as error:
            faults = error.message_dict
        else:
            messages.success(request, _("The scorecard is begun as a draft. It counts once it is published."))
            return redirect("scorecard_card", request.tenant.slug, card.pk)
    context = {"starters": starters(), "name": name, "chosen": chosen, "faults": faults}
    return render(request, "health/card_new.html", context, status=422 if faults else 200)


@require_POST
@admin_only
def card_scope_set(request: TenantRequest, pk: int) -> HttpResponseBase:
    """Which accounts the card takes."""
    card = card_get(pk)
    segment = request.POST.get("segment", "")
    try:
        changed = card_scope(
            card=card,
            name=request.POST.get("name", ""),
            segment=int(segment) if segment.isdecimal() and len(segment) < 19 else None,
            stages=request.POST.getlist("stages"),
            tenant=request.tenant,
            by=request.member,
            at=now(),
        )
    except ValidationError as error:
        messages.error(request, _("Not saved. %(faults)s") % {"faults": sentences(error.messages)})
    else:
        messages.success(
            request, _("Saved; the last closed day is scored again.") if changed else _("Nothing changed.")
        )
    return redirect("scorecard_card", request.tenant.slug, card.pk)


@require_POST
@admin_only
def card_move_to(request: TenantRequest, pk: int) -> HttpResponseBase:
    """Ask a card earlier or later."""
    card_move(card=card_get(pk), up=bool(request.POST.get("up")), tenant=request.tenant, by=request.member, at=now())
    return redirect("scorecard", request.tenant.slug)


@require_POST
@admin_only
def card_remove(request: TenantRequest, pk: int) -> HttpResponseBase:
    """Take a card out of use; it can be brought back."""
    card = card_get(pk)
    try:
        card_archive(card=card, tenant=request.tenant, by=request.member, at=now())
    except ValidationError as error:
        messages.error(request, sentences(error.messages))
        return redirect("scorecard_card", request.tenant.slug, card.pk)
    undo = f"undo:{reverse('scorecard_bring_back', args=[request.tenant.slug, pk])}"
    said = _("The scorecard “%(name)s” is out of use; its accounts go to the next card.") % {"name": card.name}
    messages.success(request, said, extra_tags=undo)
    return redirect("scorecard", request.tenant.slug)


@require_POST
@admin_only
def card_bring_back(request: TenantRequest, pk: int) -> HttpResponseBase:
    """Bring a card back that was taken out of use."""
    card = next((one for one in card_archived() if one.pk == pk), None)
    if card is None:
        raise Http404
    try:
        card_restore(card=card, tenant=request.tenant, by=request.member, at=now())
    except ValidationError as error:
        messages.error(request, sentences(error.messages))
    else:
        messages.success(request, _("The scorecard “%(name)s” is in use again.") % {"name": card.name})
    return redirect("scorecard", request.tenant.slug)


@require_POST
@admin_only
def second_admin(request: TenantRequest) -> HttpResponseBase:
    """Decide whether a version needs a second admin."""
    second_admin_set(wanted=bool(request.POST.get("second_admin")), by=request.member, at=now())
    messages.success(request, _("Saved."))
    return redirect("scorecard", request.tenant.slug)


def _version_get(card: Scorecard, text: str | int) -> ScorecardVersion:
    found = next((one for one in version_list(card) if str(one.number) == str(text)), None)
    if found is None:
        raise Http404
    return found


@require_POST
@admin_only
def version_back(request: TenantRequest, pk: int, number: int) -> HttpResponseBase:
    """Publish an earlier version again as the next one."""
    card = card_get(pk)
    version = _version_get(card, number)
    reason = request.POST.get("reason", "").replace("\x00", "").strip()
    reason = reason or _("Back to version %(number)d") % {"number": version.number}
    try:
        new = version_restore(version=version, publication=Publication(request.tenant, now(), reason, request.member))
    except ValidationError as error:
        messages.error(request, _("Not published. %(faults)s") % {"faults": sentences(error.messages)})
    else:
        messages.success(request, published_words(new))
    return redirect("scorecard_card", request.tenant.slug, card.pk)


@require_POST
@admin_only
def version_call_off(request: TenantRequest, pk: int, number: int) -> HttpResponseBase:
    """Call off a version whose first day has not come."""
    card = card_get(pk)
    try:
        version_withdraw(version=_version_get(card, number), tenant=request.tenant, by=request.member, at=now())
    except ValidationError as error:
        messages.error(request, sentences(error.messages))
    else:
        messages.success(request, _("Version %(number)d is called off.") % {"number": number})
    return redirect("scorecard_card", request.tenant.slug, card.pk)


@require_GET
@member_required(Permission.READ)
def versions_compare(request: TenantRequest, pk: int) -> HttpResponseBase:
    """Two versions of a card: what they say, and what the accounts that it takes get under each."""
    card = card_get(pk)
    versions = version_list(card)
    if not versions:
        raise Http404
    last = versions[1] if len(versions) > 1 else versions[0]
    old = _version_get(card, request.GET.get("old") or last.number)
    new = _version_get(card, request.GET.get("new") or versions[0].number)
    shown, facts = shown_day(tenant=request.tenant), inputs_known()
    found = compare_versions(before=old, after=new, as_of=shown.day) if shown and sees_all(request.member) else None
    context = {
        "card": card,
        "versions": versions,
        "old": old,
        "new": new,
        "lines": differences(old.definition, new.definition, facts),
        "preview": found,
        "facts": facts,
        "shown": shown,
        "changed": True,
    }
    return render(request, "health/compare.html", context)
