"""The scorecards: read by everyone, drafted and published by admins."""

from datetime import date
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.timezone import now
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from accounts.models import LifecycleStage
from accounts.selectors import sees_all
from accounts.selectors.segments import segment_list
from common import formats
from health.definition import Document, check, check_kinds, group_words
from health.differences import exception_words
from health.editor import document_from, exception_rows, rows_of
from health.inputs import inputs_known
from health.lint_data import lint_reports
from health.lint_views import lint_counts, lint_told
from health.models import Band, Draft, Scorecard
from health.preview import preview
from health.routing import cards_counted, scope_words
from health.selectors import card_archived, card_list, draft_list, draft_of, version_list, versions_standing
from health.services import (
    Publication,
    document_of,
    draft_drop,
    draft_keep,
    draft_open,
    draft_publish,
    setting_get,
)
from operations.selectors import shown_day
from tenants.permissions import Permission, TenantRequest, is_allowed, member_required

admin_only = member_required(Permission.ADMINISTER)


def card_get(pk: int) -> Scorecard:
    """A card in use; 404 else."""
    found = next((card for card in card_list() if card.pk == pk), None)
    if found is None:
        raise Http404
    return found


@require_GET
@member_required(Permission.READ)
def scorecard(request: TenantRequest) -> HttpResponseBase:
    """The cards in their order; where there is only one, that one."""
    cards = card_list()
    archived = card_archived()
    if len(cards) == 1 and not archived:
        return _card_page(request, cards[0])
    shown = shown_day(tenant=request.tenant)
    counted = cards_counted(day=shown.day) if shown else {}
    reports = lint_reports()
    rows = [
        (
            card,
            scope_words(card),
            counted.get(card.pk),
            versions_standing(card).first(),
            draft_list(card),
            report,
            lint_counts(report),
        )
        for card, report in ((card, reports.get(card.pk)) for card in cards)
    ]
    context = {
        "rows": rows,
        "archived": archived,
        "may_edit": is_allowed(request.member, Permission.ADMINISTER),
        "second_admin": setting_get().second_admin,
        "shown": shown,
    }
    return render(request, "health/scorecards.html", context)


@require_GET
@member_required(Permission.READ)
def scorecard_card(request: TenantRequest, pk: int) -> HttpResponseBase:
    """A card's published version; for admins the editor, which opens on a draft if there is one."""
    return _card_page(request, card_get(pk))


def _card_page(request: TenantRequest, card: Scorecard) -> HttpResponseBase:
    may_edit = is_allowed(request.member, Permission.ADMINISTER)
    drafts = draft_list(card)
    draft = draft_of(drafts, request.GET.get("draft", "")) if may_edit else None
    document = draft.document if draft else document_of(card)
    context = {
        **_page(request, card, document),
        "versions": version_list(card),
        "draft": draft,
        "drafts": drafts,
        "may_edit": may_edit,
        "cards": len(card_list()),
        "sees_all": sees_all(request.member),
        "second_admin": setting_get().second_admin,
        "lint": lint_told(card),
        **_scope(card),
    }
    return render(request, "health/scorecard.html", context)


def _scope(card: Scorecard) -> dict[str, Any]:
    """What the form asks of which accounts the card takes."""
    return {
        "scope": scope_words(card),
        "segments": segment_list(),
        "stages": [(value, label, value in card.stages) for value, label in LifecycleStage.choices],
    }


def _page(request: TenantRequest, card: Scorecard, document: Document) -> dict[str, Any]:
    facts = inputs_known()
    used = [measure["key"] for group in document["groups"] for measure in group["measures"]]
    coverage = document["minimum_coverage"]
    return {
        "card": card,
        "latest": versions_standing(card).first(),
        "document": document,
        "card_groups": rows_of(document, facts),
        "group_names": {group["key"]: group_words(group) for group in document["groups"]},
        "exceptions": exception_rows(document, facts),
        "band_choices": [(band.value, band.label) for band in (Band.GREEN, Band.AMBER, Band.RED)],
        "measures": [(key, facts[key].label if key in facts else key) for key in used],
        "addable": [fact for fact in facts.values() if fact.key not in used],
        "coverage": f"{coverage * 100:g}" if isinstance(coverage, int | float) else coverage,
        **effect(request, card, document),
    }


def effect(request: TenantRequest, card: Scorecard, document: Document, *, live: bool = False) -> dict[str, Any]:
    """Faults of the document, or what it would do; that is of all accounts, so only for those who may see them all.
    `live`: somebody edits it.
    """
    facts = inputs_known()
    faults = check(document, known=facts) or check_kinds(document, facts)
    shown = shown_day(tenant=request.tenant)
    latest = versions_standing(card).first()
    changed = latest is None or document != latest.definition
    looks = changed and shown and not faults and sees_all(request.member)
    at = now() if live else None
    found = preview(card=card, document=document, as_of=shown.day, live=at) if looks and shown else None
    return {
        "faults": faults,
        "changed": changed,
        "preview": found,
        "facts": facts,
        "shown": shown,
        "limits": [] if faults else [exception_words(one, facts) for one in document.get("exceptions", [])],
    }


