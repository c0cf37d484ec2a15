"""Reads what each CSM carries, collects and is to bring in."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from django.db.models import Count

from accounts.models import Account, CsmTarget, NextStep
from accounts.owners import owners_ever
from accounts.selectors.contracts import rates_by_currency
from accounts.selectors.payments import collected, targets_of
from accounts.selectors.tiers import owed, tiers_with_duties, touches_per_month
from accounts.terms import rate_on
from health.models import Score
from portfolio.capacity import Item, Load, by_csm, overloaded
from portfolio.risk import at_risk
from tenants.models import Member, Role, Tenant

CENT = Decimal("0.01")


@dataclass(frozen=True)
class Book:
    """Every live account as it weighs on its CSM; `lacks`: currencies of ARR without a rate, left out of the sums."""

    items: list[Item]
    lacks: set[str]


def book_get(*, tenant: Tenant, day: date, today: date) -> Book:
    """The accounts with their scores of `day`, and what is overdue on the tenant's `today`."""
    loads = {tier.pk: touches_per_month(duties) for tier, duties in tiers_with_duties()}
    late = {pk: sum(one.behind > 0 for one in each) for pk, each in owed(None, today).items()}
    open_late = NextStep.objects.filter(done_at=None, due_on__lt=today).values_list("account_id")
    steps = dict(open_late.annotate(n=Count("id")).order_by())
    bands = dict(Score.objects.filter(day=day).values_list("account_id", "band"))
    rates, lacks, items = rates_by_currency(), set[str](), []
    rows = Account.objects.filter(archived_at=None).values_list("id", "csm_id", "arr", "currency", "tier_id")
    for pk, csm_id, arr, currency, tier_id in rows:
        rate = rate_on(rates, currency, tenant.currency, day) if arr is not None else None
        if arr is not None and rate is None:
            lacks.add(currency)
        own = (arr * rate).quantize(CENT) if arr is not None and rate is not None else None
        band = bands.get(pk, "unknown")
        risk = at_risk(own, band).quantize(CENT)
        load = loads.get(tier_id or 0, 0.0)
        items.append(Item(pk, csm_id, own, risk, band, tier_id, load, steps.get(pk, 0), late.get(pk, 0)))
    return Book(items, lacks)


@dataclass(frozen=True)
class Carries:
    """A CSM (None: nobody), what they carry, what came in in the year, and against what target."""

    csm: Member | None
    load: Load
    collected: Decimal
    target: CsmTarget | None
    overloaded: bool


@dataclass(frozen=True)
class Team:
    """Everybody who carries something or should. `lacks`: currencies without a rate, left out of the sums."""

    rows: list[Carries]
    lacks: set[str]

    @property
    def total(self) -> Load:
        """What all carry together."""
        loads = [row.load for row in self.rows]
        return Load(
            sum(one.accounts for one in loads), sum((one.arr for one in loads), Decimal(0)),
            sum((one.at_risk for one in loads), Decimal(0)), sum(one.load for one in loads),
            sum(one.steps for one in loads), sum(one.owed for one in loads),
        )  # fmt: skip


def year_bounds(year: int) -> tuple[date, date]:
    """The calendar year [1 January, next 1 January)."""
    return date(year, 1, 1), date(year + 1, 1, 1)


def team_get(*, tenant: Tenant, year: int, day: date, today: date, account_ids: Sequence[int] | None = None) -> Team:
    """What each CSM carries today, with what was collected in the year so far; the heaviest first. `account_ids`: of
    these accounts only; then nothing is held against the targets, which are of whole books.

    Active CSMs are listed with nothing too; others once they carry, collected or have a target. A fixed number of
    queries.
    """
    whole, people = account_ids is None, owners_ever()
    book = book_get(tenant=tenant, day=day, today=today)
    if account_ids is not None:
        wanted = set(account_ids)
        book = Book([item for item in book.items if item.account_id in wanted], book.lacks)
    targets = targets_of(year=year) if whole else {}
    start, end = year_bounds(year)
    end = max(start, min(end, today + timedelta(days=1)))
    money = collected(start=start, end=end, zone=tenant.timezone, currency=tenant.currency, account_ids=account_ids)
    loads = by_csm(book.items)
    usual = {pk for pk, one in people.items() if whole and one.is_active and one.role == Role.CSM}
    meant = usual | {pk for pk in (*loads, *money.by_csm, *targets) if pk in people}
    team = [loads.get(pk, Load()) for pk in usual] if whole else []
    rows = [
        _carries(people[pk], loads.get(pk, Load()), money.by_csm.get(pk, Decimal(0)), targets.get(pk), team)
        for pk in meant
    ]
    rows.sort(key=lambda row: (-row.load.load, -row.load.accounts, str(row.csm)))
    if nobody := loads.get(None):
        rows.append(Carries(None, nobody, money.by_csm.get(None, Decimal(0)), None, overloaded=False))
    return Team(rows, book.lacks | money.lacks)


def _carries(csm: Member, load: Load, money: Decimal, target: CsmTarget | None, team: Iterable[Load]) -> Carries:
    full = target.accounts if target else None
    return Carries(csm, load, money, target, overloaded(load=load, full=full, team=list(team)))
