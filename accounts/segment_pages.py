"""Segments: the list, the editor with its live count."""

import json
from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.timezone import now
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from accounts.back import done
from accounts.models import Segment
from accounts.segments.catalogue import catalogue
from accounts.segments.definition import CHANGES, DefinitionFault, Field, parse
from accounts.segments.uses import Use, uses_by_segment
from accounts.segments.words import OPERATOR_WORDS, fault_text, sentence
from accounts.selectors.segments import segment_list, segment_preview
from accounts.services import EditConflict, segment_archive, segment_may_change, segment_restore, segment_save
from common import formats
from operations.days import local_date
from operations.selectors import day_of_request
from tenants.permissions import Permission, TenantRequest, is_allowed, member_required

work = member_required(Permission.WORK)


@require_GET
@member_required(Permission.READ)
def segments(request: TenantRequest) -> HttpResponseBase:
    """All segments, as sentences."""
    fields = catalogue()
    uses, me = uses_by_segment(), request.member
    rows = [
        (one, _said(one, fields), segment_may_change(segment=one, by=me), _places(request, uses.get(one.pk)))
        for one in segment_list()
    ]
    works = is_allowed(request.member, Permission.WORK)
    gone = Segment.objects.exclude(archived_at=None).order_by("-archived_at")[:20] if works else []
    return render(request, "accounts/segments.html", {"rows": rows, "works": works, "gone": gone})


def _places(request: TenantRequest, uses: list[Use] | None) -> list[tuple[Any, str]]:
    """Where a segment is used: words and address."""
    slug = request.tenant.slug
    return [
        (use.label, reverse(use.page, args=[slug, *use.args]) + (f"?{use.query}" if use.query else ""))
        for use in uses or []
    ]


def _said(segment: Segment, fields: Mapping[str, Field]) -> str:
    try:
        return sentence(parse(segment.definition, fields))
    except DefinitionFault as fault:
        return fault_text(fault)


def editor_context(fields: Mapping[str, Field]) -> dict[str, Any]:
    """What an editor of conditions offers: each field with its operators and choices."""
    shapes = [
        {
            "key": field.key,
            "label": str(field.label),
            "kind": field.kind,
            "unit": field.unit,
            "ops": list(field.operators),
            "choices": [[code, str(words)] for code, words in field.choices],
            "own": field.key.startswith("c."),
            "figure": "{day}" in field.sql,
        }
        for field in fields.values()
    ]
    words = {op: str(text) for op, text in OPERATOR_WORDS.items()}
    return {"shapes": shapes, "operators": words, "changes": list(CHANGES)}


def _editor(request: TenantRequest, segment: Segment | None, typed: dict[str, Any]) -> HttpResponseBase:
    fields = catalogue()
    context = {
        "segment": segment,
        "places": _places(request, uses_by_segment().get(segment.pk)) if segment else [],
        **editor_context(fields),
        "preview": _preview(request, typed["definition"], fields),
        **typed,
    }
    return render(request, "accounts/segment_form.html", context)


def typed_document(request: TenantRequest) -> Any:
    """The definition that was sent or stands in the address (`where`); None when it cannot be read at all."""
    text = request.POST.get("definition", "") if request.method == "POST" else request.GET.get("where", "")
    try:
        return json.loads(text[:20_000]) if text else {"all": []}
    except (ValueError, RecursionError):
        return None


@work
def segment_new(request: TenantRequest) -> HttpResponseBase:
    """A new segment; the address may bring conditions along (`where`)."""
    return _edit(request, None)


@work
def segment_edit(request: TenantRequest, pk: int) -> HttpResponseBase:
    """Change a segment; its owner and managers may."""
    segment = get_object_or_404(Segment, pk=pk, archived_at=None)
    if not segment_may_change(segment=segment, by=request.member):
        raise PermissionDenied
    return _edit(request, segment)


