"""The fields of a hand-over that can be typed into, each saved as it is typed: how they are read and refused."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.cells import Cell
from accounts.models import Account, Contact, Contract, Feature, Handover, Learner, Promise
from accounts.values import READERS, ValueRefused, plain_text, read_person, read_pick, read_text
from tenants.models import Member

Choices = tuple[tuple[str, Any], ...]
LONGEST_TEXT = 5000


def read_area(text: str) -> str:
    """Text of several lines."""
    if len(text) > LONGEST_TEXT:
        raise ValueRefused(_("At most %(count)d characters.") % {"count": LONGEST_TEXT})
    if "\x00" in text:
        raise ValueRefused(_("No line breaks or control characters."))
    return text.replace("\r\n", "\n")


def read_range(least: int, most: int, text: str) -> int:
    """A whole number between two others."""
    value: int = READERS["count"](text.rstrip("%％ "))
    if not least <= value <= most:
        raise ValueRefused(_("Write a whole number from %(least)d to %(most)d.") % {"least": least, "most": most})
    return value


def _row(rows: Mapping[str, Any], text: str) -> Any:
    if text not in rows:
        raise ValueRefused(_("This choice does not exist (any more)."))
    return rows[text]


def _picked(key: str, label: Any, choices: Choices, **more: Any) -> Cell:
    words = {code: str(said) for code, said in choices}
    return Cell(key, label, lambda text: read_pick(text, words), "select", choices, nothing="", **more)


def _members() -> tuple[list[Member], Choices]:
    people = list(Member.objects.filter(is_active=True).select_related("user").order_by("user__name", "id"))
    return people, tuple((str(one.pk), str(one)) for one in people)


def _text(key: str, label: Any, longest: int, **more: Any) -> Cell:
    return Cell(key, label, partial(read_text, longest=longest), **{"nothing": "", **more})


def _line(key: str, label: Any, longest: int, **more: Any) -> Cell:
    """A sentence: seen whole while it is typed, kept as one line."""
    read = partial(read_text, longest=longest)
    return Cell(key, label, lambda text: read(" ".join(text.split())), "line", **{"nothing": "", **more})


def _of_handover(account: Account) -> list[Cell]:
    people, named = _members()
    contracts = {str(one.pk): one for one in Contract.objects.filter(account=account).order_by("external_id")}
    return [
        Cell("salesperson", _("Handed over by"), partial(read_person, people=people), "select", named),
        Cell("due_on", _("Due on"), READERS["date"], "date", required=True),
        Cell(
            "contract",
            _("Contract"),
            partial(_row, contracts),
            "select",
            tuple((k, str(v)) for k, v in contracts.items()),
        ),
        Cell("contract_text", _("What the contract says"), read_area, "area", nothing=""),
        Cell("expectations", _("What the customer expects"), read_area, "area", nothing=""),
        _picked("nature", _("What the product is to them"), tuple(Handover.Nature.choices)),
        _text("profile", _("Customer profile"), 80),
        Cell("no_promises", _("No promises were made"), lambda text: text == "on", "check", nothing=False),
    ]


def _of_promise() -> list[Cell]:
    people, named = _members()
    return [
        _line("text", _("Promise"), 500, required=True),
        _picked("state", _("State"), tuple(Promise.State.choices), required=True),
        Cell("owner", _("Owner"), partial(read_person, people=people), "select", named),
        Cell("due_on", _("Due"), READERS["date"], "date"),
    ]


def _of_need() -> list[Cell]:
    features = {str(one.pk): one for one in Feature.objects.order_by("-core", "name")}
    return [
        _line("text", _("Need"), 300, required=True),
        Cell(
            "feature", _("Feature"), partial(_row, features), "select", tuple((k, str(v)) for k, v in features.items())
        ),
        Cell("weight", _("Weight, 1 to 10"), partial(read_range, 1, 10), "number", required=True),
        Cell("match", _("Met, in %"), partial(read_range, 0, 100), "number"),
    ]


def _of_learner() -> list[Cell]:
    return [
        _line("text", _("Learners"), 150, required=True),
        Cell("people", _("How many"), READERS["count"], "number"),
        _picked("skill", _("Used to such tools"), tuple(Learner.Skill.choices)),
        _line("note", _("What else matters"), 500),
    ]


def _of_person() -> list[Cell]:
    return [
        _text("name", pgettext_lazy("of a person", "Name"), 150, required=True),
        _picked("role", _("Role"), tuple(Contact.Role.choices)),
        _line("title", _("Title"), 120),
        _text("email", _("E-mail"), 200),
    ]


def handover_cells(kind: str, account: Account) -> dict[str, Cell]:
    """The cells of a kind of row (form, promise, need, learner, person) by their keys; none for another kind."""
    made: dict[str, Callable[[], list[Cell]]] = {
        "form": lambda: _of_handover(account), "promise": _of_promise, "need": _of_need, "learner": _of_learner,
        "person": _of_person,
    }  # fmt: skip
    return {cell.key: cell for cell in made[kind]()} if kind in made else {}


KINDS = ("promise", "need", "learner", "person")


def held_in(row: Any, key: str) -> Any:
    """What a row holds in a cell: a person's role is the first of theirs."""
    if isinstance(row, Contact) and key == "role":
        return row.roles[0] if row.roles else ""
    return getattr(row, key)


def typed_of(value: Any) -> str:
    """A value as its control holds it: rows by their id, a tick as "on"."""
    if isinstance(value, bool):
        return "on" if value else ""
    return str(value.pk) if hasattr(value, "pk") else plain_text(value)


def words_of(cell: Cell, value: Any) -> str:
    """A value as people read it."""
    return str(dict(cell.choices).get(typed_of(value), typed_of(value)))
