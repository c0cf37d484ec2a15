"""The activity metrics as facts: what segments, columns, measures and alert rules may ask for."""

from typing import Any

from django.utils.translation import gettext_lazy
from django.utils.translation import gettext_lazy as _

from accounts.facts import Fact
from usage.activity import METRICS

_SQL = "SELECT account_id, {key} AS value FROM usage_metric WHERE tenant_id = %(tenant)s AND day = {{day}}"
_REPORTED_SQL = """SELECT k.account_id, CASE WHEN r.account_id IS NULL THEN k.{key} ELSE r.{key} END AS value
    FROM usage_metric k LEFT JOIN usage_reportedmetric r
        ON r.tenant_id = k.tenant_id AND r.day = k.day AND r.account_id = k.account_id
    WHERE k.tenant_id = %(tenant)s AND k.day = {{day}} AND k.reported <> 0"""


def _activity(key: str, label: Any, unit: str, definition: Any) -> Fact:
    """A column of the day's metrics."""
    sql, reported = _SQL.format(key=key), _REPORTED_SQL.format(key=key)
    return Fact(key, label, unit, "usage", definition, sql=sql, sql_reported=reported)


ACTIVITY_FACTS = (
    *(
        _activity(metric.key, gettext_lazy(metric.label), metric.unit, gettext_lazy(metric.definition))
        for metric in METRICS
    ),
    _activity(
        "users_28",
        _("Users of the last 28 days"),
        "count",
        _("Distinct users with a usage event in the 28 days ending on the day."),
    ),
    _activity(
        "users_28_before",
        _("Users of the 28 days before"),
        "count",
        _("Distinct users with a usage event from 55 to 28 days before the day."),
    ),
    _activity("users_ever", _("Users ever active"), "count", _("Distinct users with a usage event up to the day.")),
)

CONCENTRATION_FACTS = (
    Fact(
        "top_user_share",
        _("Share of the top user"),
        "ratio",
        "usage",
        _(
            "Active days of the most active user ÷ active days of all users, in the 30 days ending on the day; an "
            "active day is a user's day with a usage event. Not defined without any."
        ),
    ),
    Fact(
        "user_concentration",
        _("Concentration index"),
        "ratio",
        "usage",
        _(
            "Sum of the squared shares that users have in the active days of the 30 days ending on the day "
            "(Herfindahl–Hirschman): 1 when one person does everything, 1 ÷ n when n people are equally active."
        ),
    ),
)
