"""Reads contracts: lines, what they come to by day, what an account may use, and the catalogue."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

from django.db.models import Count, F, Q

from accounts.models import (
    Account,
    AccountTerm,
    Contract,
    ContractLine,
    Entitlement,
    ExchangeRate,
    Feature,
    PlanFeature,
    Product,
)
from accounts.models.contracts import OWN_SINCE
from accounts.terms import Line, rate_on, runs_on, to_cents, yearly


def terms_of_day(*, day: date, account_ids: Sequence[int] | None = None) -> dict[int, AccountTerm]:
    """ARR, seats and renewal date by account on any day, past or coming, for accounts that have contracts.

    Accounts that have none are left out: their own fields hold. Before an account's first line its row is of what
    those fields were.
    """
    found = AccountTerm.objects.filter(since__lte=day)
    if account_ids is not None:
        found = found.filter(account_id__in=account_ids)
    return {term.account_id: term for term in found.order_by("account_id", "-since").distinct("account_id")}


def terms_since(*, account: Account, today: date) -> date | None:
    """Since when the account's contract lines decide its ARR, seats and dates; None while its own fields hold."""
    return account.terms_from if account.terms_from and account.terms_from <= today else None


def term_list(*, account: Account) -> list[AccountTerm]:
    """The terms that an account's lines come to, oldest first."""
    return list(AccountTerm.objects.filter(account=account).exclude(since=OWN_SINCE).order_by("since"))


@dataclass(frozen=True)
class ShownLine:
    """A contract line as a page shows it on a day.

    `state`: running, coming, ended or overdue (ended, and nobody has said what became of it). `arr`: what it brings
    in a year in the tenant's currency; None for a one-off fee and where the rate is missing (`lacks`). `counts`:
    whether that is part of the day's ARR.
    """

    line: ContractLine
    contract: Contract
    state: str
    arr: Decimal | None
    counts: bool
    lacks: str = ""


@dataclass(frozen=True)
class Book:
    """The contracts of an account on a day: lines by contract, and the sums of those that run."""

    contracts: list[tuple[Contract, list[ShownLine]]]
    arr: Decimal | None
    seats: int | None
    one_off: int

    @property
    def lines(self) -> list[ShownLine]:
        """All lines, in the order shown."""
        return [line for _contract, lines in self.contracts for line in lines]


def core_line(line: ContractLine, currency: str) -> Line:
    """A line as the pure core takes it."""
    return Line(
        start=line.start,
        end=line.end,
        amount=line.amount,
        months=line.billing_months,
        currency=currency,
        seats=line.seats,
        outcome=line.outcome,
        outcome_date=line.outcome_date,
    )


def _state(line: ContractLine, day: date) -> str:
    if line.start > day:
        return "coming"
    if line.end is None or day < line.end:
        return "running"
    return "ended" if line.outcome or line.one_off else "overdue"


def contract_book(*, account: Account, day: date, currency: str) -> Book:
    """The contracts of an account with their lines, the newest first; `currency` is the tenant's."""
    contracts = list(account.contracts.order_by("id"))
    rates = rates_by_currency()
    by_contract: dict[int, list[ShownLine]] = {contract.pk: [] for contract in contracts}
    held = {contract.pk: contract for contract in contracts}
    rows = ContractLine.objects.filter(contract__in=contracts).select_related("product", "plan")
    total, seats, missing = Fraction(0), [], False
    for line in rows.order_by("-start", "id"):
        contract = held[line.contract_id]
        core = core_line(line, contract.currency)
        rate = rate_on(rates, contract.currency, currency, max(day, line.start))
        runs = runs_on(core, day)
        exact = yearly(core) * Fraction(rate) if rate is not None else None
        if runs and line.seats is not None:
            seats.append(line.seats)
        if runs and not line.one_off:
            total, missing = total + (exact or 0), missing or exact is None
        arr = None if line.one_off or exact is None else to_cents(exact)
        lacks = contract.currency if rate is None and not line.one_off else ""
        by_contract[contract.pk].append(
            ShownLine(line, contract, _state(line, day), arr, runs and not line.one_off, lacks)
        )
    ordered = sorted(contracts, key=lambda c: max((s.line.start for s in by_contract[c.pk]), default=day), reverse=True)
    fees = sum(1 for lines in by_contract.values() for shown in lines if shown.line.one_off)
    arr = None if missing else to_cents(total)
    return Book([(c, by_contract[c.pk]) for c in ordered], arr, sum(seats) if seats else None, fees)


