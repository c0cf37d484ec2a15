"""Reads bands set by hand: which stand, what is said of them, and how often each CSM was right."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import Account
from common import formats
from health.models import Band, Override
from tenants.models import Member
from tenants.permissions import Permission, is_allowed

RIGHT, APART, RENEWED, LOST = "right", "apart", "renewed", "lost"
LOOK_BACK = timedelta(days=365)
WORST_FIRST = (Band.RED, Band.UNKNOWN, Band.AMBER, Band.GREEN)
OUTCOMES = {
    RIGHT: gettext_lazy("the computed band came to agree"),
    APART: gettext_lazy("the computed band stayed apart"),
    RENEWED: gettext_lazy("the customer renewed meanwhile"),
    LOST: gettext_lazy("the customer left or renewed for less meanwhile"),
}


def overrides_standing(
    *, day: date, account_ids: Sequence[int] | None = None, past: bool = False
) -> dict[int, Override]:
    """The bands set by hand that hold on a day, by account. `past`: as they stood at the end of that day, also those
    that have ended since; else those that are open now and do not end by that day.
    """
    found = Override.objects.filter(until__gt=day).select_related("author__user")
    if past:
        found = found.filter(Q(ended_on=None) | Q(ended_on__gt=day), since__lte=day)
    else:
        found = found.filter(ended_on=None)
    if account_ids is not None:
        found = found.filter(account_id__in=account_ids)
    return {override.account_id: override for override in found.order_by("id")}


def override_words(override: Override, computed: str) -> str:
    """What a mark in a list says when it is asked: by whom, until when, why, and what is computed."""
    said = _("Set by hand by %(who)s until %(until)s: %(reason)s. Computed: %(computed)s")
    return said % {
        "who": override.author or _("a program"),
        "until": formats.day(override.until),
        "reason": override.reason.rstrip(".。"),
        "computed": Band(computed).label,
    }


def may_override(member: Member, account: Account) -> bool:
    """Whether a member may set the account's band by hand: its CSM, and managers."""
    if is_allowed(member, Permission.MANAGE):
        return True
    return is_allowed(member, Permission.WORK) and account.csm_id == member.pk


def is_upward(override: Override) -> bool:
    """Whether the CSM saw the account in a better band than was computed then."""
    return WORST_FIRST.index(Band(override.band)) > WORST_FIRST.index(Band(override.band_then))


def was_right(override: Override) -> bool | None:
    """Whether an ended override was right: the computed band came to agree, or the customer did what it foretold
    (renewed after a better band, left or renewed for less after a worse one). None while it is open.
    """
    if override.outcome not in OUTCOMES:
        return None
    if override.outcome in (RENEWED, LOST):
        return is_upward(override) == (override.outcome == RENEWED)
    return override.outcome == RIGHT


@dataclass
class Record:
    """How often a member set bands by hand: all in the period, up and down, open ones, and of the ended ones how many
    were right.
    """

    author: Member | None
    total: int = 0
    up: int = 0
    down: int = 0
    open: int = 0
    ended: int = 0
    right: int = 0
    accounts: set[int] = field(default_factory=set)

    @property
    def share_right(self) -> float | None:
        """Right ones of the ended ones, 0…1; None where none has ended."""
        return self.right / self.ended if self.ended else None


def overrides_of(*, accounts: QuerySet[Account], since: date) -> list[Override]:
    """The overrides of these accounts that were set on a day or later, or are open: open ones first, newest on top."""
    found = Override.objects.filter(account__in=accounts).filter(Q(ended_on=None) | Q(since__gte=since))
    people = found.select_related("account", "author__user", "ended_by__user")
    return sorted(people, key=lambda one: (one.ended_on is not None, -one.since.toordinal(), -one.pk))


def records(overrides: Iterable[Override]) -> list[Record]:
    """How often, and how right, per member; who did it most on top, programs (no member) last."""
    found: dict[int | None, Record] = {}
    for one in overrides:
        record = found.setdefault(one.author_id, Record(one.author))
        record.total += 1
        record.up += is_upward(one)
        record.down += not is_upward(one)
        record.open += one.ended_on is None
        record.ended += one.ended_on is not None
        record.right += was_right(one) is True
        record.accounts.add(one.account_id)
    return sorted(found.values(), key=lambda one: (one.author is None, -one.total, str(one.author)))


def shown_band(override: Override | None, computed: str) -> str:
    """The band that pages show: the one set by hand where there is one."""
    return override.band if override else computed


class Banded:
    """A row with a computed `band`, beside which a person's own may stand (`override`)."""

    band: str
    override: Override | None

    @property
    def shown(self) -> str:
        """The band to show: as a person set it, else the computed one."""
        return shown_band(self.override, self.band)

    @property
    def by_hand(self) -> str:
        """What there is to know of a band that a person set; "" for a computed one."""
        return override_words(self.override, self.band) if self.override else ""
