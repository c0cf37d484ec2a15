"""The activity metrics as facts: what segments, columns, measures and alert rules may ask for."""

from django.utils.translation import gettext_lazy
from django.utils.translation import gettext_lazy as _

from accounts.facts import Fact
from usage.activity import METRICS

ACTIVITY_FACTS = (
    *(
        Fact(metric.key, gettext_lazy(metric.label), metric.unit, "usage", gettext_lazy(metric.definition))
        for metric in METRICS
    ),
    Fact(
        "users_28",
        _("Users of the last 28 days"),
        "count",
        "usage",
        _("Distinct users with a usage event in the 28 days ending on the day."),
    ),
    Fact(
        "users_28_before",
        _("Users of the 28 days before"),
        "count",
        "usage",
        _("Distinct users with a usage event from 55 to 28 days before the day."),
    ),
    Fact("users_ever", _("Users ever active"), "count", "usage", _("Distinct users with a usage event up to the day.")),
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
