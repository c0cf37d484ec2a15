"""What can be imported: every room registers its targets when apps start.

A target says which fields its rows have, what they would do to what is held, writes them through its room's services,
and puts back what an import did. It sees values, never cells: reading and cleaning are the same for all.
"""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, ClassVar

from imports.cleaning import Options
from tenants.models import Member, Tenant

CREATED, CHANGED, UNCHANGED, REFUSED, MADE = "created", "changed", "unchanged", "refused", "made"
FATES = (CREATED, CHANGED, UNCHANGED, REFUSED)


@dataclass(frozen=True)
class Field:
    """A field of a target's rows. `kind`: text, note, choice, choices, or a key of `cleaning.READERS`.

    `words`: what a column's head may call it, best first. `by_value`: a column may be taken for it by its values alone.
    `required`: a row without it is refused.
    """

    key: str
    label: Any
    kind: str = "text"
    words: tuple[str, ...] = ()
    options: Callable[[], Options] | None = None
    required: bool = False
    longest: int = 200
    by_value: bool = False


@dataclass
class Row:
    """A row of the file: its line, what was read, and why it is refused. `lines`: all lines, where several make one.

    `waits`: suggestions that somebody has to accept before the row is taken; it holds their values already, so that
    whatever else is wrong with it shows at once. `notes`: cells that are left out while the rest is taken.
    """

    line: int
    values: dict[str, Any] = field(default_factory=dict)
    reasons: list[str] = field(default_factory=list)
    lines: list[int] = field(default_factory=list)
    waits: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def refuse(self, reason: Any) -> None:
        """Keep a reason, once."""
        if str(reason) not in self.reasons:
            self.reasons.append(str(reason))

    def wait(self, reason: Any) -> None:
        """Keep for what the row waits, once."""
        if str(reason) not in self.waits:
            self.waits.append(str(reason))

    def note(self, said: Any) -> None:
        """Keep what is left out, once."""
        if str(said) not in self.notes:
            self.notes.append(str(said))

    @property
    def is_out(self) -> bool:
        """Whether the row is not taken, for good or until somebody accepts what it waits for."""
        return bool(self.reasons or self.waits)

    @property
    def told(self) -> list[str]:
        """What is said of the row: why it stays out, else what of it is left out."""
        return [*self.reasons, *self.waits] or self.notes

    @property
    def all_lines(self) -> list[int]:
        """Every line of the file that is in it."""
        return self.lines or [self.line]


@dataclass
class Gone:
    """What of a file belongs to erased persons: whole rows, and texts in other rows."""

    rows: list[Row] = field(default_factory=list)
    texts: set[str] = field(default_factory=set)

    def __bool__(self) -> bool:
        return bool(self.rows or self.texts)


@dataclass
class Plan:
    """What a row does: `fate`, on the thing that `noun` and `key` name; plain values before and after, by field.

    A new thing has no `before`.
    """

    row: Row
    key: str
    name: str
    fate: str
    noun: str
    before: dict[str, Any] = field(default_factory=dict)
    after: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Past:
    """What an import did to one thing, to be put back."""

    noun: str
    key: str
    name: str
    fate: str
    before: Mapping[str, Any]
    after: Mapping[str, Any]


@dataclass(frozen=True)
class Work:
    """For whom and when rows are planned and written. `columns`: the fields that the file has. `memory` is the target's
    own, for one file.
    """

    tenant: Tenant
    by: Member | None
    at: datetime
    today: date
    label: str = ""
    columns: frozenset[str] = frozenset()
    memory: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Alike:
    """A row that is probably about a thing that is known already under another key; `above`: the file's own row."""

    row: Row
    key: str
    name: str
    above: int = 0


