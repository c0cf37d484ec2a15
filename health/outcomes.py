"""Reads what became of past terms: the outcomes that a score is tried on."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction

from accounts.models import ContractLine
from accounts.selectors.contracts import core_line, rates_by_currency
from accounts.terms import Rates, rate_on, to_cents, yearly
from accounts.when import months_on
from tenants.models import Tenant
from tenants.scope import current_tenant_id

FOLLOWS_WITHIN = 31  # days after a term's end in which what it was renewed to begins


@dataclass(frozen=True)
class Decided:
    """What was decided of an account's terms on a day: that of the decision, or the terms' end where it was decided
    later (what a customer did after it foretells nothing). `kind`: lost, where all of them were given up; renewed,
    where none lost anything; shrunk else. `arr`: what they brought in a year, `gone` how much of it was given up, in
    the tenant's currency at the day's rate, 0 where there is no rate (`priced` is false then).
    """

    account_id: int
    day: date
    kind: str
    arr: float
    gone: float
    priced: bool


def decided_terms(*, until: date) -> list[Decided]:
    """Every past outcome of subscription lines up to a day, archived accounts among them, in order of their days. A
    line without an end was kept on every anniversary of its start, until the last day of which any line tells: where a
    history that was brought in stops, nobody knows who stayed.
    """
    currency = Tenant.objects.get(pk=current_tenant_id()).currency
    lines = ContractLine.objects.filter(one_off=False).select_related("contract").order_by("id")
    by_account: dict[int, list[ContractLine]] = defaultdict(list)
    for line in lines:
        by_account[line.contract.account_id].append(line)
    rates, told = rates_by_currency(), _last_told(lines, until)
    found = [one for own in by_account.values() for one in _decided(own, rates, currency, until, told)]
    return sorted(found, key=lambda one: (one.day, one.account_id))


def _last_told(lines: Iterable[ContractLine], until: date) -> date:
    """The last day up to one on which any line began, ended or was decided."""
    days = (day for line in lines for day in (line.start, line.end, line.outcome_date) if day and day <= until)
    return max(days, default=until)


def _decided(lines: Sequence[ContractLine], rates: Rates, currency: str, until: date, told: date) -> Iterable[Decided]:
    """The outcomes of one account's lines, those of one day together. `told`: how far anniversaries prove anything."""
    together: dict[date, list[ContractLine]] = defaultdict(list)
    for line in lines:
        for day in _decisions(line, until, told):
            together[day].append(line)
    for day, ended in together.items():
        worth = {line.pk: _worth(line, rates, currency, day) for line in lines}
        outcomes = {line.outcome or str(ContractLine.Outcome.RENEWED) for line in ended}
        kind = next(iter(outcomes)) if len(outcomes) == 1 else ContractLine.Outcome.SHRUNK
        gone = sum((worth[line.pk] or Fraction(0) for line in ended if line.outcome == "lost"), Fraction(0))
        gone += _shrunk_by([line for line in ended if line.outcome == "shrunk"], lines, worth)
        arr = sum((worth[line.pk] or Fraction(0) for line in ended), Fraction(0))
        priced = all(worth[line.pk] is not None for line in ended)
        yield Decided(lines[0].contract.account_id, day, str(kind), float(to_cents(arr)), float(to_cents(gone)), priced)


def _decisions(line: ContractLine, until: date, told: date) -> list[date]:
    """The days on which the line went on or ended, of what was decided up to a day; a line without an end goes on up to
    the day `told`.
    """
    if line.outcome:
        decided = line.outcome_date if line.outcome_date and line.outcome_date <= until else None
        return [] if decided is None else [min(decided, line.end or decided)]
    if line.end is not None:
        return []
    years = range(1, told.year - line.start.year + 1)
    return [day for day in (months_on(line.start, 12 * n) for n in years) if day <= told]


def _worth(line: ContractLine, rates: Rates, currency: str, day: date) -> Fraction | None:
    rate = rate_on(rates, line.contract.currency, currency, day)
    return None if rate is None else yearly(core_line(line, line.contract.currency)) * Fraction(rate)


def _shrunk_by(
    ended: Sequence[ContractLine], lines: Sequence[ContractLine], worth: dict[int, Fraction | None]
) -> Fraction:
    """What terms that were renewed for less gave up: their ARR less that of what followed them, by product. Nothing
    where nobody has entered yet what followed.
    """
    gone = Fraction(0)
    for product, end in {(line.product_id, line.end) for line in ended}:
        before = [worth[line.pk] for line in ended if (line.product_id, line.end) == (product, end)]
        after = [worth[line.pk] for line in lines if line.product_id == product and _follows(line, end)]
        if after:
            gone += max(sum(filter(None, before), Fraction(0)) - sum(filter(None, after), Fraction(0)), Fraction(0))
    return gone


def _follows(line: ContractLine, end: date | None) -> bool:
    return end is not None and end <= line.start <= end + timedelta(days=FOLLOWS_WITHIN)


def terms_count() -> int:
    """How many subscription lines have an outcome: about how long a back-test takes."""
    return ContractLine.objects.filter(one_off=False).exclude(outcome="").count()
