"""What of customers' persons this room's tables hold: files that were brought in, and what their rows did."""

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from imports.models import Import, ImportFile, ImportRow, ImportSource
from imports.reading import Sheet, Unreadable, read_sheet
from imports.services.states import WORKING
from imports.services.strike import file_rewrite
from tenants.personal import Person, Source, declare, register_source
from tenants.personal.finding import needles
from tenants.personal.words import pattern_of, without


class FileSource(Source):
    """Files that were imported, or wait to be: rows that are the person's, and cells that name them."""

    key, label = ImportFile._meta.label, gettext_lazy("Rows of imported files")

    def hold(self) -> None:
        """Files that a worker is reading cannot be changed."""
        if Import.objects.filter(state__in=WORKING).exists():
            raise ValidationError(_("An import is running. Wait until it has ended, then erase."))

    def count(self, person: Person) -> int:
        """How many rows of files name them."""
        return sum(len(lines) for _of, _sheet, lines, _own in self._hits(person))

    def rows(self, person: Person) -> Iterable[Mapping[str, Any]]:
        """Those rows, with the name of their file."""
        return [
            {
                "file": of.filename,
                "line": line,
                **dict(zip(sheet.heads, sheet.rows[sheet.lines.index(line)], strict=False)),
            }
            for of, sheet, lines, _own in self._hits(person)
            for line in lines
        ]

    def erase(self, person: Person, at: datetime) -> int:
        """Their rows leave the files; elsewhere their name is blacked out."""
        pattern, count = pattern_of(needles(person)), 0
        for of, _sheet, lines, own in self._hits(person):
            file_rewrite(of, own, lambda cell: without(cell, pattern))
            _preview_strike(of, own)
            count += len(lines)
        return count

    def _hits(self, person: Person) -> Iterator[tuple[Import, Sheet, list[int], set[int]]]:
        """Files with the lines that name the person, and which of those are wholly theirs."""
        pattern = pattern_of(needles(person))
        for of in Import.objects.order_by("id").iterator(chunk_size=1):
            try:
                sheet = read_sheet(bytes(ImportFile.objects.get(of=of).raw))
            except (Unreadable, ImportFile.DoesNotExist):
                continue
            own = _own_lines(of, sheet, person)
            named = {
                line
                for line, row in zip(sheet.lines, sheet.rows, strict=True)
                if pattern and re.search(pattern, "\n".join(row), re.IGNORECASE)
            }
            if own | named:
                yield of, sheet, sorted(own | named), own


def _preview_strike(of: Import, lines: set[int]) -> None:
    """The first rows of each fate, without those of these lines."""
    of.preview = {fate: [one for one in shown if one["line"] not in lines] for fate, shown in of.preview.items()}
    of.save(update_fields=["preview"])


def _own_lines(of: Import, sheet: Sheet, person: Person) -> set[int]:
    """In a file of people: the rows that are this person."""
    if of.target != "contacts":
        return set()
    place = {key: int(number) for number, key in of.mapping.items()}
    wanted = {"email": person.mails, "external_id": person.contact_ids, "name": person.names}
    found = set()
    for line, row in zip(sheet.lines, sheet.rows, strict=True):
        said = {name: row[place[name]].strip() for name in wanted if name in place and place[name] < len(row)}
        by_name = said.get("name") in wanted["name"] and (
            not said.get("email") or said["email"].casefold() in person.mails
        )
        by_id = bool(said.get("external_id")) and said["external_id"] in wanted["external_id"]
        if by_name or by_id or said.get("email", "").casefold() in person.mails:
            found.add(line)
    return found


class RowSource(Source):
    """What rows did to the person: the record by which an import is undone."""

    key, label = ImportRow._meta.label, gettext_lazy("Records of imports")

    def _found(self, person: Person) -> Any:
        pattern = pattern_of(needles(person))
        wanted = Q(name__in=person.names)
        for contact_id in person.contact_ids:
            wanted |= Q(key__contains=f'"id", "{contact_id}"')
        if pattern:
            wanted |= Q(key__iregex=pattern) | Q(name__iregex=pattern)
        return ImportRow.objects.filter(wanted, noun="contact")

    def count(self, person: Person) -> int:
        """How many."""
        return int(self._found(person).count())

    def rows(self, person: Person) -> Iterable[Mapping[str, Any]]:
        """What they hold."""
        return list(self._found(person).values("line", "fate", "name", "before", "after"))

    def erase(self, person: Person, at: datetime) -> int:
        """They go: the import's counts stay, and undoing it passes over the person."""
        return int(self._found(person).delete()[0])


def declare_all() -> None:
    """Called when the app starts."""
    declare(
        Import, copies=("filename", "samples", "suggestions", "accepted", "findings", "preview", "error"),
        none=("target", "source", "language", "stopped_in", "heads", "mapping", "counts"), why="codes and heads",
    )  # fmt: skip
    declare(ImportFile, own=("raw",))
    declare(ImportRow, own=("key", "name"), copies=("before", "after", "reasons"),
            none=("fate", "noun", "lines", "undone"),
            why="codes and numbers")  # fmt: skip
    declare(ImportSource, copies=("accepted",), none=("target", "name", "mapping"), why="codes and heads")
    register_source(FileSource())
    register_source(RowSource())
