"""What the account page shows beyond the rooms' own selectors."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db import connection

from accounts.models import Account, Feature
from accounts.selectors.contracts import entitled_features
from tenants.scope import current_tenant_id

WEEKS = 12

_USES_SQL = """
SELECT f.feature_id, (%(day)s - n.day) / 7 AS back, sum(n.uses)
FROM usage_nameday n
JOIN usage_eventname e ON e.tenant_id = n.tenant_id AND e.id = n.name_id
JOIN usage_featurename f ON f.tenant_id = n.tenant_id AND f.event_name = e.name
WHERE n.tenant_id = %(tenant)s AND n.account_id = %(account)s AND n.day = ANY(%(days)s)
GROUP BY 1, 2
"""


@dataclass(frozen=True)
class FeatureStrip:
    """A feature's uses in each of the last 12 weeks, oldest first, and in the 30 days that the metrics look at."""

    feature: Feature
    weeks: list[int]
    used: bool


def feature_strips(*, account: Account, day: date, unused: Sequence[int]) -> list[FeatureStrip]:
    """The features the account may use: used ones by uses, then the application gap, core ones first.

    `unused` are the features without a use in the 30 days to `day`, as the day's metrics say.
    """
    days = [day - timedelta(days=back) for back in range(WEEKS * 7)]
    params: dict[str, Any] = {"day": day, "tenant": current_tenant_id(), "account": account.pk, "days": days}
    with connection.cursor() as cursor:
        cursor.execute(_USES_SQL, params)
        found: list[tuple[int, int, int]] = cursor.fetchall()
    weeks: dict[int, list[int]] = {}
    for feature_id, back, uses in found:
        weeks.setdefault(feature_id, [0] * WEEKS)[WEEKS - 1 - back] += int(uses)
    strips = [
        FeatureStrip(feature, weeks.get(feature.pk, [0] * WEEKS), feature.pk not in unused)
        for feature in entitled_features(account=account, day=day)
    ]
    return sorted(strips, key=lambda s: (not s.used, not s.feature.core, -sum(s.weeks), s.feature.name))
