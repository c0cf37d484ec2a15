"""What contracts say of seats and entitled features, as parts of the statement that computes metrics.

A tenant without contracts and entitlements gets the plain parts: its night pays nothing for what it does not have.
"""

# ruff: noqa: S608 - statements are put together from constants of this package only

from collections.abc import Mapping
from datetime import date
from typing import LiteralString, NamedTuple

from usage.models import StaleMetric
from usage.sql import rows


class Parts(NamedTuple):
    """CTEs: `feature` and what stands before it, `features` (per row of `meant`: how many of the features that it may
    use are used, and which are not), and `seated`.
    """

    feature: LiteralString
    features: LiteralString
    seated: LiteralString


# A sum of floats depends on its order, and sorting costs more than summing: depth is summed in fixed point (2⁴⁰).
_DEEP: LiteralString = """sum((least(1, s.uses / w.mau::float8 / f.target) * 1099511627776)::bigint)
               FILTER (WHERE f.core AND s.uses > 0 AND w.mau > 0)::float8 / 1099511627776"""

PLAIN = Parts(
    feature="""feature AS MATERIALIZED (
    SELECT f.id, f.core, COALESCE(f.target_uses, 1)::float8 AS target FROM accounts_feature f
    WHERE f.tenant_id = %(tenant)s AND f.entitled_by_default
)""",
    # Every account may use the same features: what is not among the used ones is looked up only where there is a gap.
    features=f"""used AS (
    SELECT w.account_id, w.day, count(*) AS used, count(*) FILTER (WHERE f.core) AS core_used, array_agg(f.id) AS ids,
           {_DEEP} AS deep
    FROM meant w JOIN usage_uses s ON s.account_id = w.account_id AND s.day = w.day
    JOIN feature f ON f.id = s.feature_id
    GROUP BY 1, 2
), features AS (
    SELECT w.account_id, w.day, t.entitled, t.core, COALESCE(u.core_used, 0) AS core_used,
           t.entitled - COALESCE(u.used, 0) AS unused, u.deep,
           CASE WHEN t.entitled > COALESCE(u.used, 0) THEN ARRAY (
               SELECT f.id FROM feature f WHERE f.id <> ALL (COALESCE(u.ids, '{{}}')) ORDER BY f.id) END AS unused_ids
    FROM meant w CROSS JOIN (SELECT count(*) AS entitled, count(*) FILTER (WHERE core) AS core FROM feature) t
    LEFT JOIN used u ON u.account_id = w.account_id AND u.day = w.day
)""",
    seated="""seated AS (
    SELECT w.account_id, w.day, COALESCE(a.seats, e.known, 0) AS seats,
           CASE WHEN a.seats IS NULL THEN 'users' ELSE 'account' END AS seats_from,
           COALESCE(e.active, 0) AS active
    FROM usage_wanted w JOIN accounts_account a ON a.tenant_id = %(tenant)s AND a.id = w.account_id
    LEFT JOIN ever e ON e.account_id = w.account_id AND e.day = w.day
)""",
)

_LINES: LiteralString = """
    FROM usage_wanted w
    JOIN accounts_contract c ON c.tenant_id = %(tenant)s AND c.account_id = w.account_id
    JOIN accounts_contractline l ON l.tenant_id = %(tenant)s AND l.contract_id = c.id
        AND l.start <= w.day AND (l."end" IS NULL OR w.day < l."end")"""

