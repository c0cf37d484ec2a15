"""A file comes in, and its columns get their meaning."""

import re
from collections.abc import Mapping
from datetime import datetime

from django.core.exceptions import ValidationError
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from imports.guessing import Wanted, column, guess
from imports.models import Import, ImportFile, ImportRow, ImportSource
from imports.reading import read_sheet
from imports.registry import MADE, Past, Plan, Target, Work, target_of
from imports.services.states import locked, work_begin
from operations.days import local_date
from tenants.models import Member, Tenant
from tenants.services import audit_add

MOST_BYTES = 40 * 1024 * 1024
SAMPLES = 60
NEW = "new:"  # what a column is mapped to that becomes a custom field of this kind
KINDS = ("text", "number", "money", "date", "pick", "link")


def import_start(
    *, target: Target, filename: str, raw: bytes, by: Member | None, at: datetime, source: str = ""
) -> Import:
    """Keep a file, and guess what its columns mean. Nothing of it is applied. Raises Unreadable.

    `source` names where such files come from; without one the file's name without its digits does.
    """
    sheet = read_sheet(raw)
    name = (source.strip() or source_name(filename))[:80]
    samples = [row[:200] for row in sheet.rows[:SAMPLES]]
    held = source_of(target=target.key, name=name, heads=sheet.heads)
    remembered = held.mapping if held else None
    wanted = [Wanted(f.key, f.kind, (*f.words, str(f.label)), f.by_value) for f in target.fields()]
    mapping = {str(number): key for number, key in guess(sheet.heads, samples, wanted, remembered).items()}
    found = Import.objects.create(
        target=target.key, filename=filename[:200] or "-", source=name, by=by, language=get_language() or "en",
        created_at=at, beat_at=at, heads=sheet.heads, samples=[[cell[:200] for cell in row] for row in samples],
        rows_total=len(sheet.rows), mapping=mapping, accepted=held.accepted if held else [],
    )  # fmt: skip
    ImportFile.objects.create(of=found, raw=raw)
    return found


def source_name(filename: str) -> str:
    """A file's name without its ending, dates and numbers: what tomorrow's file of the same origin is called too."""
    stem = filename.rsplit("/", 1)[-1].rsplit(".", 1)[0]
    return re.sub(r"[\s_\-.()（）年月日]*\d+[\s_\-.()（）年月日]*", " ", stem).strip(" _-.") or "CSV"


def source_of(*, target: str, name: str, heads: list[str]) -> ImportSource | None:
    """The source of this name, else one whose columns are the same."""
    sources = list(ImportSource.objects.filter(target=target).order_by("-used_at")[:50])
    named = next((one for one in sources if one.name == name), None)
    return named or next((one for one in sources if set(one.mapping) == set(heads)), None)


def import_map(*, of: Import, mapping: Mapping[int, str], tenant: Tenant, at: datetime, by: Member) -> Import:
    """Say what the columns mean (column number → field, or `new:<kind>` for a field to be made), and have the file
    checked. Remembered for the source. Raises ValidationError for a mapping that will not do.
    """
    found = locked(of)
    target = target_of(found.target)
    if target is None:
        raise ValidationError(_("Nothing of this kind can be imported any more."))
    wanted = {number: key for number, key in mapping.items() if key and 0 <= number < len(found.heads)}
    _check(target, wanted)
    work = Work(tenant=tenant, by=by, at=at, today=local_date(tenant.timezone, at), label=found.filename)
    chosen = {number: _made(found, target, number, key, work) for number, key in sorted(wanted.items())}
    remembered = {head: chosen.get(number, "") for number, head in enumerate(found.heads)}
    ImportSource.objects.update_or_create(
        target=found.target, name=found.source, defaults={"mapping": remembered, "used_at": at}
    )
    kept = {str(number): key for number, key in chosen.items()}
    work_begin(found, Import.State.CHECKING, found.rows_total, at, by, mapping=kept)
    return found


def _check(target: Target, wanted: Mapping[int, str]) -> None:
    known = {one.key: one.label for one in target.fields()}
    fields = [key for key in wanted.values() if not key.startswith(NEW)]
    for key in fields:
        if key not in known:
            raise ValidationError(_("The field of a column is gone. Choose another."))
        if fields.count(key) > 1:
            raise ValidationError(_("Two columns are %(field)s. Choose one of them.") % {"field": known[key]})
    for key in set(wanted.values()) - set(fields):
        if not target.holder or key.removeprefix(NEW) not in KINDS:
            raise ValidationError(_("The field of a column is gone. Choose another."))
    if lacks := target.lacks(set(fields)):
        said = _("Missing: %(fields)s. Choose the column that holds it.")
        raise ValidationError(said % {"fields": _(", ").join(str(one) for one in lacks)})


def _made(of: Import, target: Target, number: int, key: str, work: Work) -> str:
    """The field of a column; one that is wanted new is made, and noted so that undoing takes it away again."""
    if not key.startswith(NEW):
        return key
    cells = column(of.samples, number)
    made, plan = target.field_make(of.heads[number], key.removeprefix(NEW), cells, work)
    rows_keep(of, [plan])
    return made


def rows_keep(of: Import, plans: list[Plan]) -> None:
    """Keep what rows did."""
    ImportRow.objects.bulk_create([row_of(of, plan) for plan in plans], batch_size=2_000)


def row_of(of: Import, plan: Plan) -> ImportRow:
    """A row's record."""
    return ImportRow(
        of=of, line=plan.row.line, fate=plan.fate, noun=plan.noun, key=plan.key[:700], name=plan.name[:300],
        before=plan.before, after=plan.after, reasons=plan.row.told, lines=plan.row.lines,
    )  # fmt: skip


def import_discard(*, of: Import, at: datetime, by: Member) -> None:
    """Forget an import that was never run, and the fields made for its columns.

    Raises ValidationError for one that was.
    """
    found = locked(of)
    if found.state not in (Import.State.MAPPING, Import.State.CHECKING, Import.State.READY):
        raise ValidationError(_("This import has run. Undo it instead."))
    audit_add(actor=by, action="delete", target=found, at=at)
    target, made = target_of(found.target), list(found.rows.filter(fate=MADE).order_by("-id"))
    if target is not None and made:
        work = Work(found.tenant, by, at, local_date(found.tenant.timezone, at), label=found.filename)
        target.put_back([Past(row.noun, row.key, row.name, row.fate, {}, {}) for row in made], work)
    found.delete()
