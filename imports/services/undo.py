"""Puts back what an import did, row by row, without touching what others changed since."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from common.formats import labelled, sentences
from imports.models import ImportRow
from imports.registry import MADE, Past, Target, Work
from imports.words import value_words

BACK, KEPT = "back", "kept"


def part_undo(*, rows: Sequence[ImportRow], target: Target, work: Work) -> None:
    """Put these rows back, in this order; each says afterwards whether it is back or kept, and why."""
    past = [Past(row.noun, row.key, row.name, row.fate, row.before, row.after) for row in rows]
    present = target.present(past, work) if past else {}
    free: list[tuple[ImportRow, Past]] = []
    for row, one in zip(rows, past, strict=True):
        reason = None if row.fate == MADE else _moved(one, present.get(row.key))
        if reason:
            row.undone, row.reasons = KEPT, [reason]
        else:
            free.append((row, one))
    reasons = _put_back([one for _row, one in free], target, work)
    for row, one in free:
        reason = reasons.get(one.key)
        row.undone, row.reasons = (KEPT, [reason]) if reason else (BACK, [])
    ImportRow.objects.filter(pk__in=[row.pk for row in rows if row.undone == BACK]).update(undone=BACK, reasons=[])
    ImportRow.objects.bulk_update([row for row in rows if row.undone == KEPT], ["undone", "reasons"], batch_size=500)


def _moved(past: Past, now: Mapping[str, Any] | None) -> str | None:
    """Why a thing is no longer what the import left; None where it is."""
    if now is None:
        return _("It was deleted since.")
    moved = [field for field, value in past.after.items() if now.get(field) != value]
    if not moved:
        return None
    said = [labelled(field, f"{value_words(past.after[field])} → {value_words(now.get(field))}") for field in moved[:5]]
    return _("It was changed since: %(changes)s.") % {"changes": "; ".join(said)}


def _put_back(past: Sequence[Past], target: Target, work: Work) -> dict[str, str]:
    """All at once, or one by one where that is refused."""
    try:
        with transaction.atomic():
            return target.put_back(past, work)
    except ValidationError:
        pass
    reasons: dict[str, str] = {}
    for one in past:
        try:
            with transaction.atomic():
                reasons |= target.put_back([one], work)
        except ValidationError as fault:
            reasons[one.key] = sentences(fault.messages)
    return reasons
