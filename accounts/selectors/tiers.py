"""Reads service tiers: what they owe, and to whom that is overdue."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from django.db import connection
from django.db.models import Count

from accounts.facts import Values
from accounts.models import Account, ServiceTier, TierDuty
from tenants.scope import current_tenant_id

# Days and months that a unit lasts. A quarter is three months and a year twelve, by the calendar.
_STEP = """make_interval(
    days => d.every * CASE d.unit WHEN 'day' THEN 1 WHEN 'week' THEN 7 ELSE 0 END,
    months => d.every * CASE d.unit WHEN 'month' THEN 1 WHEN 'quarter' THEN 3 WHEN 'year' THEN 12 ELSE 0 END)"""
# One row per live account and duty of its tier. What is owed is due one period after the last touch that counts; where
# there was none, after the day on which the account got its tier, or its contract starts if that is later.
OWED_SQL = f"""
SELECT a.id AS account_id, a.tier_id, d.id AS duty_id, max(t.last) AS last,
    (COALESCE(max(t.last), GREATEST(a.tier_since, a.contract_start)) + {_STEP})::date AS due
FROM accounts_account a
JOIN accounts_servicetier s ON s.tenant_id = a.tenant_id AND s.id = a.tier_id AND s.archived_at IS NULL
JOIN accounts_tierduty d ON d.tenant_id = a.tenant_id AND d.tier_id = a.tier_id
LEFT JOIN (SELECT account_id, kind, level, max("on") AS last FROM accounts_touch
    WHERE tenant_id = %(tenant)s AND two_way AND "on" <= {{day}} {{touched}} GROUP BY 1, 2, 3) t
    ON t.account_id = a.id AND (cardinality(d.kinds) = 0 OR t.kind = ANY(d.kinds))
    AND (cardinality(d.levels) = 0 OR t.level = ANY(d.levels))
WHERE a.tenant_id = %(tenant)s AND a.archived_at IS NULL {{meant}}
GROUP BY a.id, d.id
"""  # noqa: S608 - all parts are of this module
OWED_TO_ALL = OWED_SQL.replace("{touched}", "").replace("{meant}", "")


def tier_list(*, archived: bool = False) -> list[ServiceTier]:
    """The tiers in their order; with `archived` the archived ones instead."""
    found = ServiceTier.objects.exclude(archived_at=None) if archived else ServiceTier.objects.filter(archived_at=None)
    return list(found.order_by("position", "id"))


def tiers_with_duties() -> list[tuple[ServiceTier, list[TierDuty]]]:
    """The tiers in their order, with what each owes."""
    duties: dict[int, list[TierDuty]] = {}
    for duty in TierDuty.objects.order_by("position", "id"):
        duties.setdefault(duty.tier_id, []).append(duty)
    return [(tier, duties.get(tier.pk, [])) for tier in tier_list()]


@dataclass(frozen=True)
class Owed:
    """What an account's tier owes it: the duty, when it was last done, and when it is due (again).

    `behind`: days by which it is overdue; 0 or less where it is not.
    """

    account_id: int
    tier: str
    duty: str
    last: date | None
    due: date
    behind: int


def owed(account_ids: Sequence[int] | None, as_of: date) -> dict[int, list[Owed]]:
    """What is owed to accounts (None: to all live ones) as of a day, by account, the furthest behind first.

    One query. Accounts without a tier, and tiers that owe nothing, are left out.
    """
    some = account_ids is not None
    touched, meant = ("AND account_id = ANY(%(ids)s)", "AND a.id = ANY(%(ids)s)") if some else ("", "")
    sql = OWED_SQL.format(day="%(day)s", touched=touched, meant=meant)
    query = f"""SELECT o.account_id, s.name, d.name, o.last, o.due, %(day)s - o.due FROM ({sql}) o
        JOIN accounts_servicetier s ON s.tenant_id = %(tenant)s AND s.id = o.tier_id
        JOIN accounts_tierduty d ON d.tenant_id = %(tenant)s AND d.id = o.duty_id
        WHERE o.due IS NOT NULL ORDER BY o.account_id, o.due, d.position, d.id"""  # noqa: S608 - as above
    found: dict[int, list[Owed]] = {}
    with connection.cursor() as cursor:
        cursor.execute(query, {"tenant": current_tenant_id(), "day": as_of, "ids": list(account_ids or ())})
        for row in cursor.fetchall():
            found.setdefault(row[0], []).append(Owed(*row))
    return found


def behind(account_ids: Sequence[int] | None, as_of: date) -> list[Owed]:
    """What is overdue, the furthest behind first; `owed` without the rest."""
    late = [one for each in owed(account_ids, as_of).values() for one in each if one.behind > 0]
    return sorted(late, key=lambda one: (-one.behind, one.account_id))


def tier_facts(as_of: date, account_ids: Sequence[int] | None) -> Mapping[str, Values]:
    """Days behind and touches owed by account, for the fact registry; not defined where a tier owes nothing."""
    each = owed(account_ids, as_of)
    return {
        "days_behind_tier": {pk: max(max(one.behind for one in all_), 0) for pk, all_ in each.items()},
        "touches_owed": {pk: sum(one.behind > 0 for one in all_) for pk, all_ in each.items()},
    }


def touches_per_month(duties: Iterable[TierDuty]) -> float:
    """How many touches a month the duties of a tier ask for: Σ 365.25 ÷ 12 ÷ the days between two."""
    month = 365.25 / 12
    days: Mapping[str, float] = {"day": 1, "week": 7, "month": month, "quarter": 3 * month, "year": 12 * month}
    return sum(month / (duty.every * days[duty.unit]) for duty in duties)


def tier_counts() -> dict[int, int]:
    """How many live accounts each tier has."""
    held = Account.objects.filter(archived_at=None).exclude(tier=None).values_list("tier_id")
    return dict(held.annotate(n=Count("id")))