# Features: those of the plans of the lines that run on the day, else those that every account may use; what was
# granted to the account besides; without what was taken from it. Seats: of the lines that run on the day, else the
# account's own field (which holds before its first line starts), else its known users.
WITH_CONTRACTS = Parts(
    feature=f"""feature AS (
    SELECT f.id, f.core, COALESCE(f.target_uses, 1)::float8 AS target, f.entitled_by_default AS usual
    FROM accounts_feature f WHERE f.tenant_id = %(tenant)s
), planned AS MATERIALIZED (
    SELECT w.account_id, w.day, array_agg(p.feature_id) AS ids {_LINES} AND l.plan_id IS NOT NULL
    LEFT JOIN accounts_planfeature p ON p.tenant_id = %(tenant)s AND p.plan_id = l.plan_id
    GROUP BY 1, 2
), excepted AS MATERIALIZED (
    SELECT w.account_id, w.day, array_agg(n.feature_id) FILTER (WHERE n.granted) AS more,
           array_agg(n.feature_id) FILTER (WHERE NOT n.granted) AS less
    FROM usage_wanted w JOIN accounts_entitlement n ON n.tenant_id = %(tenant)s AND n.account_id = w.account_id
        AND n.start <= w.day AND (n."end" IS NULL OR w.day < n."end")
    GROUP BY 1, 2
)""",
    features=f"""features AS (
    SELECT w.account_id, w.day,
           count(*) AS entitled,
           count(*) FILTER (WHERE f.core) AS core,
           count(*) FILTER (WHERE f.core AND s.uses > 0) AS core_used,
           count(*) FILTER (WHERE s.uses IS NULL) AS unused,
           {_DEEP} AS deep,
           array_sort(array_agg(f.id) FILTER (WHERE s.uses IS NULL)) AS unused_ids
    FROM meant w
    LEFT JOIN planned g ON g.account_id = w.account_id AND g.day = w.day
    LEFT JOIN excepted x ON x.account_id = w.account_id AND x.day = w.day
    CROSS JOIN feature f
    LEFT JOIN usage_uses s ON s.account_id = w.account_id AND s.day = w.day AND s.feature_id = f.id
    WHERE (CASE WHEN g.account_id IS NULL THEN f.usual ELSE COALESCE(f.id = ANY (g.ids), false) END
           OR COALESCE(f.id = ANY (x.more), false)) AND NOT COALESCE(f.id = ANY (x.less), false)
    GROUP BY 1, 2
)""",
    seated=f"""lined AS MATERIALIZED (
    SELECT w.account_id, w.day, sum(l.seats)::integer AS seats {_LINES}
    GROUP BY 1, 2
), seated AS (
    SELECT w.account_id, w.day, COALESCE(l.seats, o.seats, e.known, 0) AS seats,
           CASE WHEN l.seats IS NOT NULL THEN 'contract' WHEN o.seats IS NOT NULL THEN 'account' ELSE 'users' END
               AS seats_from,
           COALESCE(e.active, 0) AS active
    FROM usage_wanted w JOIN accounts_account a ON a.tenant_id = %(tenant)s AND a.id = w.account_id
    LEFT JOIN lined l ON l.account_id = w.account_id AND l.day = w.day
    LEFT JOIN accounts_accountterm b ON b.tenant_id = %(tenant)s AND b.account_id = a.id AND b.since = '0001-01-01'
    CROSS JOIN LATERAL (SELECT CASE WHEN a.terms_from IS NULL THEN a.seats
                                    WHEN w.day < a.terms_from THEN b.seats END AS seats) o
    LEFT JOIN ever e ON e.account_id = w.account_id AND e.day = w.day
)""",
)

_ANY: LiteralString = """
SELECT EXISTS (SELECT FROM accounts_contractline WHERE tenant_id = %(tenant)s)
    OR EXISTS (SELECT FROM accounts_entitlement WHERE tenant_id = %(tenant)s)"""


def contracts_there() -> bool:
    """Whether the tenant in scope has contract lines or entitlements."""
    [(there,)] = rows(_ANY)
    return bool(there)


_FIRST_FIGURES: LiteralString = """
SELECT day FROM usage_metric WHERE tenant_id = %(tenant)s ORDER BY day LIMIT 1"""


def terms_mark_stale(*, firsts: Mapping[int, date]) -> int:
    """Contracts say something else of seats or features from these days on, by account: their figures are refilled.

    Returns how many accounts are marked; days before the tenant's first figures are left out.
    """
    first = next((day for (day,) in rows(_FIRST_FIGURES)), None)
    if first is None:
        return 0
    found = [StaleMetric(account_id=pk, first_day=max(day, first)) for pk, day in sorted(firsts.items())]
    return len(StaleMetric.objects.bulk_create(found, batch_size=5000))
