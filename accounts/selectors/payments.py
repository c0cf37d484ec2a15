"""Reads what was collected, by whom, and what the targets are."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

from django.db import connection

from accounts.models import Account, CsmTarget, Payment
from accounts.selectors.contracts import rates_by_currency
from accounts.terms import rate_on, to_cents
from operations.days import first_instant
from tenants.scope import current_tenant_id

# Each payment goes to whoever looked after the account at the end of its day; where the history does not reach back
# that far, to whoever does now. Sums in a foreign currency stay apart by day, for each day has its rate.
_COLLECTED_SQL = """
WITH ends AS (SELECT * FROM unnest(%(days)s::date[], %(ends)s::timestamptz[]) e (day, ends))
SELECT CASE WHEN h.account_id IS NULL THEN a.csm_id ELSE h.value::bigint END AS csm, p.currency,
    CASE WHEN p.currency = %(own)s THEN NULL ELSE p.paid_on END AS day, sum(p.amount)
FROM accounts_payment p
JOIN ends e ON e.day = p.paid_on
JOIN accounts_account a ON a.tenant_id = p.tenant_id AND a.id = p.account_id
LEFT JOIN LATERAL (SELECT h.account_id, h.value FROM accounts_accountfieldhistory h
    WHERE h.tenant_id = p.tenant_id AND h.field = 'csm' AND h.account_id = p.account_id AND h.at < e.ends
    ORDER BY h.at DESC, h.id DESC LIMIT 1) h ON true
WHERE p.tenant_id = %(tenant)s AND p.paid_on BETWEEN %(first)s AND %(last)s
    AND (%(ids)s::bigint[] IS NULL OR p.account_id = ANY(%(ids)s::bigint[]))
GROUP BY 1, 2, 3
"""


@dataclass
class Collected:
    """Sums by CSM (None: nobody) in the tenant's currency; `lacks`: currencies without a rate, whose sums are left
    out.
    """

    by_csm: dict[int | None, Decimal] = field(default_factory=dict)
    lacks: set[str] = field(default_factory=set)


def collected(
    *, start: date, end: date, zone: str, currency: str, account_ids: Sequence[int] | None = None
) -> Collected:
    """What was paid on the days [start, end), by the CSM of the day of payment, at the day's rates; `account_ids`: by
    these accounts only.
    """
    days = [start + timedelta(days=i) for i in range((end - start).days)]
    found, sums = Collected(), dict[int | None, Fraction]()
    if not days:
        return found
    params: dict[str, Any] = {
        "tenant": current_tenant_id(),
        "own": currency,
        "days": days,
        "ends": [first_instant(zone, day + timedelta(days=1)) for day in days],
        "first": days[0],
        "last": days[-1],
        "ids": None if account_ids is None else list(account_ids),
    }
    with connection.cursor() as cursor:
        cursor.execute(_COLLECTED_SQL, params)
        rows: list[tuple[int | None, str, date | None, Decimal]] = cursor.fetchall()
    rates = rates_by_currency() if any(day for _csm, _code, day, _sum in rows) else {}
    for csm, code, day, amount in rows:
        rate = rate_on(rates, code, currency, day or start)
        if rate is None:
            found.lacks.add(code)
        else:
            sums[csm] = sums.get(csm, Fraction(0)) + Fraction(amount) * Fraction(rate)
    found.by_csm = {csm: to_cents(amount) for csm, amount in sums.items()}
    return found


def targets_of(*, year: int) -> dict[int, CsmTarget]:
    """The targets of a year by CSM."""
    return {target.csm_id: target for target in CsmTarget.objects.filter(year=year)}


def payment_list(*, account: Account, limit: int) -> list[Payment]:
    """What an account has paid, the latest first."""
    return list(account.payments.order_by("-paid_on", "-id")[:limit])


def payment_rows(*, payments: Iterable[Payment]) -> list[dict[str, object]]:
    """Payments as the API tells them."""
    names = ("id", "external_id", "amount", "currency", "paid_on", "note")
    return [
        {
            **{name: getattr(payment, name) for name in names},
            "account": payment.account_id,
            "account_external_id": payment.account.external_id,
        }
        for payment in payments
    ]
