"""What customers have paid, and what CSMs are to bring in."""

from django.db import models

from accounts.models.account import Account
from tenants.fields import TenantForeignKey, TenantModel
from tenants.models import Member


class Payment(TenantModel):
    """Money received from an account 回款, in `currency`, on the tenant's day `paid_on`; a refund is negative."""

    account = TenantForeignKey(Account, models.CASCADE, related_name="payments")
    external_id = models.CharField(max_length=200)
    amount = models.DecimalField(max_digits=16, decimal_places=2)
    currency = models.CharField(max_length=3)
    paid_on = models.DateField()
    note = models.CharField(max_length=300, blank=True, default="")
    created_at = models.DateTimeField()

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["tenant", "external_id"], name="payment_external_id_once"),
            models.CheckConstraint(condition=~models.Q(amount=0), name="payment_amount_not_zero"),
        ]
        indexes = [
            models.Index(fields=["tenant", "account", "-paid_on"], name="payment_by_account"),
            models.Index(fields=["tenant", "paid_on"], name="payment_by_day"),
        ]

    def __str__(self) -> str:
        return self.external_id


class CsmTarget(TenantModel):
    """What a CSM is to bring in in a calendar year, in the tenant's currency, and how many accounts are a full load.

    Empty: no target.
    """

    csm = TenantForeignKey(Member, models.CASCADE, related_name="+")
    year = models.PositiveSmallIntegerField()
    collected = models.DecimalField(max_digits=16, decimal_places=2, null=True, blank=True)
    arr = models.DecimalField(max_digits=16, decimal_places=2, null=True, blank=True)
    accounts = models.PositiveIntegerField(null=True, blank=True)

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["tenant", "csm", "year"], name="csm_target_once"),
            models.CheckConstraint(
                condition=(models.Q(collected=None) | models.Q(collected__gte=0))
                & (models.Q(arr=None) | models.Q(arr__gte=0)),
                name="csm_target_not_negative",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.csm_id} {self.year}"
