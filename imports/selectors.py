"""Reads imports."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from django.db.models import QuerySet

from common.formats import sentences
from imports.models import Import, ImportFile, ImportRow, ImportSource
from imports.reading import read_sheet

STALLED = timedelta(seconds=90)
WORKING = (Import.State.CHECKING, Import.State.RUNNING, Import.State.UNDOING)


def import_list() -> QuerySet[Import]:
    """The tenant's imports, newest first."""
    return Import.objects.select_related("by__user", "run").order_by("-created_at", "-id")


def imports_stalled(*, at: datetime) -> list[int]:
    """Imports that wait for a worker of whom nothing was heard for a while."""
    found = Import.objects.filter(state__in=WORKING, beat_at__lt=at - STALLED)
    return list(found.values_list("pk", flat=True))


def source_names(*, target: str) -> list[str]:
    """The sources from which files for a target came, the latest first."""
    return list(ImportSource.objects.filter(target=target).order_by("-used_at").values_list("name", flat=True)[:30])


def refused_file(*, of: Import) -> tuple[list[str], Iterator[list[str]]]:
    """The head and the refused rows as they came, each with its line and reasons behind it."""
    reasons: dict[int, list[str]] = {}
    for row in ImportRow.objects.filter(of=of, fate="refused").order_by("line"):
        for line in row.lines or [row.line]:
            reasons.setdefault(line, []).extend(row.reasons)
    sheet = read_sheet(bytes(ImportFile.objects.get(of=of).raw))
    width = len(sheet.heads)
    rows = (
        [*cells[:width], str(line), sentences(reasons[line])]
        for line, cells in zip(sheet.lines, sheet.rows, strict=True)
        if line in reasons
    )
    return sheet.heads, rows


def rows_of(*, of: Import, fate: str = "", undone: str = "", limit: int = 50) -> list[ImportRow]:
    """The first rows of a fate, or those that an undo left."""
    rows = ImportRow.objects.filter(of=of).exclude(fate="made")
    if fate:
        rows = rows.filter(fate=fate)
    if undone:
        rows = rows.filter(undone=undone)
    return list(rows.order_by("line", "id")[:limit])
