"""Reads alerts and says their reason in the reader's language."""

from collections.abc import Iterable
from datetime import date

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import Account
from playbooks.models import Alert, AlertRule


def alert_open_list(*, accounts: QuerySet[Account], as_of: date) -> list[Alert]:
    """Open alerts of the given accounts (snoozed ones whose time is up among them), with account and owner."""
    due_again = Q(state=Alert.State.SNOOZED, snoozed_until__lte=as_of)
    return list(
        Alert.objects.filter(Q(state=Alert.State.OPEN) | due_again, account__in=accounts)
        .select_related("account__csm__user", "owner__user")
        .order_by("due_on", "id")
    )


def alerts_of_account(*, account: Account) -> list[Alert]:
    """All alerts of an account, newest first."""
    return list(account.alerts.select_related("owner__user", "closed_by__user").order_by("-opened_on", "-id"))


def alerts_by_account(*, account_ids: Iterable[int]) -> dict[int, list[Alert]]:
    """Open alerts of the named accounts, by account."""
    found: dict[int, list[Alert]] = {}
    for alert in Alert.objects.filter(account_id__in=list(account_ids), state=Alert.State.OPEN).order_by("due_on"):
        found.setdefault(alert.account_id, []).append(alert)
    return found


def reason(alert: Alert) -> str:
    """Why the alert was raised, in one line with its figures."""
    facts = alert.facts
    if alert.rule == AlertRule.USE_DOWN:
        drop = round(100 * (1 - facts["users"] / facts["before"]))
        return _("Active users fell by %(drop)d %% in four weeks: %(before)d → %(users)d") % {**facts, "drop": drop}
    if alert.rule == AlertRule.SILENT:
        return ngettext(
            "No two-way contact for %(days)d day", "No two-way contact for %(days)d days", facts["days"]
        ) % {"days": facts["days"]}
    return ngettext(
        "Score %(score)d is red and the renewal is in %(days)d day",
        "Score %(score)d is red and the renewal is in %(days)d days",
        facts["days"],
    ) % {"score": facts["score"], "days": facts["days"]}
