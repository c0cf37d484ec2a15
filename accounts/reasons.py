"""The registry of reasons: what may want a CSM at an account, under one list on Today.

Every room registers its sources when it starts, as it does its facts. A source loads bare rows of all accounts that
are asked for, because ranking looks at every one of them, and finds words only for those that are shown.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any, NamedTuple

from django.core.exceptions import ValidationError
from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from accounts.models import Account
from accounts.selectors import visible_sql, visible_to
from tenants.models import Member, Tenant

Text = str | Promise


@dataclass(frozen=True)
class Asked:
    """Whose accounts, and as of when. Figures are those of `day`; due dates are held against the tenant's `today`.

    `member` None: a program, which sees every live account. `mine`: only what is the member's. `ids`: only these.
    """

    tenant: Tenant
    member: Member | None
    mine: bool
    day: date
    today: date
    ids: tuple[int, ...] | None = None

    @property
    def accounts(self) -> QuerySet[Account]:
        """The accounts that may be shown at all."""
        seen = visible_to(self.member) if self.member else Account.objects.filter(archived_at=None)
        return seen if self.ids is None else seen.filter(pk__in=self.ids)

    def meant(self, *owners: str) -> Q:
        """A condition on rows with an `account`: the accounts asked for; where only the member's are, also rows that
        are the member's by one of the fields `owners`.
        """
        seen = Q(account__in=self.accounts)
        if not self.mine or self.member is None:
            return seen
        own = Q(account__csm=self.member)
        for owner in owners:
            own |= Q(**{owner: self.member})
        return seen & own

    def sql(self, alias: str) -> str:
        """The same for selectors that write SQL over `accounts_account AS alias`; parameters as in `params`."""
        parts = [visible_sql(self.member, alias) if self.member else f"{alias}.archived_at IS NULL"]
        if self.mine and self.member is not None:
            parts.append(f"{alias}.csm_id = {int(self.member.pk)}")
        if self.ids is not None:
            parts.append(f"{alias}.id = ANY(%(ids)s)")
        return " AND ".join(parts)

    @property
    def params(self) -> dict[str, Any]:
        """The parameters of `sql`, and the days."""
        return {"ids": list(self.ids or ()), "day": self.day, "today": self.today, "tenant": self.tenant.pk}

    def only(self, *ids: int) -> "Asked":
        """The same of these accounts."""
        return replace(self, ids=ids)

    def url(self, name: str, *args: object) -> str:
        """A page of the tenant."""
        return reverse(name, args=[self.tenant.slug, *args])


class Reason(NamedTuple):
    """One reason to look at an account.

    `urgency`: how much of the account's ARR it puts at risk, in per cent, 1…99; being late comes on top. `due`: the
    day by which somebody should have acted. `key` is the same for as long as the reason is, at most 80 letters.
    `facts`: what its source needs to say it.
    """

    account_id: int
    source: str
    key: str
    urgency: int
    due: date | None = None
    facts: Any = None


@dataclass(frozen=True)
class Act:
    """An answer that a reason asks for: `name` is one of its source's deals, `key` the letter that gives it."""

    label: Text
    name: str
    key: str = ""


@dataclass(frozen=True)
class Said:
    """A reason in one line with its figures; `url`: where there is more to do. `who`: whose it is. `covers`: sources
    whose reason this line says already. `label`: a closer word than the source's own.
    """

    text: str
    url: str = ""
    open: Text = ""
    acts: tuple[Act, ...] = ()
    who: str = ""
    covers: tuple[str, ...] = ()
    label: Text = ""


def row_id(key: str) -> int:
    """The id in a key of the form `source:id`. Raises ValidationError for anything else."""
    text = key.split(":")[1] if ":" in key else ""
    if not (text.isascii() and text.isdigit() and len(text) < 19):
        raise ValidationError(_("This reason is no longer there; load the page anew."))
    return int(text)


# What reasons are called, by account and key.
Words = Mapping[tuple[int, str], Said]
# Deal with a reason for everybody: account, its key, who, the instant and the tenant's day. Answers what was done, in
# words; raises ValidationError with the reason why not.
Deal = Callable[[Account, str, Member, datetime, date], str]


@dataclass(frozen=True)
class ReasonSource:
    """Where reasons of one kind come from. `definition` says when there is one and how urgent it is.

    `load` answers in a constant number of queries, and so does `say`, by account and key. `deals`: what can be done
    about a reason for everybody, among it `undo`, which takes the others back. Without `done`, a reason that is dealt
    with is put aside for the person alone.
    """

    key: str
    label: Text
    definition: Text
    load: Callable[[Asked], Iterable[Reason]]
    say: Callable[[Sequence[Reason], Asked], Words]
    deals: Mapping[str, Deal] = field(default_factory=dict)

    @property
    def done(self) -> Deal | None:
        """How the reason is dealt with for everybody, where it can be."""
        return self.deals.get("done")


_sources: dict[str, ReasonSource] = {}


def register(source: ReasonSource) -> None:
    """Add a source; raises ValueError when its key is taken."""
    if source.key in _sources:
        raise ValueError(f"reasons registered twice: {source.key}")
    _sources[source.key] = source


def reason_sources() -> dict[str, ReasonSource]:
    """Every source by its key, in the order in which rooms start: bottom up."""
    return dict(_sources)
