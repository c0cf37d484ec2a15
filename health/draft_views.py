"""A draft under its own link: what it changes, what it does, what is said of it, and a second admin's yes or no."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.timezone import now
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from accounts.selectors import sees_all
from common.formats import sentences
from health.differences import differences
from health.models import Draft
from health.selectors import draft_notes
from health.services import draft_approve, draft_mark, draft_note, draft_restore, draft_return
from health.views import admin_only, effect, published_words
from tenants.permissions import Permission, TenantRequest, is_allowed, member_required


def _draft(pk: int) -> Draft:
    people = ("created_by__user", "changed_by__user", "asked_by__user")
    found = Draft.objects.select_related("scorecard", "based_on", "published", *people).filter(pk=pk).first()
    if found is None or found.scorecard.archived_at is not None:
        raise Http404
    return found


@require_GET
@member_required(Permission.READ)
def draft_page(request: TenantRequest, pk: int) -> HttpResponseBase:
    """Everyone may read a draft and speak about it."""
    draft = _draft(pk)
    found = effect(request, draft.scorecard, draft.document)
    base = draft.based_on.definition if draft.based_on else None
    context = {
        **found,
        "draft": draft,
        "mark": draft_mark(draft),
        "card": draft.scorecard,
        "lines": [] if found["faults"] else differences(base, draft.document, found["facts"]),
        "begun": base is None,
        "notes": draft_notes(draft),
        "may_edit": is_allowed(request.member, Permission.ADMINISTER),
        "sees_all": sees_all(request.member),
        "may_approve": _may_approve(request, draft),
    }
    return render(request, "health/draft.html", context)


def _may_approve(request: TenantRequest, draft: Draft) -> bool:
    admin = is_allowed(request.member, Permission.ADMINISTER)
    return admin and draft.state == Draft.State.WAITING and draft.asked_by_id != request.member.pk


@require_POST
@member_required(Permission.WORK)
def draft_say(request: TenantRequest, pk: int) -> HttpResponseBase:
    """Say something of a draft."""
    draft = _draft(pk)
    try:
        draft_note(draft=draft, text=request.POST.get("text", ""), by=request.member, at=now())
    except ValidationError as error:
        messages.error(request, sentences(error.messages))
    return redirect("scorecard_draft", request.tenant.slug, pk)


@require_POST
@admin_only
def draft_decide(request: TenantRequest, pk: int) -> HttpResponseBase:
    """The second admin's yes or no."""
    draft = _draft(pk)
    try:
        if request.POST.get("yes"):
            version = draft_approve(
                draft=draft,
                tenant=request.tenant,
                by=request.member,
                at=now(),
                seen=request.POST.get("seen", ""),
            )
            messages.success(request, published_words(version))
            return redirect("scorecard_card", request.tenant.slug, draft.scorecard_id)
        draft_return(draft=draft, text=request.POST.get("text", ""), by=request.member, at=now())
        messages.success(request, _("The draft goes back with your note."))
    except ValidationError as error:
        messages.error(request, sentences(error.messages))
    return redirect("scorecard_draft", request.tenant.slug, pk)


@require_POST
@admin_only
def draft_take_up(request: TenantRequest, pk: int) -> HttpResponseBase:
    """Take up a draft again that was put away."""
    draft = _draft(pk)
    draft_restore(draft=draft, by=request.member, at=now())
    return redirect("scorecard_card", request.tenant.slug, draft.scorecard_id)
