"""Scorecards, their published versions, and the scores they gave."""

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import Account
from tenants.fields import TenantForeignKey, TenantManager, TenantModel
from tenants.models import Member


class Band(models.TextChoices):
    """Where a score falls. Unknown: coverage is below the minimum."""

    GREEN = "green", _("Healthy")
    AMBER = "amber", _("Watch")
    RED = "red", _("At risk")
    UNKNOWN = "unknown", _("No score")


class Scorecard(TenantModel):
    """How the tenant makes health. `draft` is work that is not published: nothing typed is lost."""

    name = models.CharField(max_length=80)
    draft = models.JSONField(null=True)
    draft_by = TenantForeignKey(Member, models.SET_NULL, null=True, related_name="+")
    draft_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return self.name


class ScorecardVersion(TenantModel):
    """A published definition, never changed. It counts for the days from `effective_from` until the next one's.

    `definition` is the document that `health.scoring.Card` reads; `measure_keys` is the order of a score's `raws`.
    """

    scorecard = TenantForeignKey(Scorecard, models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField()
    definition = models.JSONField()
    measure_keys = ArrayField(models.CharField(max_length=60))
    effective_from = models.DateField()
    published_at = models.DateTimeField()
    published_by = TenantForeignKey(Member, models.SET_NULL, null=True, related_name="+")
    reason = models.CharField(max_length=300, blank=True, default="")

    class Meta(TenantModel.Meta):
        constraints = [models.UniqueConstraint(fields=["tenant", "scorecard", "number"], name="scorecard_version_once")]

    def __str__(self) -> str:
        return f"v{self.number}"


class ScoreColumns(models.Model):
    """The score of an account on a day, with what it was made of: the version and the raw value per measure, in its
    order.
    """

    tenant = models.ForeignKey("tenants.Tenant", models.CASCADE, related_name="+", db_index=False, db_constraint=False)
    account = TenantForeignKey(Account, models.CASCADE, related_name="+", constrained=False)
    day = models.DateField()
    version = TenantForeignKey(ScorecardVersion, models.CASCADE, related_name="+", constrained=False)
    score = models.DecimalField(max_digits=7, decimal_places=4, null=True)
    band = models.CharField(max_length=7, choices=Band.choices)
    coverage = models.FloatField()
    raws = ArrayField(models.FloatField(null=True))

    objects = TenantManager()

    class Meta:
        abstract = True
        base_manager_name = "objects"


class Score(ScoreColumns):
    """What is known now."""

    class Reported(models.IntegerChoices):
        """Whether the night's own score is this one, kept apart, or does not exist."""

        NEVER = 0, _("not reported")
        SAME = 1, _("as reported")
        KEPT = 2, _("changed since; the reported score is kept")

    pk = models.CompositePrimaryKey("tenant_id", "day", "account_id")
    reported = models.SmallIntegerField(choices=Reported.choices, default=Reported.NEVER)
    provisional = models.BooleanField(default=False)

    objects: ClassVar[TenantManager["Score"]] = TenantManager()

    def __str__(self) -> str:
        return f"{self.account_id} {self.day} {self.score}"


class ReportedScore(ScoreColumns):
    """What a night reported, kept since late events changed it."""

    pk = models.CompositePrimaryKey("tenant_id", "day", "account_id")

    def __str__(self) -> str:
        return f"{self.account_id} {self.day} {self.score}"


class StaleScore(TenantModel):
    """An account's day whose inputs changed after it was scored. Append-only; taken by the night."""

    account = TenantForeignKey(Account, models.CASCADE, related_name="+", constrained=False)
    day = models.DateField()

    def __str__(self) -> str:
        return f"{self.account_id} {self.day}"
