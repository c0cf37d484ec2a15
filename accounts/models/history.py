"""What an account's fields held when, changes of many accounts at once, and segments."""

from django.db import models

from accounts.models.account import Account
from tenants.fields import TenantForeignKey, TenantModel
from tenants.models import Member


class AccountFieldHistory(TenantModel):
    """The value that a field of an account holds from `at` until the field's next row; `value` None: nothing.

    `value` is plain text: a member's or a code's id, a number without grouping, a date as 2027-01-31. Written with
    every change of a tracked field; `accounts.services.history` names them.
    """

    account = TenantForeignKey(Account, models.CASCADE, related_name="+")
    field = models.CharField(max_length=42)
    value = models.CharField(max_length=500, null=True)
    at = models.DateTimeField()

    class Meta(TenantModel.Meta):
        indexes = [models.Index(fields=["tenant", "field", "account", "-at", "-id"], name="field_history_by_account")]

    def __str__(self) -> str:
        return f"{self.account_id} {self.field} {self.at:%Y-%m-%d}"


class BulkChange(TenantModel):
    """A change of many accounts at once, kept so that it can be undone: rows of [account id, field, old, new]."""

    by = TenantForeignKey(Member, models.CASCADE, related_name="+")
    at = models.DateTimeField()
    changes = models.JSONField()
    undone_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d} {self.by}"


class Segment(TenantModel):
    """A named set of accounts, defined by conditions (see `accounts.segments.definition`) and read anew each time."""

    name = models.CharField(max_length=60)
    definition = models.JSONField()
    owner = TenantForeignKey(Member, models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField()
    archived_at = models.DateTimeField(null=True, blank=True)
    version = models.PositiveIntegerField(default=1, editable=False)

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["tenant", "name"], condition=models.Q(archived_at=None), name="segment_name_once"
            )
        ]

    def __str__(self) -> str:
        return self.name