def lines_by_account(account_ids: Iterable[int]) -> dict[int, list[Line]]:
    """The contract lines of accounts as the pure core takes them."""
    names = (
        "contract__account_id", "start", "end", "amount", "billing_months", "contract__currency", "seats", "outcome",
        "outcome_date",
    )  # fmt: skip
    found: dict[int, list[Line]] = {}
    rows = ContractLine.objects.filter(contract__account_id__in=list(account_ids)).order_by("id").values_list(*names)
    for account_id, *values in rows:
        found.setdefault(account_id, []).append(Line(*values))
    return found


def rates_by_currency() -> dict[str, list[tuple[date, Decimal]]]:
    """Every dated rate to the tenant's currency, oldest first."""
    found: dict[str, list[tuple[date, Decimal]]] = {}
    for currency, day, rate in ExchangeRate.objects.order_by("day").values_list("currency", "day", "rate"):
        found.setdefault(currency, []).append((day, rate))
    return found


def entitled_features(*, account: Account, day: date) -> list[Feature]:
    """The features that an account may use on a day, core ones first.

    Those of the plans of its lines that run on the day; where no such line has a plan, those that every account may
    use. What was granted to the account comes on top, and what was taken from it is left out.
    """
    runs = Q(start__lte=day) & (Q(end=None) | Q(end__gt=day))
    plans = set(
        ContractLine.objects.filter(runs, contract__account=account)
        .exclude(plan=None)
        .values_list("plan_id", flat=True)
    )
    granted = dict(
        Entitlement.objects.filter(runs, account=account).order_by("-granted").values_list("feature_id", "granted")
    )
    planned = set(PlanFeature.objects.filter(plan_id__in=plans).values_list("feature_id", flat=True))
    found = []
    for feature in Feature.objects.order_by("-core", "name"):
        usual = feature.pk in planned if plans else feature.entitled_by_default
        if granted.get(feature.pk, usual):
            found.append(feature)
    return found


def entitlement_list(*, account: Account) -> list[Entitlement]:
    """The exceptions of one account, newest first."""
    return list(account.entitlements.select_related("feature").order_by("-start", "-id"))


def product_list() -> list[tuple[Product, int]]:
    """The products by name, with plans and features, each with how many contract lines sell it."""
    products = Product.objects.order_by("name", "id").prefetch_related("plans__features", "features")
    sold = dict(ContractLine.objects.values_list("product_id").annotate(n=Count("id")))
    return [(product, sold.get(product.pk, 0)) for product in products]


def rate_list() -> list[ExchangeRate]:
    """Every dated rate, by currency, the newest first."""
    return list(ExchangeRate.objects.order_by("currency", "-day"))


def rates_missing(*, currency: str, day: date) -> list[tuple[str, int]]:
    """Currencies of running contracts that have no rate on a day, with how many accounts that leaves without ARR."""
    runs = Q(start__lte=day) & (Q(end=None) | Q(end__gt=day))
    lines = ContractLine.objects.filter(runs, one_off=False, contract__account__archived_at=None)
    rated = set(ExchangeRate.objects.filter(day__lte=day).values_list("currency", flat=True)) | {currency}
    found = lines.values_list("contract__currency").annotate(n=Count("contract__account", distinct=True))
    return sorted((code, count) for code, count in found if code not in rated)


def contract_rows(*, contracts: Iterable[Contract]) -> list[dict[str, Any]]:
    """Contracts with their lines as the API tells them: what was sent, with the ids of here."""
    found = list(contracts)
    lines: dict[int, list[dict[str, Any]]] = {contract.pk: [] for contract in found}
    names = (
        "external_id", "seats", "amount", "billing_months", "one_off", "start", "end", "outcome", "outcome_date",
        "reason",
    )  # fmt: skip
    rows = ContractLine.objects.filter(contract__in=found).order_by("start", "id")
    for row in rows.values("contract_id", "id", *names, product_key=F("product__key"), plan_key=F("plan__key")):
        line = {"id": row["id"], **{name: row[name] for name in names}}
        line |= {"product": row["product_key"], "plan": row["plan_key"], "outcome": row["outcome"] or None}
        lines[row["contract_id"]].append(line)
    return [
        {
            "id": contract.pk,
            "external_id": contract.external_id,
            "account": contract.account_id,
            "account_external_id": contract.account.external_id,
            "currency": contract.currency,
            "notes": contract.notes,
            "lines": lines[contract.pk],
        }
        for contract in found
    ]
