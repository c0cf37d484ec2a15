"""Takes rows and texts out of a file that is kept, so that nothing of an erased person stays in it."""

import csv
import io
from collections.abc import Callable, Collection
from datetime import datetime

from django.db.models import F

from imports.models import Import, ImportFile, ImportRow
from imports.reading import Sheet, Unreadable, read_sheet
from imports.registry import REFUSED, Gone, Row
from tenants.personal import turned_away
from tenants.personal.blocks import TURNED_AWAY
from tenants.personal.words import ERASED

SAMPLES = 60


def rows_strike(of: Import, gone: Gone, rows: list[Row], at: datetime) -> list[Row]:
    """Turn away what is an erased person's: their rows are counted with the reason and leave the file, what names them
    elsewhere is blacked out in it. Returns the rows that stay.
    """
    struck = [row for row in rows if row in gone.rows]
    out = {id(row) for row in struck}
    lines = {line for row in struck for line in row.all_lines}
    file_rewrite(of, lines, lambda _line, cell: ERASED if cell and cell in gone.texts else cell)
    ImportRow.objects.bulk_create(
        [
            ImportRow(of=of, line=line, fate=REFUSED, noun="", key="", name=ERASED, reasons=[str(TURNED_AWAY)])
            for line in sorted(lines)
        ]
    )
    if of.state == Import.State.RUNNING:
        before = [row for row in rows[: of.position] if id(row) in out]  # done and counted before the person was erased
        of.counts[REFUSED] = of.counts.get(REFUSED, 0) + len(lines) - sum(len(row.all_lines) for row in before)
        of.position -= len(before)
        of.save(update_fields=["counts", "position"])
    turned_away(door="import", count=len(lines) + len(gone.texts), at=at)
    return [row for row in rows if id(row) not in out]


def place_keep(of: Import, rows: list[Row], done: Collection[int]) -> None:
    """Where an import that stopped goes on in its rewritten file: after the rows whose lines are all done.

    A row may be done twice, which changes nothing; none is left out.
    """
    place = next((n for n, row in enumerate(rows) if not set(row.all_lines) <= set(done)), len(rows))
    of.position = place
    of.save(update_fields=["position"])


def file_rewrite(of: Import, lines: Collection[int], change: Callable[[int, str], str]) -> int:
    """Write an import's file anew without these lines and with changed cells; the other rows keep their lines.

    `change` gets a line and a cell. Returns by how much lines moved: JSON becomes CSV, which has a head.
    """
    held = ImportFile.objects.get(of=of)
    raw = bytes(held.raw)
    try:
        sheet = read_sheet(raw)
    except Unreadable:
        return 0
    cells = [[change(line, cell) for cell in row] for line, row in zip(sheet.lines, sheet.rows, strict=True)]
    if not set(lines) & set(sheet.lines) and cells == sheet.rows:
        return 0
    kept = [(line, row) for line, row in zip(sheet.lines, cells, strict=True) if line not in lines]
    shift = 1 if sheet.lines[0] == 1 else 0  # JSON has no head: its first row has the first line
    held.raw = _written(sheet, [(line + shift, row) for line, row in kept])
    held.save(update_fields=["raw"])
    if shift:
        ImportRow.objects.filter(of=of).update(line=F("line") + shift)
    of.samples = [[cell[:200] for cell in row[:200]] for _line, row in kept[:SAMPLES]]
    of.save(update_fields=["samples"])
    return shift


def _written(sheet: Sheet, rows: list[tuple[int, list[str]]]) -> bytes:
    """CSV in which every row stands in its line; with the mark that readers will take for the right one."""
    for mark in ",;\t|":
        text = io.StringIO()
        writer = csv.writer(text, delimiter=mark, lineterminator="\n")
        writer.writerow(sheet.heads)
        at = 1
        for line, row in rows:
            text.write("\n" * (line - at - 1))
            writer.writerow(row)
            at = line
        raw = text.getvalue().encode()
        if not rows or _reads(raw, sheet.heads, rows):
            return raw
    return raw


def _reads(raw: bytes, heads: list[str], rows: list[tuple[int, list[str]]]) -> bool:
    try:
        again = read_sheet(raw)
    except Unreadable:
        return False
    return again.heads == heads and again.lines == [line for line, _row in rows]
