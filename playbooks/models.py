"""Alerts: what the rules found, whose it is and until when."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import Account, Segment
from tenants.fields import TenantForeignKey, TenantModel
from tenants.models import Member


class AlertRule(models.TextChoices):
    """The three first rules."""

    USE_DOWN = "use_down", _("Use is down")
    SILENT = "silent", _("Silent")
    RED_BEFORE_RENEWAL = "red_renewal", _("Red before renewal")


class RuleSetting(TenantModel):
    """What a tenant decides about a rule. `segment`: the accounts that the rule looks at; None: all."""

    rule = models.CharField(max_length=20, choices=AlertRule.choices)
    segment = TenantForeignKey(Segment, models.SET_NULL, null=True, blank=True, related_name="+")
    version = models.PositiveIntegerField(default=1, editable=False)

    class Meta(TenantModel.Meta):
        constraints = [models.UniqueConstraint(fields=["tenant", "rule"], name="rule_setting_once")]

    def __str__(self) -> str:
        return str(AlertRule(self.rule).label)


class Alert(TenantModel):
    """A finding about an account. At most one per account and rule is open; `facts` are the figures of its reason.

    Opened by the night, done by a person, ended by the night once its condition no longer holds.
    """

    class State(models.TextChoices):
        """Where the alert stands."""

        OPEN = "open", _("open")
        SNOOZED = "snoozed", _("snoozed")
        DONE = "done", _("done")
        ENDED = "ended", _("ended by itself")

    account = TenantForeignKey(Account, models.CASCADE, related_name="alerts")
    rule = models.CharField(max_length=20, choices=AlertRule.choices)
    state = models.CharField(max_length=8, choices=State.choices, default=State.OPEN)
    opened_on = models.DateField()
    due_on = models.DateField()
    owner = TenantForeignKey(Member, models.SET_NULL, null=True, related_name="+")
    facts = models.JSONField(default=dict)
    snoozed_until = models.DateField(null=True)
    closed_at = models.DateTimeField(null=True)
    closed_on = models.DateField(null=True)
    closed_by = TenantForeignKey(Member, models.SET_NULL, null=True, related_name="+")
    outcome = models.CharField(max_length=300, blank=True, default="")

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["tenant", "account", "rule"],
                condition=models.Q(state__in=["open", "snoozed"]),
                name="alert_open_once",
            )
        ]
        indexes = [models.Index(fields=["tenant", "state", "account"], name="alert_by_state")]

    def __str__(self) -> str:
        return f"{self.rule} {self.account_id}"

    @property
    def audit_name(self) -> str:
        """What the audit trail keeps: the rule's key, which each reader sees in their language, and the account."""
        return f"{self.rule} {self.account.name}"
