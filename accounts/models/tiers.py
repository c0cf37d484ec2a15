"""Differentiated service: what an account takes the product for, who drives it, and what its tier is owed."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from tenants.fields import TenantForeignKey, TenantModel


class Purpose(models.TextChoices):
    """What the customer takes the product for."""

    SMALL_TOOL = "small_tool", _("A small tool")
    VERTICAL = "vertical", _("A vertical system")
    PLATFORM = "platform", _("A platform")
    CURE_ALL = "cure_all", _("A cure-all")


class Driver(models.TextChoices):
    """Who drives the product at the customer."""

    BUSINESS = "business", _("The business")
    IT = "it", _("IT")
    EXPLORERS = "explorers", _("Explorers")
    CONVINCED = "convinced", _("The convinced")


class ServiceTier(TenantModel):
    """A way to serve accounts, in the tenant's order. `rule` (a definition like a segment's, or None) suggests it for
    accounts; a person sets it. An archived tier stays with the accounts that have it, and is owed nothing.
    """

    name = models.CharField(max_length=60)
    position = models.PositiveIntegerField(default=0)
    rule = models.JSONField(null=True, blank=True)
    created_at = models.DateTimeField()
    archived_at = models.DateTimeField(null=True, blank=True)
    version = models.PositiveIntegerField(default=1, editable=False)

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["tenant", "name"], condition=models.Q(archived_at=None), name="service_tier_name_once"
            )
        ]

    def __str__(self) -> str:
        return self.name


class TierDuty(TenantModel):
    """What a tier owes each of its accounts: a two-way touch of one of `kinds` on one of `levels` every so often.

    Empty `kinds` or `levels` mean any. `every` of `unit`: 1 quarter, 30 days.
    """

    class Unit(models.TextChoices):
        """What is counted."""

        DAY = "day", _("days")
        WEEK = "week", _("weeks")
        MONTH = "month", _("months")
        QUARTER = "quarter", _("quarters")
        YEAR = "year", _("years")

    tier = TenantForeignKey(ServiceTier, models.CASCADE, related_name="duties")
    name = models.CharField(max_length=60)
    kinds = ArrayField(models.CharField(max_length=10), default=list, blank=True)
    levels = ArrayField(models.CharField(max_length=8), default=list, blank=True)
    every = models.PositiveSmallIntegerField()
    unit = models.CharField(max_length=7, choices=Unit.choices)
    position = models.PositiveSmallIntegerField(default=0)

    class Meta(TenantModel.Meta):
        constraints = [models.CheckConstraint(condition=models.Q(every__gt=0), name="tier_duty_every_positive")]
        indexes = [models.Index(fields=["tenant", "tier"], name="tier_duty_by_tier")]

    def __str__(self) -> str:
        return self.name
