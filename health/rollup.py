"""The health of an account together with those that belong to it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db import connection
from django.utils.translation import gettext_lazy as _

from accounts.models import Account
from accounts.selectors import visible_sql
from accounts.selectors.contracts import rates_by_currency
from accounts.terms import rate_on
from health.models import Band, Override
from health.overrides import Banded, overrides_standing
from tenants.models import Member
from tenants.scope import current_tenant_id

BANDS = (Band.GREEN, Band.AMBER, Band.RED, Band.UNKNOWN)
DEFINITIONS = {
    "mean": _("The mean of the scores of all accounts that have one, each counting the same."),
    "worst": _("The lowest score of all accounts that have one."),
    "weighted": _("Σ score × ARR ÷ Σ ARR over the accounts that have both, in the organisation's currency."),
    "shares": _("Accounts in each computed band ÷ all accounts of the group; those without a score are counted too."),
}


@dataclass(frozen=True)
class Held(Banded):
    """An account of a group: its score (None for none), its computed band, its ARR in the tenant's currency (None where
    none is known or no rate converts it), and how many levels it lies below the top.
    """

    account: Account
    score: Decimal | None
    band: str
    arr: Decimal | None
    level: int = 0
    override: Override | None = None


@dataclass(frozen=True)
class Rollup:
    """The figures of a group, unrounded; None where no account has what they need. `shares`: (band, accounts, 0…1)."""

    accounts: int
    scored: int
    mean: Decimal | None
    worst: Held | None
    weighted: Decimal | None
    arr: Decimal
    shares: list[tuple[Band, int, float]]
    rows: Sequence[Held]


def rollup(rows: Sequence[Held]) -> Rollup:
    """The figures over the accounts given."""
    scored = [(row, row.score) for row in rows if row.score is not None]
    weighed = [(score, row.arr) for row, score in scored if row.arr]
    weights = sum((arr for _score, arr in weighed), Decimal(0))
    counts = {band: sum(row.band == band for row in rows) for band in BANDS}
    return Rollup(
        accounts=len(rows),
        scored=len(scored),
        mean=sum((score for _row, score in scored), Decimal(0)) / len(scored) if scored else None,
        worst=min(scored, key=lambda pair: pair[1])[0] if scored else None,
        weighted=sum((score * arr for score, arr in weighed), Decimal(0)) / weights if weights else None,
        arr=sum((row.arr for row in rows if row.arr), Decimal(0)),
        shares=[(band, counts[band], counts[band] / len(rows) if rows else 0.0) for band in BANDS],
        rows=rows,
    )


# UNION, not UNION ALL: even a circle that got past the services would end.
_GROUP_SQL = """WITH RECURSIVE below(id, level) AS (
    SELECT %(top)s::bigint, 0
    UNION SELECT c.id, b.level + 1 FROM accounts_account c JOIN below b ON c.parent_id = b.id
        WHERE c.tenant_id = %(tenant)s AND b.level < 50)
SELECT a.id, min(b.level), s.score, s.band FROM below b
JOIN accounts_account a ON a.tenant_id = %(tenant)s AND a.id = b.id
LEFT JOIN health_score s ON s.tenant_id = a.tenant_id AND s.day = %(day)s AND s.account_id = a.id
WHERE {visible} GROUP BY a.id, a.name_key, s.score, s.band ORDER BY min(b.level), a.name_key, a.id"""


def rollup_of(*, account: Account, day: date, member: Member | None = None) -> Rollup:
    """The account and every live one below it, at any depth, that the member may see (None: all), on a day."""
    visible = "a.archived_at IS NULL" if member is None else visible_sql(member, "a")
    params: dict[str, Any] = {"top": account.pk, "tenant": current_tenant_id(), "day": day}
    with connection.cursor() as cursor:
        cursor.execute(_GROUP_SQL.format(visible=visible), params)
        found: list[tuple[Any, ...]] = cursor.fetchall()
    ids = [row[0] for row in found]
    accounts = Account.objects.select_related("csm__user").in_bulk(ids)
    overrides = overrides_standing(day=day, account_ids=ids)
    arrs = _arrs(accounts.values(), account.tenant.currency, day)
    rows = [
        Held(accounts[pk], score, band or Band.UNKNOWN, arrs.get(pk), level, overrides.get(pk))
        for pk, level, score, band in found
    ]
    return rollup(rows)


def _arrs(accounts: Iterable[Account], own: str, day: date) -> Mapping[int, Decimal]:
    """The ARR of accounts in the tenant's currency at the day's rates; those that no rate converts are left out."""
    accounts = list(accounts)
    rates = rates_by_currency() if any(account.currency != own for account in accounts) else {}
    found = {}
    for account in accounts:
        rate = rate_on(rates, account.currency, own, day)
        if account.arr is not None and rate is not None:
            found[account.pk] = account.arr * rate
    return found
