"""What accounts have signed, and what follows from it by day."""

from datetime import date

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models.account import Account
from accounts.models.product import Feature, Plan, Product
from tenants.fields import TenantForeignKey, TenantModel

# The row of an account's terms that keeps its own fields, which hold before its first line starts.
OWN_SINCE = date.min


class Contract(TenantModel):
    """A signed contract of an account; its lines are in its `currency`."""

    account = TenantForeignKey(Account, models.CASCADE, related_name="contracts")
    external_id = models.CharField(max_length=120)
    currency = models.CharField(max_length=3)
    notes = models.TextField(blank=True, default="", max_length=5000)
    created_at = models.DateTimeField()
    version = models.PositiveIntegerField(default=1, editable=False)

    class Meta(TenantModel.Meta):
        constraints = [models.UniqueConstraint(fields=["tenant", "external_id"], name="contract_external_id_once")]
        indexes = [models.Index(fields=["tenant", "account"], name="contract_by_account")]

    def __str__(self) -> str:
        return self.external_id


class ContractLine(TenantModel):
    """What a contract sells, for a term of days [start, end): `end` is the first day not covered; null runs on.

    `amount` pays for `billing_months` months; a one-off fee has none and is no part of the ARR. `outcome` says what
    became of the term and `outcome_date` when that was decided.
    """

    class Outcome(models.TextChoices):
        """What became of a term."""

        RENEWED = "renewed", _("Renewed")
        SHRUNK = "shrunk", _("Renewed for less")
        LOST = "lost", _("Lost")

    contract = TenantForeignKey(Contract, models.CASCADE, related_name="lines")
    external_id = models.CharField(max_length=120)
    product = TenantForeignKey(Product, models.PROTECT, related_name="+")
    plan = TenantForeignKey(Plan, models.PROTECT, null=True, blank=True, related_name="+")
    seats = models.PositiveIntegerField(null=True, blank=True)
    amount = models.DecimalField(max_digits=16, decimal_places=2)
    billing_months = models.PositiveSmallIntegerField(null=True, blank=True)
    one_off = models.BooleanField(default=False)
    start = models.DateField()
    end = models.DateField(null=True, blank=True)
    outcome = models.CharField(max_length=7, choices=Outcome.choices, blank=True, default="")
    outcome_date = models.DateField(null=True, blank=True)
    reason = models.CharField(max_length=300, blank=True, default="")
    version = models.PositiveIntegerField(default=1, editable=False)

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["tenant", "contract", "external_id"], name="contract_line_id_once"),
            models.CheckConstraint(
                condition=Q(end=None) | Q(end__gte=models.F("start")), name="contract_line_ends_after_start"
            ),
            models.CheckConstraint(condition=Q(amount__gte=0), name="contract_line_amount_not_negative"),
            models.CheckConstraint(
                condition=Q(one_off=True, billing_months=None) | Q(one_off=False, billing_months__gt=0),
                name="contract_line_months_positive",
            ),
            models.CheckConstraint(
                condition=Q(outcome="", outcome_date=None)
                | (~Q(outcome="") & Q(outcome_date__isnull=False, end__isnull=False)),
                name="contract_line_outcome_whole",
            ),
        ]

    def __str__(self) -> str:
        return self.external_id


class Entitlement(TenantModel):
    """A feature that one account may (`granted`) or may not use, whatever its plans say, on the days [start, end)."""

    account = TenantForeignKey(Account, models.CASCADE, related_name="entitlements")
    feature = TenantForeignKey(Feature, models.CASCADE, related_name="+")
    granted = models.BooleanField(default=True)
    start = models.DateField()
    end = models.DateField(null=True, blank=True)
    note = models.CharField(max_length=300, blank=True, default="")
    created_at = models.DateTimeField()

    class Meta(TenantModel.Meta):
        constraints = [
            models.CheckConstraint(
                condition=Q(end=None) | Q(end__gte=models.F("start")), name="entitlement_ends_after_start"
            )
        ]
        indexes = [models.Index(fields=["tenant", "account"], name="entitlement_by_account")]

    def __str__(self) -> str:
        return f"{self.feature_id}"


class ExchangeRate(TenantModel):
    """From `day` on, one unit of `currency` is worth `rate` of the tenant's currency, until the next rate."""

    currency = models.CharField(max_length=3)
    day = models.DateField()
    rate = models.DecimalField(max_digits=20, decimal_places=10)

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["tenant", "currency", "day"], name="exchange_rate_once"),
            models.CheckConstraint(condition=Q(rate__gt=0), name="exchange_rate_positive"),
        ]

    def __str__(self) -> str:
        return f"{self.currency} {self.day}"


class AccountTerm(TenantModel):
    """Derived: what an account's contracts come to from the day `since` until its next row; refilled with its lines.

    The row of `OWN_SINCE` keeps the account's own fields, which hold before the first line starts. `lacks`: the
    currency that has no rate yet, so that the ARR is not defined.
    """

    pk = models.CompositePrimaryKey("tenant_id", "account_id", "since")
    account = TenantForeignKey(Account, models.CASCADE, related_name="+")
    since = models.DateField()
    arr = models.DecimalField(max_digits=16, decimal_places=2, null=True)
    currency = models.CharField(max_length=3)
    seats = models.PositiveIntegerField(null=True)
    renewal_date = models.DateField(null=True)
    contract_start = models.DateField(null=True)
    lacks = models.CharField(max_length=3, blank=True, default="")

    def __str__(self) -> str:
        return f"{self.account_id} {self.since}"