def _edit(request: TenantRequest, segment: Segment | None) -> HttpResponseBase:
    typed = {
        "name": segment.name if segment else "",
        "definition": segment.definition if segment and request.method != "POST" else typed_document(request),
        "version": segment.version if segment else 0,
        "faults": [],
    }
    if request.method != "POST":
        return _editor(request, segment, typed)
    typed["name"] = request.POST.get("name", "")[:60]
    version = request.POST.get("version", "")
    try:
        saved = segment_save(
            name=typed["name"], definition=typed["definition"], at=now(), by=request.member, segment=segment,
            version=int(version) if segment and version.isascii() and version.isdigit() else None,
        )  # fmt: skip
    except EditConflict as conflict:
        typed |= {"faults": conflict.messages, "version": Segment.objects.get(pk=segment.pk).version if segment else 0}
    except ValidationError as error:
        typed["faults"] = error.messages
    else:
        url = f"{reverse('portfolio', args=[request.tenant.slug])}?segment={saved.pk}"
        return done(request, _("The segment “%(name)s” is saved.") % {"name": saved.name}, url)
    return _editor(request, segment, typed)


@require_POST
@work
def segment_count(request: TenantRequest) -> HttpResponseBase:
    """How many accounts the conditions find, as one types."""
    return render(
        request, "accounts/segment_count.html", {"preview": _preview(request, begun(typed_document(request)))}
    )


def begun(part: Any) -> Any:
    """The document without conditions whose value is still to be typed."""
    if not isinstance(part, dict) or "field" in part:
        return part
    return {
        joined: [begun(one) for one in parts if not _waits(one)] if isinstance(parts, list) else parts
        for joined, parts in part.items()
    }


def _waits(part: Any) -> bool:
    if not isinstance(part, dict):
        return False
    if "field" in part:
        return part.get("value", 0) in ("", [], [""], ["", ""]) or part.get("days", 1) == ""
    return all(_waits(one) for parts in part.values() if isinstance(parts, list) for one in parts)


def _preview(request: TenantRequest, document: Any, fields: Mapping[str, Field] | None = None) -> dict[str, Any]:
    tenant, member = request.tenant, request.member
    shown = day_of_request(request, tenant)
    day = shown.day if shown else local_date(tenant.timezone, now())
    found = segment_preview(document=document, member=member, day=day, zone=tenant.timezone, fields=fields)
    if found.fault:
        return {"fault": fault_text(found.fault)}
    return {
        "count": found.count,
        "of": found.of,
        "names": found.names,
        "more": found.count - len(found.names),
        "sentence": sentence(found.group),
        "day": day,
    }


@require_POST
@work
def segment_remove(request: TenantRequest, pk: int) -> HttpResponseBase:
    """Take a segment away; the message offers it back."""
    segment = get_object_or_404(Segment, pk=pk, archived_at=None)
    if not segment_may_change(segment=segment, by=request.member):
        raise PermissionDenied
    back = reverse("segments", args=[request.tenant.slug])
    try:
        segment_archive(segment=segment, at=now(), by=request.member)
    except ValidationError as error:
        messages.error(request, formats.sentences(error.messages))
        return redirect(back)
    undo = f"undo:{reverse('segment_back', args=[request.tenant.slug, pk])}"
    messages.success(request, _("The segment “%(name)s” is deleted.") % {"name": segment.name}, extra_tags=undo)
    return redirect(back)


@require_POST
@work
def segment_back(request: TenantRequest, pk: int) -> HttpResponseBase:
    """Bring a deleted segment back."""
    segment = get_object_or_404(Segment.objects.exclude(archived_at=None), pk=pk)
    if not segment_may_change(segment=segment, by=request.member):
        raise PermissionDenied
    segment_restore(segment=segment, at=now(), by=request.member)
    said = _("The segment “%(name)s” is back.") % {"name": segment.name}
    return done(request, said, reverse("segments", args=[request.tenant.slug]))
