"""The tenant's lifecycle: what it calls the stages, by which rules accounts move through them, and who said no."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models.account import Account, LifecycleStage
from tenants.fields import TenantForeignKey, TenantModel
from tenants.models import Member


class StageRule(TenantModel):
    """A stage as the tenant has it: its own `name` (empty: the built-in one) and its conditions.

    `entry` and `exit` are definitions like a segment's (`accounts.segments.definition`), None for no condition.
    `confirmed`: a person confirms each move into this stage; else it happens by itself. `accounts.stages` says how the
    conditions of all stages together move an account.
    """

    stage = models.CharField(max_length=20, choices=LifecycleStage.choices)
    name = models.CharField(max_length=60, blank=True, default="")
    entry = models.JSONField(null=True, blank=True)
    exit = models.JSONField(null=True, blank=True)
    confirmed = models.BooleanField(default=True)
    version = models.PositiveIntegerField(default=1, editable=False)

    class Meta(TenantModel.Meta):
        constraints = [models.UniqueConstraint(fields=["tenant", "stage"], name="stage_rule_once")]

    def __str__(self) -> str:
        return self.name or self.get_stage_display()

    @property
    def audit_name(self) -> str:
        """What the audit trail keeps: the tenant's own name, else the key, which each reader sees in their language."""
        return self.name or self.stage


class StageProposal(TenantModel):
    """A move that the rules want and a person confirms. An account has at most one that is open.

    `because`: the conditions that held, as a definition, read when they were asked on the figures of `day`.
    """

    class State(models.TextChoices):
        """What became of it."""

        OPEN = "open", _("Waiting")
        ACCEPTED = "accepted", _("Accepted")
        DECLINED = "declined", _("Declined")
        WITHDRAWN = "withdrawn", _("No longer holds")

    account = TenantForeignKey(Account, models.CASCADE, related_name="+")
    from_stage = models.CharField(max_length=20, choices=LifecycleStage.choices)
    to_stage = models.CharField(max_length=20, choices=LifecycleStage.choices)
    because = models.JSONField()
    day = models.DateField()
    created_at = models.DateTimeField()
    state = models.CharField(max_length=9, choices=State.choices, default=State.OPEN)
    decided_by = TenantForeignKey(Member, models.SET_NULL, null=True, blank=True, related_name="+")
    decided_at = models.DateTimeField(null=True, blank=True)

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["tenant", "account"], condition=models.Q(state="open"), name="stage_proposal_open_once"
            )
        ]
        indexes = [models.Index(fields=["tenant", "account"], name="stage_proposal_by_account")]

    def __str__(self) -> str:
        return f"{self.from_stage} → {self.to_stage}"


class StageHold(TenantModel):
    """A person has set the account's stage or declined a move: the rules keep still.

    `against`: the stage into which the rules want the account, and keep being refused; not known (`seen` is false)
    until they next run. Once they want something else, the hold is gone.
    """

    account = TenantForeignKey(Account, models.CASCADE, related_name="+")
    against = models.CharField(max_length=20, choices=LifecycleStage.choices, blank=True, default="")
    seen = models.BooleanField(default=False)
    at = models.DateTimeField()

    class Meta(TenantModel.Meta):
        constraints = [models.UniqueConstraint(fields=["tenant", "account"], name="stage_hold_once")]

    def __str__(self) -> str:
        return f"{self.account_id} {self.against}"
