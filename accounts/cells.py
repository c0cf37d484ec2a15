"""One field of one account as a cell that can be typed into: how it is read, refused, compared and set."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from django.db.models import Model
from django.utils.translation import gettext_lazy as _

from accounts.models import Account, CustomField, Driver, LifecycleStage, Purpose, ServiceTier
from accounts.owners import owners
from accounts.selectors.fields import field_list, values_of
from accounts.selectors.tiers import tier_list
from accounts.values import READERS, ValueRefused, plain_text, read_person, read_pick, read_text
from tenants.models import Member


@dataclass(frozen=True)
class Cell:
    """A field that can be typed into. `read` takes text that is not empty; `nothing` is what an empty cell means, and
    `required` says that it may not be empty. `choices`: code and words. `widget`: text, number, date, select or url.
    """

    key: str
    label: Any
    read: Callable[[str], Any]
    widget: str = "text"
    choices: tuple[tuple[str, Any], ...] = ()
    required: bool = False
    nothing: Any = None
    custom: CustomField | None = field(default=None, compare=False)

    def typed(self, text: str) -> Any:
        """The value of a typed text; raises ValueRefused."""
        text = text.strip()
        if text:
            return self.read(text)
        if self.required:
            raise ValueRefused(_("%(field)s must not be empty.") % {"field": self.label})
        return self.nothing

    def as_values(self, value: Any) -> dict[str, Any]:
        """What `account_change` takes."""
        return {"custom": {self.custom.key: value}} if self.custom else {self.key: value}


def cells(fields: Sequence[CustomField] | None = None) -> dict[str, Cell]:
    """Every cell that can be typed into, by the key of its column. `fields`: other custom fields than the accounts'."""
    people = owners()
    named = tuple((str(one.pk), str(one)) for one in people)
    stages = tuple((str(code), words) for code, words in LifecycleStage.choices)
    own = (
        Cell("name", _("Name"), partial(read_text, longest=200), required=True),
        Cell("industry", _("Industry"), partial(read_text, longest=80), nothing=""),
        Cell("segment", _("Segment (field)"), partial(read_text, longest=80), nothing=""),
        Cell("lifecycle_stage", _("Stage"), partial(_pick, stages), "select", stages, required=True),
        _tier(),
        _words("purpose", _("Takes it for"), Purpose.choices),
        _words("driver", _("Driven by"), Driver.choices),
        Cell("csm", _("CSM"), partial(read_person, people=people), "select", named),
        Cell("seats", _("Seats (field)"), READERS["count"], "number"),
        Cell("contract_start", _("Contract start"), READERS["date"], "date"),
        Cell("renewal_date", _("Renewal date"), READERS["date"], "date"),
        Cell("arr", _("ARR"), READERS["money"], "number"),
    )
    return {
        cell.key: cell
        for cell in (*own, *(_custom(one, people, named) for one in (field_list() if fields is None else fields)))
    }


def _pick(choices: Sequence[tuple[str, Any]], text: str) -> str:
    return read_pick(text, {code: str(words) for code, words in choices})


def _words(key: str, label: Any, choices: Sequence[tuple[str, Any]]) -> Cell:
    """One of the codes, or nothing."""
    return Cell(key, label, partial(_pick, choices), "select", tuple(choices), nothing="")


def _tier() -> Cell:
    tiers = {str(tier.pk): tier for tier in tier_list()}
    choices = tuple((pk, tier.name) for pk, tier in tiers.items())

    def read(text: str) -> ServiceTier:
        return tiers[_pick(choices, text)]

    return Cell("tier", _("Service tier"), read, "select", choices)


WIDGETS = {"number": "number", "money": "number", "date": "date", "pick": "select", "person": "select", "link": "url"}


def _custom(one: CustomField, people: Sequence[Member], named: tuple[tuple[str, str], ...]) -> Cell:
    choices: tuple[tuple[str, str], ...] = ()
    read: Callable[[str], Any]
    if one.kind == CustomField.Kind.PICK:
        choices = tuple((choice, choice) for choice in one.choices)
        read = partial(_pick, choices)
    elif one.kind == CustomField.Kind.PERSON:
        choices, read = named, partial(read_person, people=people)
    else:
        read = READERS[one.kind]
    return Cell(one.name, one.label, read, WIDGETS.get(one.kind, "text"), choices, one.required, custom=one)


def held_values(*, accounts: Iterable[Account], cell: Cell) -> dict[int, Any]:
    """What the accounts hold in the cell's field, read anew."""
    ids = [account.pk for account in accounts]
    if cell.custom:
        held = values_of(holders=[Account(pk=pk) for pk in ids], fields=[cell.custom])
        return {pk: held.get(pk, {}).get(cell.custom.pk) for pk in ids}
    found = Account.objects.filter(pk__in=ids).select_related("csm__user", "tier")
    fresh: Mapping[int, Account] = {a.pk: a for a in found}
    return {pk: getattr(fresh[pk], cell.key) for pk in ids if pk in fresh}


def held_texts(*, accounts: Iterable[Account], cell: Cell) -> dict[int, str]:
    """`held_values` as they would be typed: persons and choices by their code."""
    return {pk: text_of(value) for pk, value in held_values(accounts=accounts, cell=cell).items()}


def text_of(value: Any) -> str:
    """A value as the cell's editor holds it."""
    return str(value.pk) if isinstance(value, Model) else plain_text(value)


def shown_text(cell: Cell, value: Any) -> str:
    """A value as people read it."""
    return str(dict(cell.choices).get(text_of(value), text_of(value)))
