"""Reads hand-overs: what each holds and lacks, how well the product fits, and what sales may learn from them."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

from django.db import connection
from django.db.models import QuerySet

from accounts.facts import Values
from accounts.fit import DEFAULT_THRESHOLD, Filled, PromiseState, Weighed, fit_score, is_poor, missing
from accounts.models import Account, Contact, FitSetting, Handover, Learner, Need, Promise
from accounts.relation import FIT_FACTS
from accounts.selectors import visible_to
from tenants.models import AuditEntry, Member
from tenants.scope import current_tenant_id

WEEK = timedelta(days=7)
OPEN_STATES = (Handover.State.DRAFT, Handover.State.RETURNED)


def fit_threshold() -> int:
    """The tenant's threshold of the fit, in per cent."""
    return FitSetting.objects.values_list("threshold", flat=True).first() or DEFAULT_THRESHOLD


@dataclass(frozen=True)
class Read:
    """A hand-over with its rows, and what follows from them. `fit` is a ratio; None where no need is judged."""

    handover: Handover
    threshold: int
    people: list[Contact]
    promises: list[Promise] = field(default_factory=list)
    needs: list[Need] = field(default_factory=list)
    learners: list[Learner] = field(default_factory=list)

    @property
    def fit(self) -> Fraction | None:
        """Σ weight · match ÷ Σ weight over the judged needs."""
        return fit_score(Weighed(need.weight, need.match) for need in self.needs)

    @property
    def fit_shown(self) -> Decimal | None:
        """The fit as a decimal of six places, for display."""
        return ratio(self.fit)

    @property
    def poor(self) -> bool:
        """Whether the fit lies below the tenant's threshold, so that a manager has to accept it."""
        return is_poor(self.fit, self.threshold)

    @property
    def missing(self) -> list[str]:
        """What is still to be filled in, as steps of `accounts.fit.STEPS`."""
        held = self.handover
        filled = Filled(
            salesperson=held.salesperson_id is not None,
            contract=held.contract_id is not None or bool(held.contract_text.strip()),
            roles=frozenset(role for person in self.people if person.left_on is None for role in person.roles),
            expectations=bool(held.expectations.strip()),
            nature=bool(held.nature),
            profile=bool(held.profile),
            no_promises=held.no_promises,
            promises=[
                PromiseState(one.state, one.owner_id is not None, one.due_on is not None) for one in self.promises
            ],
            needs=[Weighed(need.weight, need.match) for need in self.needs],
            learners=len(self.learners),
        )
        return missing(filled)

    def promised(self, state: str) -> int:
        """How many promises are in this state."""
        return sum(one.state == state for one in self.promises)

    @property
    def kept(self) -> int:
        """How many promises are kept."""
        return self.promised(Promise.State.KEPT)

    def late(self, today: date) -> bool:
        """Whether it was due before today and is not complete."""
        return self.handover.is_open and self.handover.due_on < today


def ratio(value: Fraction | None) -> Decimal | None:
    """A fraction as a decimal of six places, half up by display."""
    return None if value is None else Decimal(value.numerator) / Decimal(value.denominator)


def handovers_read(handovers: Sequence[Handover]) -> list[Read]:
    """These hand-overs with their rows, in their order: five queries however many they are."""
    threshold, ids = fit_threshold(), [one.pk for one in handovers]
    people: dict[int, list[Contact]] = defaultdict(list)
    for person in Contact.objects.filter(account__in=[one.account_id for one in handovers]).order_by("name", "id"):
        people[person.account_id].append(person)
    promises: dict[int, list[Promise]] = defaultdict(list)
    for promise in Promise.objects.filter(handover__in=ids).select_related("owner__user").order_by("id"):
        promises[promise.handover_id].append(promise)
    needs: dict[int, list[Need]] = defaultdict(list)
    for need in Need.objects.filter(handover__in=ids).select_related("feature").order_by("id"):
        needs[need.handover_id].append(need)
    learners: dict[int, list[Learner]] = defaultdict(list)
    for learner in Learner.objects.filter(handover__in=ids).order_by("id"):
        learners[learner.handover_id].append(learner)
    return [
        Read(one, threshold, people[one.account_id], promises[one.pk], needs[one.pk], learners[one.pk])
        for one in handovers
    ]


def handover_of(*, account: Account) -> Read | None:
    """The account's hand-over with its rows; None where none was started."""
    found = with_all(Handover.objects.filter(account=account)).first()
    return handovers_read([found])[0] if found else None


def with_all(handovers: QuerySet[Handover]) -> QuerySet[Handover]:
    """With what a list of hand-overs names."""
    return handovers.select_related("account__csm__user", "salesperson__user", "accepted_by__user", "contract")


@dataclass(frozen=True)
class Readiness:
    """Whether onboarding may start. `lacks`: steps that are missing; `state` is empty where there is no hand-over."""

    ready: bool
    state: str
    lacks: tuple[str, ...] = ()
    poor: bool = False


