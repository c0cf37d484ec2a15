"""Accounts, the tenant's customers."""

from django.db import models

from accounts.models.tiers import Driver, Purpose, ServiceTier
from accounts.stage_words import stage_word
from tenants.fields import TenantForeignKey, TenantModel
from tenants.models import Member


class LifecycleStage(models.TextChoices):
    """The five service stages of an account; their labels are what the tenant in scope calls them."""

    CONFIGURATION = "configuration", stage_word("configuration")
    TRAINING = "training", stage_word("training")
    GO_LIVE = "go_live", stage_word("go_live")
    AFTER_SALES = "after_sales", stage_word("after_sales")
    EXPANSION = "expansion_renewal", stage_word("expansion_renewal")


class Account(TenantModel):
    """A customer of the tenant. `arr` is the annual recurring revenue in `currency`; `renewal_date` ends the running
    term.

    From the day `terms_from` on, the start of its first contract line, `arr`, `currency`, `seats`, `renewal_date` and
    `contract_start` are derived from its lines (`AccountTerm`) and hold the present day's values.

    `stage_since` is the tenant's day on which it came into its stage; None where only `created_at` is known.
    `tier_since`: the day on which a person gave it its service tier. `parent`: the account that it belongs to, as a
    subsidiary does; never itself or one below it.
    """

    external_id = models.CharField(max_length=200)
    name = models.CharField(max_length=200)
    name_key = models.CharField(max_length=400, editable=False)
    industry = models.CharField(max_length=80, blank=True, default="")
    segment = models.CharField(max_length=80, blank=True, default="")
    lifecycle_stage = models.CharField(
        max_length=20, choices=LifecycleStage.choices, default=LifecycleStage.CONFIGURATION
    )
    stage_since = models.DateField(null=True, blank=True, editable=False)
    purpose = models.CharField(max_length=10, choices=Purpose.choices, blank=True, default="")
    driver = models.CharField(max_length=9, choices=Driver.choices, blank=True, default="")
    tier = TenantForeignKey(ServiceTier, models.SET_NULL, null=True, blank=True, related_name="+")
    tier_since = models.DateField(null=True, blank=True, editable=False)
    csm = TenantForeignKey(Member, models.SET_NULL, null=True, blank=True, related_name="+")
    parent = TenantForeignKey("self", models.SET_NULL, null=True, blank=True, related_name="children")
    seats = models.PositiveIntegerField(null=True, blank=True)
    contract_start = models.DateField(null=True, blank=True)
    renewal_date = models.DateField(null=True, blank=True)
    arr = models.DecimalField(max_digits=16, decimal_places=2, null=True, blank=True)
    currency = models.CharField(max_length=3)
    terms_from = models.DateField(null=True, blank=True, editable=False)
    held_fields = models.JSONField(default=list, blank=True, editable=False)
    created_at = models.DateTimeField()
    archived_at = models.DateTimeField(null=True, blank=True)
    version = models.PositiveIntegerField(default=1, editable=False)

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["tenant", "external_id"], name="account_external_id_once"),
            models.CheckConstraint(
                condition=models.Q(arr__gte=0) | models.Q(arr=None), name="account_arr_not_negative"
            ),
        ]
        indexes = [
            models.Index(fields=["tenant", "name_key"], name="account_by_name"),
            models.Index(fields=["tenant", "csm"], name="account_by_csm"),
            models.Index(fields=["tenant", "renewal_date"], name="account_by_renewal"),
            # The order in which the portfolio opens.
            models.Index(
                models.F("tenant"),
                models.F("arr").desc(nulls_last=True),
                condition=models.Q(archived_at=None),
                name="account_by_arr",
            ),
            models.Index(fields=["tenant", "segment"], name="account_by_segment"),
            models.Index(fields=["tenant", "industry"], name="account_by_industry"),
            models.Index(
                fields=["tenant", "parent"], condition=models.Q(parent__isnull=False), name="account_by_parent"
            ),
        ]

    def __str__(self) -> str:
        return self.name
