"""What of a person each table holds. Every column of text and every reference to a person is declared (a guard looks).

- `own`: columns of rows that are the person's; `whose` finds the rows, `erase` deletes them or clears the columns.
- `free`: text in which the person may be named; an admin decides place by place.
- `copies`: what programs kept of other places (undo data, previews, history); blacked out without asking.
- `none`: holds no customer's person; `why` says so.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.db import models
from django.db.models import Q, QuerySet

from tenants.personal.identity import Person

if TYPE_CHECKING:
    from tenants.personal.finding import Choice

Eraser = Callable[["QuerySet[Any]", Person], int]
Whose = Callable[[Person], Q]


@dataclass(frozen=True)
class Declared:
    """What a table holds of persons."""

    model: type[models.Model]
    own: tuple[str, ...] = ()
    free: tuple[str, ...] = ()
    copies: tuple[str, ...] = ()
    none: tuple[str, ...] = ()
    why: str = ""
    where: str = ""  # the path to the name of what a free text belongs to
    after: Callable[[Sequence[int]], None] | None = None  # told which rows' free texts were changed
    near: Whose | None = None  # which rows belong to a person's own accounts: there their name is enough

    @property
    def account(self) -> str:
        """The path to the account that a row belongs to; empty where it belongs to none."""
        return self.where.removesuffix("__name") if self.where.endswith("account__name") else ""

    def rows_near(self, person: Person) -> "QuerySet[Any] | None":
        """The rows of the person's own accounts; None where rows belong to no account."""
        manager: Any = self.model.objects  # type: ignore[attr-defined]  # every tenant's model has its manager
        if self.near is not None:
            return manager.filter(self.near(person))  # type: ignore[no-any-return]  # a manager of any model
        if not self.account:
            return None
        return manager.filter(**{f"{self.account}__in": person.accounts})  # type: ignore[no-any-return]  # the same

    @property
    def label(self) -> Any:
        """What the table is called."""
        return self.model._meta.label

    @property
    def columns(self) -> set[str]:
        """Every column that is declared."""
        return {*self.own, *self.free, *self.copies, *self.none}


class Source:
    """A place that holds rows of a person."""

    key: str
    label: Any
    inner = False  # what only programs read, and tells no more than the rows that it was made from: not shown

    def hold(self) -> None:
        """Lock what must stand still while a person is erased, before anything else is locked."""

    def found(self, person: Person) -> "QuerySet[Any] | None":
        """Their rows, where they are rows of a table whose numbers the audit trail knows."""

    def count(self, person: Person) -> int:
        """How many rows are theirs."""
        raise NotImplementedError

    def rows(self, person: Person) -> Iterable[Mapping[str, Any]]:
        """Their rows, plainly, for the export."""
        raise NotImplementedError

    def erase(self, person: Person, at: datetime) -> int:
        """Remove them; returns how many rows were touched."""
        raise NotImplementedError


class TableSource(Source):
    """The rows of a table that are a person's."""

    def __init__(self, model: type[models.Model], label: Any, whose: Whose, erase: Eraser, inner: bool) -> None:
        self.inner = inner
        self.key, self.label, self._model, self._whose, self._erase = model._meta.label, label, model, whose, erase

    def found(self, person: Person) -> "QuerySet[Any]":
        """As was declared."""
        manager: Any = self._model.objects  # type: ignore[attr-defined]  # every tenant's model has its manager
        return manager.filter(self._whose(person))  # type: ignore[no-any-return]  # a manager of any model

    def count(self, person: Person) -> int:
        """How many rows are theirs."""
        return self.found(person).count()

    def rows(self, person: Person) -> Iterable[Mapping[str, Any]]:
        """Every column but the tenant's."""
        names = [f.attname for f in self._model._meta.local_concrete_fields if f.attname != "tenant_id"]
        return self.found(person).values(*names)

    def erase(self, person: Person, at: datetime) -> int:
        """As was declared."""
        return self._erase(self.found(person), person)


def DELETE(rows: "QuerySet[Any]", _person: Person) -> int:  # noqa: N802 - reads as the word that it is in a declaration
    """The rows go."""
    count = rows.count()
    rows.delete()
    return int(count)


def clear(**values: Any) -> Eraser:
    """The rows stay without what is the person's in them."""
    return lambda rows, _person: int(rows.update(**values))


ChoicesOf = Callable[[Person], list["Choice"]]
Decide = Callable[[Sequence[str], datetime], int]

declared: dict[str, Declared] = {}
sources: list[Source] = []
choice_makers: dict[str, tuple[ChoicesOf, Decide]] = {}


def declare(
    model: type[models.Model],
    *,
    own: tuple[str, ...] = (),
    free: tuple[str, ...] = (),
    copies: tuple[str, ...] = (),
    none: tuple[str, ...] = (),
    why: str = "",
    whose: Whose | None = None,
    erase: Eraser = DELETE,
    label: Any = "",
    where: str = "",
    after: Callable[[Sequence[int]], None] | None = None,
    near: Whose | None = None,
    inner: bool = False,
) -> None:
    """Say what of persons a table holds; called when apps start."""
    declared[model._meta.label] = Declared(model, own, free, copies, none, why, where, after, near)
    if whose is not None:
        sources.append(TableSource(model, label or model._meta.verbose_name_plural, whose, erase, inner))


def register_source(source: Source) -> None:
    """A place that needs more than clearing columns."""
    sources.append(source)


def register_choices(place: str, offer: ChoicesOf, delete: Decide) -> None:
    """Things other than texts that an admin decides on, such as files: what there is, and how some are deleted."""
    choice_makers[place] = (offer, delete)