def handover_ready(*, account: Account) -> Readiness:
    """Whether the account's onboarding may start: its hand-over is accepted, or complete with a fit that needs no
    manager. What other rooms ask before they begin; `handover_demand` of the services refuses in words.
    """
    found = handover_of(account=account)
    if found is None:
        return Readiness(ready=False, state="")
    state = found.handover.state
    ready = state == Handover.State.ACCEPTED or (state == Handover.State.COMPLETE and not found.poor)
    return Readiness(ready, state, tuple(found.missing), found.poor)


@dataclass(frozen=True)
class Asked:
    """Which hand-overs a list shows; empty texts choose all. `profile` and `industry` may be "-" for none;
    `account_ids`: of these accounts only, None for all.
    """

    state: str = ""
    salesperson: int | None = None
    industry: str = ""
    profile: str = ""
    account_ids: Sequence[int] | None = None


MOST = 200


def handover_list(*, member: Member, asked: Asked, today: date) -> list[Read]:
    """The hand-overs that the member may see: open ones first, those due first on top; at most `MOST`."""
    found = Handover.objects.filter(account__in=visible_to(member))
    if asked.account_ids is not None:
        found = found.filter(account_id__in=asked.account_ids)
    if asked.state == "late":
        found = found.filter(state__in=OPEN_STATES, due_on__lt=today)
    elif asked.state:
        found = found.filter(state=asked.state)
    if asked.salesperson is not None:
        found = found.filter(salesperson=asked.salesperson or None)
    if asked.industry:
        found = found.filter(account__industry="" if asked.industry == "-" else asked.industry)
    if asked.profile:
        found = found.filter(profile="" if asked.profile == "-" else asked.profile)
    ranked = {"returned": 0, "draft": 1, "complete": 2, "accepted": 3}
    newest = sorted(with_all(found).order_by("-due_on", "-id")[:MOST], key=lambda one: (one.due_on, one.pk))
    return handovers_read(sorted(newest, key=lambda one: ranked[one.state] // 2))


def last_change_of(*, noun: str, pk: int, key: str) -> AuditEntry | None:
    """The latest entry of the audit trail that changed this field of the row."""
    entries = AuditEntry.objects.filter(noun=noun, object_id=pk, changes__has_key=key)
    return entries.order_by("-at", "-id").first()


@dataclass(frozen=True)
class FitLine:
    """What the hand-overs of one salesperson, industry or profile come to.

    `fit`: the mean of the fits that are defined. Promises by what became of them; `kept_share`: kept ÷ all of them.
    """

    key: Any
    handovers: int
    fit: Decimal | None
    poor: int
    kept: int
    planned: int
    impossible: int
    unjudged: int

    @property
    def promises(self) -> int:
        """All promises."""
        return self.kept + self.planned + self.impossible + self.unjudged

    @property
    def kept_share(self) -> float | None:
        """Kept promises ÷ promises; not defined without any."""
        return self.kept / self.promises if self.promises else None


@dataclass(frozen=True)
class SalesReport:
    """Fit and promises back to sales: in all, by salesperson, industry and customer profile."""

    total: FitLine
    salespeople: list[FitLine]
    industries: list[FitLine]
    profiles: list[FitLine]


def sales_report(*, accounts: QuerySet[Account]) -> SalesReport:
    """The report over all hand-overs of these accounts, whatever their state."""
    found = handovers_read(list(with_all(Handover.objects.filter(account__in=accounts)).order_by("id")))

    def by(key: Callable[[Read], Any]) -> list[FitLine]:
        groups: dict[Any, list[Read]] = defaultdict(list)
        for one in found:
            groups[key(one)].append(one)
        return sorted((_line(group, own) for group, own in groups.items()), key=lambda line: -line.handovers)

    return SalesReport(
        total=_line(None, found),
        salespeople=by(lambda one: one.handover.salesperson),
        industries=by(lambda one: one.handover.account.industry),
        profiles=by(lambda one: one.handover.profile),
    )


def _line(key: Any, found: Sequence[Read]) -> FitLine:
    fits = [one.fit for one in found if one.fit is not None]
    mean = sum(fits, Fraction()) / len(fits) if fits else None
    counts = {str(state): sum(one.promised(state) for one in found) for state in Promise.State}
    return FitLine(
        key, len(found), ratio(mean), sum(one.poor for one in found),
        counts["kept"], counts["planned"], counts["impossible"], counts["open"],
    )  # fmt: skip


def fit_facts(_as_of: date, account_ids: Sequence[int] | None) -> Mapping[str, Values]:
    """The fit and the promises not kept yet, as filled in now, by account."""
    wanted = None if account_ids is None else set(account_ids)
    found: dict[str, Values] = {}
    with connection.cursor() as cursor:
        for fact in FIT_FACTS:
            cursor.execute(fact.sql, {"tenant": current_tenant_id()})
            rows: Iterable[tuple[int, Any]] = cursor.fetchall()
            found[fact.key] = {pk: value for pk, value in rows if wanted is None or pk in wanted}
    return found