class Target:
    """Something to import. Subclasses say what; all their methods run in the tenant's scope."""

    key: ClassVar[str]
    label: ClassVar[Any]
    about: ClassVar[Any]
    icon: ClassVar[str] = "import"
    tables: ClassVar[tuple[str, ...]] = ()  # what its rows fill: the planner is told how they grow
    holder: ClassVar[str] = ""  # what new custom fields would belong to; empty: none can be made

    def fields(self) -> list[Field]:
        """Every field that a column can be mapped to."""
        raise NotImplementedError

    def shown_fields(self) -> list[Field]:
        """The fields that a page may show of what the rows became: more where they become other things."""
        return self.fields()

    def lacks(self, mapped: set[str]) -> list[Any]:
        """What is missing in a mapping, in words; nothing where it will do."""
        return [one.label for one in self.fields() if one.required and one.key not in mapped]

    def twin(self, row: Row) -> str | None:
        """What only one row of a file may have; None: nothing of the kind."""
        return None

    def named_too(self, row: Row) -> Sequence[str]:
        """What other rows may name the row's thing by: one whose `twin` is among these is a twin."""
        return ()

    def alike(self, rows: Sequence[Row], work: Work) -> list[Alike]:
        """Rows that probably mean something that is known under another key."""
        return []

    def take_alike(self, row: Row, key: str) -> None:
        """Let a row mean the thing with this key."""

    def gather(self, rows: list[Row], work: Work) -> list[Row]:
        """Several rows of the file as one, or in another order."""
        return rows

    def turn_away(self, rows: Sequence[Row], work: Work) -> Gone:
        """Which rows are those of erased persons; what names one in other rows is taken out of them here."""
        return Gone()

    def findings(self, rows: Sequence[Row], work: Work) -> list[str]:
        """What somebody who knows the file should be told, in words."""
        return []

    def plan(self, rows: Sequence[Row], work: Work) -> list[Plan]:
        """What each row would do now. Writes nothing."""
        raise NotImplementedError

    def write(self, plans: Sequence[Plan], work: Work) -> list[Plan]:
        """Do it. Raises ValidationError, and the caller's savepoint ends. Returns what else was made on the way."""
        raise NotImplementedError

    def present(self, past: Sequence[Past], work: Work) -> dict[str, dict[str, Any]]:
        """What the things hold now, plainly, by key; what is gone is left out."""
        raise NotImplementedError

    def put_back(self, past: Sequence[Past], work: Work) -> dict[str, str]:
        """Bring things back to what they were before, delete what was new; by key the reason why one stays."""
        raise NotImplementedError

    def field_make(self, head: str, kind: str, cells: Sequence[str], work: Work) -> tuple[str, Plan]:
        """Make a custom field for a column; its key among `fields`, and what was made."""
        raise NotImplementedError


def plain(value: Any) -> Any:
    """A value as it is kept and compared: dates and instants in ISO form, numbers without zeros that say nothing."""
    if isinstance(value, Decimal):
        return f"{value.normalize():f}" if value else "0"
    if isinstance(value, datetime):
        return (value.astimezone(UTC) if value.tzinfo else value).isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Member):
        return value.user.email
    if isinstance(value, list | tuple):
        return [plain(one) for one in value]
    return value


def row_key(row: Row, *names: str) -> str:
    """The row's own external id, else one made of what it says in these fields: the same row is the same thing."""
    if row.values.get("external_id"):
        return str(row.values["external_id"])
    said = [str(plain(row.values.get(name, ""))) for name in names]
    return f"import-{hashlib.sha256(chr(31).join(said).encode()).hexdigest()[:24]}"


def planned(
    row: Row, *, noun: str, key: str, name: str, held: Mapping[str, Any] | None, values: Mapping[str, Any]
) -> Plan:
    """Compare a row's values with what is held, plainly; None: nothing of the kind is."""
    if row.is_out:
        return Plan(row, key, name, REFUSED, noun)
    after = {field: plain(value) for field, value in values.items()}
    if held is None:
        return Plan(row, key, name, CREATED, noun, {}, after)
    moved = {field: value for field, value in after.items() if held.get(field) != value}
    before = {field: held.get(field) for field in moved}
    return Plan(row, key, name, CHANGED if moved else UNCHANGED, noun, before, moved)


_targets: dict[str, Target] = {}


def register(target: Target) -> None:
    """Offer a target; called when apps start."""
    _targets[target.key] = target


def targets() -> list[Target]:
    """Everything that can be imported, in the order of registration."""
    return list(_targets.values())


def target_of(key: str) -> Target | None:
    """The target with this key."""
    return _targets.get(key)
