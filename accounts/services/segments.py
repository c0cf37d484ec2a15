"""Writes segments."""

from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from accounts.models import Segment
from accounts.segments.catalogue import catalogue
from accounts.segments.definition import DefinitionFault, Group, parse
from accounts.segments.uses import Use, uses_by_segment
from accounts.segments.words import fault_text
from accounts.selectors.segments import fields_not_below
from accounts.services.accounts import EditConflict
from tenants.models import Member, Role
from tenants.services import audit_add


def segment_save(
    *, name: str, definition: Any, at: datetime, by: Member | None, segment: Segment | None = None,
    version: int | None = None,
) -> Segment:  # fmt: skip
    """A new segment, or a changed one. Raises ValidationError for a definition that cannot be read or a taken name,
    and EditConflict when somebody saved it since `version`.
    """
    _check(definition, segment)
    creating = segment is None
    segment = segment or Segment(owner=by, created_at=at)
    if not creating:
        segment.refresh_from_db(from_queryset=Segment.objects.select_for_update())
        if version is not None and version != segment.version:
            raise EditConflict(
                _("Someone else saved this segment meanwhile. Yours is kept below; save again to go over it.")
            )
    name = " ".join(name.split())
    if Segment.objects.filter(name=name, archived_at=None).exclude(pk=segment.pk).exists():
        raise ValidationError({"name": _("Another segment has this name.")})
    if not name:
        raise ValidationError({"name": _("Give the segment a name.")})
    changed = {} if creating else {"name": [segment.name, name]} if segment.name != name else {}
    segment.name, segment.definition = name, definition
    segment.version = 1 if creating else segment.version + 1
    segment.full_clean(exclude=["tenant", "archived_at", "owner"])
    segment.save()
    audit_add(actor=by, action="create" if creating else "change", target=segment, at=at, changes=changed)
    return segment


def _check(definition: Any, segment: Segment | None) -> None:
    try:
        group = parse(definition, catalogue())
    except DefinitionFault as fault:
        raise ValidationError({"definition": fault_text(fault)}) from fault
    if not group.parts:
        raise ValidationError({"definition": _("Add at least one condition.")})
    if group.has_empty():
        raise ValidationError({"definition": _("A group has no condition: add one to it, or take the group out.")})
    for use in uses_by_segment().get(segment.pk, []) if segment else []:
        segment_bears(group=group, use=use)


def segment_bears(*, group: Group, use: Use) -> None:
    """Raise ValidationError where a use cannot bear what the conditions ask for: it would depend on itself."""
    if use.below and (named := fields_not_below(group, use.below)):
        said = _("%(use)s cannot depend on: %(fields)s. Leave these conditions out.")
        raise ValidationError({"definition": said % {"use": use.label, "fields": _(", ").join(named)}})


def segment_may_change(*, segment: Segment, by: Member) -> bool:
    """Its owner and managers may change a segment."""
    return segment.owner_id == by.pk or by.role in (Role.MANAGER, Role.ADMIN)


def segment_archive(*, segment: Segment, at: datetime, by: Member) -> None:
    """Take a segment away. Refused while something uses it, naming what."""
    if uses := uses_by_segment().get(segment.pk):
        said = _("The segment “%(name)s” is used: %(uses)s. Take it out there first.")
        named = _(", ").join(str(use.label) for use in uses[:5]) + (" …" if len(uses) > 5 else "")
        raise ValidationError(said % {"name": segment.name, "uses": named})
    if segment.archived_at is None:
        segment.archived_at = at
        segment.save(update_fields=["archived_at"])
        audit_add(actor=by, action="archive", target=segment, at=at)


def segment_restore(*, segment: Segment, at: datetime, by: Member) -> None:
    """Bring a segment back; a name taken meanwhile gets a number."""
    taken = set(Segment.objects.filter(archived_at=None).values_list("name", flat=True))
    name, number = segment.name, 2
    while name in taken:
        name, number = f"{segment.name[:55]} {number}", number + 1
    segment.name, segment.archived_at = name, None
    segment.save(update_fields=["name", "archived_at"])
    audit_add(actor=by, action="restore", target=segment, at=at)
