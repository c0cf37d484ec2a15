"""What of customers' persons this room's tables hold: files that were brought in, and what their rows did."""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import F, Q, TextField
from django.db.models.functions import Cast
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from imports.cleaning import fold
from imports.models import Import, ImportFile, ImportRow, ImportSource
from imports.reading import Sheet, Unreadable, read_sheet
from imports.services.advance import read
from imports.services.states import WORKING
from imports.services.strike import file_rewrite, place_keep
from tenants.models import Tenant
from tenants.personal import Person, Source, declare, register_source
from tenants.personal.finding import Marks
from tenants.personal.words import ERASED, json_without, without
from tenants.scope import current_tenant_id

SAY_WHO = ("person", "requester", "contacts")  # fields by which rows of other targets name people
ID_IN_KEY = ("contact", "surveyanswer")  # what is known by a person's id


def _places(person: Person) -> set[str]:
    """What the person's accounts are called in files."""
    return {fold(text) for external_id, account, _name in person.places for text in (external_id, account)}


@dataclass(frozen=True)
class Hit:
    """A file that names a person: lines that are wholly theirs, lines of their accounts, where a name is enough, and
    cells that are an id of theirs.
    """

    of: Import
    sheet: Sheet
    own: set[int]
    near: set[int]
    named: set[int]
    ids: set[tuple[int, str]]

    @property
    def lines(self) -> list[int]:
        """Every line that says something of them."""
        return sorted(self.own | self.named)


class FileSource(Source):
    """Files that were imported, or wait to be: rows that are the person's, and cells that name them."""

    key, label = ImportFile._meta.label, gettext_lazy("Rows of imported files")

    def hold(self) -> None:
        """Files that a worker is reading cannot be changed, and none begins meanwhile."""
        states = list(Import.objects.select_for_update().order_by("pk").values_list("state", flat=True))
        if set(states) & set(WORKING):
            raise ValidationError(_("An import is running. Wait until it has ended, then erase."))

    def count(self, person: Person) -> int:
        """How many rows of files name them."""
        return sum(len(hit.lines) for hit in _hits(person))

    def rows(self, person: Person) -> Iterable[Mapping[str, Any]]:
        """Those rows, with the name of their file."""
        return [
            {
                "file": hit.of.filename,
                "line": line,
                **dict(zip(hit.sheet.heads, hit.sheet.rows[hit.sheet.lines.index(line)], strict=False)),
            }
            for hit in _hits(person)
            for line in hit.lines
        ]

    def erase(self, person: Person, at: datetime) -> int:
        """Their rows leave the files; elsewhere what names them is blacked out."""
        marks, count = Marks.of(person), 0
        tenant = Tenant.objects.get(pk=current_tenant_id())
        for hit in _hits(person):
            _file_erase(hit, marks, tenant, at)
            count += len(hit.lines)
        return count


def _file_erase(hit: Hit, marks: Marks, tenant: Tenant, at: datetime) -> None:
    of, done = hit.of, None
    if of.state == Import.State.FAILED and of.stopped_in == Import.State.RUNNING and of.position:
        done = {line for row in read(of, tenant, at).rows[: of.position] for line in row.all_lines}

    def change(line: int, cell: str) -> str:
        return ERASED if (line, cell) in hit.ids else without(cell, marks.near if line in hit.near else marks.sure)

    shift = file_rewrite(of, hit.own, change)
    _shown_strike(hit, shift)
    if done is not None:
        try:
            left = read(of, tenant, at).rows
        except Unreadable:
            left = []  # nothing is left of the file
        place_keep(of, left, {line + shift for line in done})


def _shown_strike(hit: Hit, shift: int) -> None:
    """The first rows of each fate, and what was suggested, without those that name the person."""

    def left(found: list[dict[str, Any]]) -> list[dict[str, Any]]:
        kept = [one for one in found if one.get("line") not in hit.own | hit.named]
        return [{**one, "line": one["line"] + shift} if "line" in one else one for one in kept]

    hit.of.preview = {fate: left(shown) for fate, shown in hit.of.preview.items()}
    hit.of.suggestions = left(hit.of.suggestions)
    hit.of.save(update_fields=["preview", "suggestions"])


def _hits(person: Person) -> Iterator[Hit]:
    """The files with lines that name the person."""
    marks, places, ids = Marks.of(person), _places(person), _ids(person)
    for of in Import.objects.order_by("id").iterator(chunk_size=1):
        sheet = _sheet_of(of)
        if sheet is None:
            continue
        near = _near_lines(of, sheet, places)
        own = _own_lines(of, sheet, person, near)
        cells = _id_cells(of, sheet, near, ids)
        named = {line for line, _cell in cells}
        for line, row in zip(sheet.lines, sheet.rows, strict=True):
            text = "\n".join(row)
            if without(text, marks.near if line in near else marks.sure) != text:
                named.add(line)
        if own | named:
            yield Hit(of, sheet, own, near, named, cells)


def _sheet_of(of: Import) -> Sheet | None:
    try:
        return read_sheet(bytes(ImportFile.objects.get(of=of).raw))
    except (Unreadable, ImportFile.DoesNotExist):
        return None


def _near_lines(of: Import, sheet: Sheet, places: set[str]) -> set[int]:
    """The lines about the person's accounts: by the column of the account, or by any where none is known to be it."""
    column = next((int(number) for number, key in of.mapping.items() if key == "account"), None)
    return {
        line
        for line, row in zip(sheet.lines, sheet.rows, strict=True)
        if {fold(cell) for cell in (row if column is None else row[column : column + 1])} & places
    }


