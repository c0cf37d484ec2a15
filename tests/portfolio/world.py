"""An account book to look at: accounts with metrics and scores on the shown day and a week before."""

from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.test import Client

from accounts.models import Account
from health.models import Score
from health.selectors import version_latest
from operations.models import Night
from operations.selectors import SHOWING_JOB
from playbooks.models import Alert
from tenants.models import Member, Tenant
from tests.factories import AT, DAY
from usage.models import Metric

WEEK = timedelta(days=7)


def close_day(tenant: Tenant) -> None:
    """The night of DAY is complete."""
    Night.objects.create(
        tenant=tenant,
        job=SHOWING_JOB,
        position=4,
        local_date=DAY,
        not_before=AT,
        finished_at=AT,
        state=Night.State.DONE,
    )


def make_metric(account: Account, **values: Any) -> Metric:
    """A day of an account with some use."""
    figures: dict[str, Any] = {
        "day": DAY,
        "seats": 40,
        "seats_from": "account",
        "dau": 5,
        "wau": 12,
        "mau": 20,
        "stickiness": 0.25,
        "users_ever": 30,
        "activation_rate": 0.75,
        "login_ratio": 0.3,
        "login_listed": True,
        "minutes_online": 61.5,
        "breadth": 0.5,
        "depth": 0.4,
        "application_gap": 0.5,
        "usage_trend": 0.9,
        "users_28": 18,
        "users_28_before": 20,
    }
    return Metric.objects.create(tenant_id=account.tenant_id, account=account, reported=1, **{**figures, **values})


def make_score(account: Account, score: float | None, band: str = "", **values: Any) -> Score:
    """A score under the published card, every measure at the same raw value."""
    version = version_latest()
    raws: Sequence[float | None] = values.pop("raws", [0.5] * len(version.measure_keys))
    number = None if score is None else Decimal(str(score))
    named = band or ("unknown" if score is None else "green" if score >= 70 else "amber" if score >= 40 else "red")
    return Score.objects.create(
        tenant_id=account.tenant_id,
        account=account,
        version=version,
        score=number,
        band=named,
        coverage=0.9,
        raws=list(raws),
        reported=1,
        **{"day": DAY, **values},
    )


def make_alert(account: Account, rule: str = "silent", **values: Any) -> Alert:
    """An open alert of the account."""
    facts = {"silent": {"days": 47}, "use_down": {"users": 61, "before": 112}, "red_renewal": {"score": 31, "days": 40}}
    figures = {"opened_on": DAY, "due_on": DAY + WEEK, "facts": facts[rule], "owner": account.csm}
    return Alert.objects.create(account=account, rule=rule, **{**figures, **values})


def signed_in(member: Member) -> Client:
    """A browser in which this member is signed in."""
    client = Client()
    client.force_login(member.user, backend="allauth.account.auth_backends.AuthenticationBackend")
    return client