def _edited(request: TenantRequest, card: Scorecard) -> tuple[Draft | None, Document]:
    """What stands in the editor's fields, and the draft that it belongs to, whatever became of that."""
    draft = _named(request, card)
    posted = request.POST.dict()
    if request.headers.get("HX-Request"):
        posted.pop("remove", None)  # a button that only has the focus goes along; a pressed one sends the page itself
    base = draft.document if draft else document_of(card)
    return draft, document_from(posted, base=base, facts=inputs_known())


def _drafted(request: TenantRequest, card: Scorecard) -> Draft:
    """The document in the editor's fields, kept as the draft that the form names, or as a new one."""
    draft, document = _edited(request, card)
    if draft is None or draft.state == Draft.State.DROPPED:
        return draft_open(card=card, document=document, by=request.member, at=now())
    return draft_keep(draft=draft, document=document, by=request.member, at=now())


def _named(request: TenantRequest, card: Scorecard) -> Draft | None:
    """The draft that a form is about, whatever became of it; of a form that was opened before there was one, the one
    that this member began or changed last.
    """
    asked = request.POST.get("draft", "")
    if asked.isdecimal() and len(asked) < 19:
        return Draft.objects.select_related("scorecard").filter(scorecard=card, pk=int(asked)).first()
    return next((one for one in draft_list(card) if one.changed_by_id == request.member.pk), None)


@require_POST
@admin_only
def scorecard_preview(request: TenantRequest, pk: int) -> HttpResponseBase:
    """Keep the draft and show its effect on every account (htmx), or the whole page where scripts are off."""
    card = card_get(pk)
    held, document = _edited(request, card)
    over = held is None or held.state in (Draft.State.PUBLISHED, Draft.State.DROPPED)
    if over and document == document_of(card):  # such as a late request after its draft was published
        return render(request, "health/preview.html", effect(request, card, document, live=True))
    draft = _drafted(request, card)
    if not request.headers.get("HX-Request") or request.POST.get("add") or request.POST.get("remove"):
        response = (
            HttpResponse(status=204)
            if request.headers.get("HX-Request")
            else redirect("scorecard_card", request.tenant.slug, card.pk)
        )
        response["HX-Refresh"] = "true"
        return response
    return render(request, "health/preview.html", {**effect(request, card, draft.document, live=True), "draft": draft})


@require_POST
@admin_only
def scorecard_publish(request: TenantRequest, pk: int) -> HttpResponseBase:
    """Publish what stands in the editor; refused with every fault, the draft kept."""
    card = card_get(pk)
    draft = _drafted(request, card)
    try:
        publication = _publication(request)
        if not publication.reason:
            raise ValidationError(_("Write down why: it stands beside the version for everybody."))
        version = draft_publish(draft=draft, publication=publication)
    except ValidationError as error:
        said = _("Not published; your draft is kept. %(faults)s") % {"faults": formats.sentences(error.messages)}
        messages.error(request, said)
    else:
        messages.success(request, published_words(version))
    return redirect("scorecard_card", request.tenant.slug, card.pk)


def published_words(version: Any) -> str:
    """What a publication came to: a version that counts now or later, or one that waits."""
    if version is None:
        return _("The draft waits for a second admin. Nothing of it counts before.")
    names = {"number": version.number}
    if version.published_at.date() < version.effective_from:
        return _("Version %(number)d is published and will count from its day on.") % names
    return _("Version %(number)d is published and every account is scored with it.") % names


def _publication(request: TenantRequest) -> Publication:
    """Reason and first day, as typed. Raises ValidationError for a day that is none."""
    reason, typed = request.POST.get("reason", "").replace("\x00", "").strip(), request.POST.get("counts_from", "")
    try:
        counts_from = date.fromisoformat(typed) if typed else None
    except ValueError as fault:
        said = _("“%(text)s” is no day; write one like 2026-03-31, or leave it empty.") % {"text": typed[:40]}
        raise ValidationError(said) from fault
    return Publication(request.tenant, now(), reason, request.member, counts_from=counts_from)


@require_POST
@admin_only
def scorecard_discard(request: TenantRequest, pk: int) -> HttpResponseBase:
    """Put the draft away; it can be taken up again."""
    card = card_get(pk)
    draft = _named(request, card)
    if draft is not None and draft.state in (Draft.State.OPEN, Draft.State.WAITING):
        draft_drop(draft=draft, by=request.member, at=now())
        messages.success(request, _("The draft is put away; the published scorecard counts."), extra_tags="")
    return redirect("scorecard_card", request.tenant.slug, card.pk)