def _id_cells(of: Import, sheet: Sheet, near: set[int], ids: set[str]) -> set[tuple[int, str]]:
    """Cells of the columns that say who somebody is, in rows of the person's accounts, that are an id of theirs."""
    columns = [int(number) for number, key in of.mapping.items() if key in SAY_WHO]
    rows = zip(sheet.lines, sheet.rows, strict=True)
    found = {(line, row[n]) for line, row in rows if line in near for n in columns if n < len(row)}
    return {(line, cell) for line, cell in found if fold(cell) in ids}


def _own_lines(of: Import, sheet: Sheet, person: Person, near: set[int]) -> set[int]:
    """In a file of people: the rows that are this person, by name only at their own accounts."""
    if of.target != "contacts":
        return set()
    place = {key: int(number) for number, key in of.mapping.items()}
    names = {fold(name) for name in person.names}
    found = set()
    for line, row in zip(sheet.lines, sheet.rows, strict=True):
        said = {
            name: row[place[name]].strip()
            for name in ("email", "external_id", "name")
            if name in place and place[name] < len(row)
        }
        mail, external_id = said.get("email", "").casefold(), said.get("external_id", "")
        by_name = line in near and not mail and fold(said.get("name", "")) in names
        if by_name or external_id in person.contact_ids or mail in person.mails:
            found.add(line)
    return found


class RowSource(Source):
    """What rows did to the person or to what names them: the record by which an import is undone."""

    key, label = ImportRow._meta.label, gettext_lazy("Records of imports")

    def count(self, person: Person) -> int:
        """How many."""
        return len(list(self._hits(person)))

    def rows(self, person: Person) -> Iterable[Mapping[str, Any]]:
        """What they hold."""
        names = ("line", "fate", "name", "before", "after")
        return [{name: getattr(row, name) for name in names} for row, _own, _new in self._hits(person)]

    def erase(self, person: Person, at: datetime) -> int:
        """Those of the person go: the import's counts stay, and undoing it passes over them. Others lose what names
        them.
        """
        hits = list(self._hits(person))
        ImportRow.objects.filter(pk__in=[row.pk for row, own, _new in hits if own]).delete()
        for row, own, new in hits:
            if not own:
                ImportRow.objects.filter(pk=row.pk).update(**new)
        return len(hits)

    def _hits(self, person: Person) -> Iterator[tuple[ImportRow, bool, dict[str, Any]]]:
        marks, places, ids = Marks.of(person), _places(person), _ids(person)
        near_lines: dict[int, set[int]] = {}
        for row in _named_rows(marks, ids).select_related("of").order_by("pk").iterator(chunk_size=500):
            if row.of_id not in near_lines:
                sheet = _sheet_of(row.of)
                near_lines[row.of_id] = set() if sheet is None else _near_lines(row.of, sheet, places)
            near = row.line in near_lines[row.of_id] or bool(_said(row) & places)
            new = _without(row, marks.near if near else marks.sure, ids - places if row.noun in ID_IN_KEY else set())
            own = row.noun == "contact" and _is_own(_parts(row.key), person, places)
            if own or any(getattr(row, name) != value for name, value in new.items()):
                yield row, own, new


def _ids(person: Person) -> set[str]:
    """What the person is called in keys."""
    numbers = {f"c{pk}" for pk in person.rows["accounts.Contact"]}
    return {fold(one) for one in (*person.contact_ids, *person.user_ids, *person.mails)} | numbers


def _named_rows(marks: Marks, ids: set[str]) -> Any:
    wanted = Q()
    for one in ids:
        wanted |= Q(key__icontains=json.dumps(one, ensure_ascii=False), noun__in=ID_IN_KEY)
    rows = ImportRow.objects.annotate(was=Cast(F("before"), TextField()), became=Cast(F("after"), TextField()))
    if marks.near:
        for column in ("key", "name", "was", "became"):
            wanted |= Q(**{f"{column}__iregex": marks.near})
    return rows.filter(wanted) if wanted else rows.none()


def _parts(key: str) -> list[Any]:
    """A key's parts: JSON where it has several."""
    try:
        found = json.loads(key)
    except ValueError:
        return [key]
    return found if isinstance(found, list) else [key]


def _said(row: ImportRow) -> set[str]:
    """The values by which a record says what account it is about."""
    texts = [*_parts(row.key), *row.name.split(" · "), *row.before.values(), *row.after.values()]
    return {fold(text) for text in texts if isinstance(text, str)}


def _is_own(parts: list[Any], person: Person, places: set[str]) -> bool:
    """Whether a contact's key is the person's: ["id", id], ["email", account, address] or ["name", account, name]."""
    kind, *rest = [str(part) for part in parts]
    wanted: dict[str, Callable[[], bool]] = {
        "id": lambda: rest[-1] in person.contact_ids,
        "email": lambda: rest[-1].casefold() in person.mails,
        "name": lambda: fold(rest[0]) in places and fold(rest[-1]) in {fold(name) for name in person.names},
    }
    return bool(rest) and kind in wanted and wanted[kind]()


def _without(row: ImportRow, pattern: str, ids: set[str]) -> dict[str, Any]:
    parts = _parts(row.key)
    new = [ERASED if isinstance(part, str) and fold(part) in ids else json_without(part, pattern) for part in parts]
    key = row.key
    if new != parts:
        key = str(new[0]) if parts == [row.key] else json.dumps(new, ensure_ascii=False)
    return {
        "key": key[:700], "name": without(row.name, pattern)[:300], "before": json_without(row.before, pattern),
        "after": json_without(row.after, pattern), "reasons": json_without(row.reasons, pattern),
    }  # fmt: skip


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
