"""Writes segments."""

from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from accounts.models import SavedView, Segment
from accounts.segments.catalogue import catalogue
from accounts.segments.definition import DefinitionFault, parse
from accounts.segments.words import fault_text
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
    _check(definition)
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


def _check(definition: Any) -> None:
    try:
        group = parse(definition, catalogue())
    except DefinitionFault as fault:
        raise ValidationError({"definition": fault_text(fault)}) from fault
    if not group.parts:
        raise ValidationError({"definition": _("Add at least one condition.")})


def segment_may_change(*, segment: Segment, by: Member) -> bool:
    """Its owner and managers may change a segment."""
    return segment.owner_id == by.pk or by.role in (Role.MANAGER, Role.ADMIN)


def segment_archive(*, segment: Segment, at: datetime, by: Member) -> None:
    """Take a segment away. Refused while a saved view uses it, naming the views."""
    views = [v.name for v in SavedView.objects.order_by("name") if f"segment={segment.pk}" in v.query.split("&")]
    if views:
        said = _("These saved views use the segment: %(views)s. Delete or change them first.")
        raise ValidationError(said % {"views": _(", ").join(views[:5])})
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
