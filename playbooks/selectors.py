"""Reads alerts and says their reason in the reader's language."""

from collections.abc import Iterable
from contextlib import suppress
from datetime import date

from django.db.models import Count, Q
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import Account
from accounts.segments.definition import DefinitionFault
from accounts.segments.uses import Use
from accounts.selectors.segments import segment_account_ids
from playbooks.models import Alert, AlertRule, RuleSetting
from tenants.models import Tenant
from tenants.scope import current_tenant_id


def alerts_of_account(*, account: Account) -> list[Alert]:
    """All alerts of an account, newest first."""
    return list(account.alerts.select_related("owner__user", "closed_by__user").order_by("-opened_on", "-id"))


def alerts_by_account(*, account_ids: Iterable[int]) -> dict[int, list[Alert]]:
    """Open alerts of the named accounts, by account."""
    found: dict[int, list[Alert]] = {}
    for alert in Alert.objects.filter(account_id__in=list(account_ids), state=Alert.State.OPEN).order_by("due_on"):
        found.setdefault(alert.account_id, []).append(alert)
    return found


def alerts_standing(*, account_ids: Iterable[int], day: date) -> dict[int, list[Alert]]:
    """Alerts of the named accounts that stood at the end of a past day, by account; their figures are later ones."""
    found: dict[int, list[Alert]] = {}
    stood = Q(closed_on=None) | Q(closed_on__gt=day)
    for alert in Alert.objects.filter(stood, account_id__in=list(account_ids), opened_on__lte=day).order_by("due_on"):
        found.setdefault(alert.account_id, []).append(alert)
    return found


def reason(alert: Alert) -> str:
    """Why the alert was raised, in one line with its figures."""
    facts = alert.facts
    if alert.rule == AlertRule.USE_DOWN:
        drop = round(100 * (1 - facts["users"] / facts["before"]))
        return _("Active users fell by %(drop)d%% in four weeks: %(before)d → %(users)d") % {**facts, "drop": drop}
    if alert.rule == AlertRule.SILENT:
        return ngettext(
            "No two-way contact for %(days)d day", "No two-way contact for %(days)d days", facts["days"]
        ) % {"days": facts["days"]}
    return ngettext(
        "Score %(score)d is red and the renewal is in %(days)d day",
        "Score %(score)d is red and the renewal is in %(days)d days",
        facts["days"],
    ) % {"score": facts["score"], "days": facts["days"]}


def rule_settings() -> dict[str, RuleSetting]:
    """Every rule with what the tenant decided about it, in the rules' order."""
    held = {one.rule: one for one in RuleSetting.objects.select_related("segment")}
    return {rule: held.get(rule) or RuleSetting(rule=rule) for rule in AlertRule.values}


def rule_use(setting: RuleSetting) -> Use:
    """A rule as a user of its segment, which may not ask for what comes from alerts."""
    said = _("alert rule “%(rule)s”") % {"rule": AlertRule(setting.rule).label}
    return Use(said, "alert_rules", below="playbooks")


def rule_uses() -> dict[int, list[Use]]:
    """The rules that look only at a segment, by segment."""
    found: dict[int, list[Use]] = {}
    for setting in RuleSetting.objects.order_by("id"):
        if setting.segment_id is not None:
            found.setdefault(setting.segment_id, []).append(rule_use(setting))
    return found


def accounts_of_rules(*, as_of: date) -> dict[str, set[int] | None]:
    """The accounts that each rule looks at, None for all.

    A rule whose segment cannot be read any more looks at all: an alert too many is seen, a missing one is not.
    """
    zone = Tenant.objects.get(pk=current_tenant_id()).timezone
    found: dict[str, set[int] | None] = {}
    for rule, setting in rule_settings().items():
        found[rule] = None
        if setting.segment is not None and setting.segment.archived_at is None:
            with suppress(DefinitionFault):
                found[rule] = set(segment_account_ids(segment=setting.segment, day=as_of, zone=zone))
    return found


def live_counts() -> dict[str, int]:
    """How many alerts are open or snoozed, by rule."""
    live = Alert.objects.filter(state__in=[Alert.State.OPEN, Alert.State.SNOOZED])
    return dict(live.values_list("rule").annotate(count=Count("id")).order_by())
