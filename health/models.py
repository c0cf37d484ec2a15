"""Scorecards, their drafts and published versions, the scores they gave, and bands set by hand."""

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.models import Account, LifecycleStage, Segment
from tenants.fields import TenantForeignKey, TenantManager, TenantModel
from tenants.models import Member


class Band(models.TextChoices):
    """Where a score falls. Unknown: coverage is below the minimum."""

    GREEN = "green", _("Healthy")
    AMBER = "amber", _("Watch")
    RED = "red", _("At risk")
    UNKNOWN = "unknown", _("No score")


class Scorecard(TenantModel):
    """How the tenant makes health for some of its accounts.

    Cards are asked in the order of `position`; the first that takes an account is the one that applies to it. A card
    takes the accounts in its `segment` (None: all) and in one of its `stages` (none: every stage). The default card
    (`is_default`, exactly one) is asked last and takes every account.
    """

    name = models.CharField(max_length=80)
    position = models.PositiveSmallIntegerField(default=0)
    is_default = models.BooleanField(default=False)
    segment = TenantForeignKey(Segment, models.PROTECT, null=True, blank=True, related_name="+")
    stages = ArrayField(models.CharField(max_length=20, choices=LifecycleStage.choices), default=list, blank=True)
    archived_at = models.DateTimeField(null=True, blank=True)

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["tenant"], condition=models.Q(is_default=True), name="scorecard_default")
        ]

    def __str__(self) -> str:
        return self.name


class ScorecardVersion(TenantModel):
    """A published definition, never changed. It counts for the days from `effective_from` until the next one's.

    `definition` is the document that `health.card.card_of` reads; `measure_keys` is the order of a score's `raws`. A
    version that was to count later and was called off before its day never counts (`withdrawn_at`).
    """

    scorecard = TenantForeignKey(Scorecard, models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField()
    definition = models.JSONField()
    measure_keys = ArrayField(models.CharField(max_length=60))
    effective_from = models.DateField()
    published_at = models.DateTimeField()
    published_by = TenantForeignKey(Member, models.SET_NULL, null=True, related_name="+")
    approved_by = TenantForeignKey(Member, models.SET_NULL, null=True, related_name="+")
    reason = models.CharField(max_length=300, blank=True, default="")
    withdrawn_at = models.DateTimeField(null=True)

    class Meta(TenantModel.Meta):
        constraints = [models.UniqueConstraint(fields=["tenant", "scorecard", "number"], name="scorecard_version_once")]

    def __str__(self) -> str:
        return f"v{self.number}"


class Draft(TenantModel):
    """Work on a scorecard that is not published: nothing typed is lost, valid or not. `based_on`: the version it was
    begun from, None for a new card. `counts_from`: the first day on which it is to count, None for the last closed day.
    """

    class State(models.TextChoices):
        """Where the draft stands."""

        OPEN = "open", _("being worked on")
        WAITING = "waiting", _("waiting for a second admin")
        PUBLISHED = "published", pgettext_lazy("draft", "published")
        DROPPED = "dropped", _("discarded")

    scorecard = TenantForeignKey(Scorecard, models.CASCADE, related_name="drafts")
    based_on = TenantForeignKey(ScorecardVersion, models.SET_NULL, null=True, related_name="+")
    name = models.CharField(max_length=80, blank=True, default="")
    document = models.JSONField()
    state = models.CharField(max_length=10, choices=State.choices, default=State.OPEN)
    created_by = TenantForeignKey(Member, models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField()
    changed_by = TenantForeignKey(Member, models.SET_NULL, null=True, related_name="+")
    changed_at = models.DateTimeField()
    reason = models.CharField(max_length=300, blank=True, default="")
    counts_from = models.DateField(null=True)
    asked_by = TenantForeignKey(Member, models.SET_NULL, null=True, related_name="+")
    published = TenantForeignKey(ScorecardVersion, models.SET_NULL, null=True, related_name="+")

    class Meta(TenantModel.Meta):
        indexes = [models.Index(fields=["tenant", "scorecard", "state"], name="draft_by_card")]

    def __str__(self) -> str:
        return self.name or f"{self.scorecard_id} {self.created_at:%Y-%m-%d}"


class DraftNote(TenantModel):
    """What somebody said of a draft."""

    draft = TenantForeignKey(Draft, models.CASCADE, related_name="notes")
    author = TenantForeignKey(Member, models.SET_NULL, null=True, related_name="+")
    at = models.DateTimeField()
    text = models.CharField(max_length=2000)

    def __str__(self) -> str:
        return f"{self.draft_id} {self.at:%Y-%m-%d}"


class HealthSetting(TenantModel):
    """What a tenant decides about its scorecards. `second_admin`: a version counts once another admin approves it."""

    second_admin = models.BooleanField(default=False)

    class Meta(TenantModel.Meta):
        constraints = [models.UniqueConstraint(fields=["tenant"], name="health_setting_once")]

    def __str__(self) -> str:
        return f"{self.tenant_id}"


class Override(TenantModel):
    """A CSM's own band for an account, from `since` to before `until`, beside the computed one. `band_then`: what was
    computed when it was set; `outcome`: whether it was right, judged when it ended (see `health.overrides`).
    """

    account = TenantForeignKey(Account, models.CASCADE, related_name="overrides")
    band = models.CharField(max_length=7, choices=[band for band in Band.choices if band[0] != Band.UNKNOWN])
    band_then = models.CharField(max_length=7, choices=Band.choices)
    reason = models.CharField(max_length=300)
    since = models.DateField()
    until = models.DateField()
    author = TenantForeignKey(Member, models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField()
    ended_on = models.DateField(null=True)
    ended_by = TenantForeignKey(Member, models.SET_NULL, null=True, related_name="+")
    outcome = models.CharField(max_length=300, blank=True, default="")

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["tenant", "account"], condition=models.Q(ended_on=None), name="override_open_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.account}: {self.band}"


class LintReport(TenantModel):
    """What the weekly look found odd about a card's published version on a day's data: the latest look only.

    `findings` are documents of `health.linter.Finding`; `version` None: the card was not published.
    """

    scorecard = TenantForeignKey(Scorecard, models.CASCADE, related_name="+")
    version = TenantForeignKey(ScorecardVersion, models.SET_NULL, null=True, related_name="+")
    day = models.DateField()
    made_at = models.DateTimeField()
    findings = models.JSONField(default=list)

    class Meta(TenantModel.Meta):
        constraints = [models.UniqueConstraint(fields=["tenant", "scorecard"], name="lint_report_once")]

    def __str__(self) -> str:
        return f"{self.scorecard_id} {self.day}"


class ScoreColumns(models.Model):
    """The score of an account on a day, with what it was made of: the version and the raw value per measure, in its
    order. `uncertain`: missing measures could put it in another band (`health.bounds`); it follows from the rest and is
    kept so that lists can ask for it, None in rows older than the column.
    """

    tenant = models.ForeignKey("tenants.Tenant", models.CASCADE, related_name="+", db_index=False, db_constraint=False)
    account = TenantForeignKey(Account, models.CASCADE, related_name="+", constrained=False)
    day = models.DateField()
    version = TenantForeignKey(ScorecardVersion, models.CASCADE, related_name="+", constrained=False)
    score = models.DecimalField(max_digits=7, decimal_places=4, null=True)
    band = models.CharField(max_length=7, choices=Band.choices)
    coverage = models.FloatField()
    raws = ArrayField(models.FloatField(null=True))
    uncertain = models.BooleanField(null=True)

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


class BackTest(TenantModel):
    """A scorecard tried on past outcomes: `document` (of `version` or `draft`, where it is one of theirs) beside
    `other`. `guarded`: only with facts that had been received by then. `suggest`: first suggests weights, which end in
    `draft`. `result`: what `health.replay` found; `total` steps, `done` of them.
    """

    class State(models.TextChoices):
        """Where the work stands."""

        WAITING = "waiting", _("waiting")
        RUNNING = "running", _("running")
        DONE = "done", _("done")
        FAILED = "failed", _("failed")

    scorecard = TenantForeignKey(Scorecard, models.CASCADE, related_name="back_tests")
    version = TenantForeignKey(ScorecardVersion, models.SET_NULL, null=True, related_name="+")
    draft = TenantForeignKey(Draft, models.SET_NULL, null=True, related_name="+")
    document = models.JSONField()
    other = models.JSONField(null=True)
    other_version = TenantForeignKey(ScorecardVersion, models.SET_NULL, null=True, related_name="+")
    guarded = models.BooleanField(default=True)
    suggest = models.BooleanField(default=False)
    as_of = models.DateField()
    asked_by = TenantForeignKey(Member, models.SET_NULL, null=True, related_name="+")
    asked_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    state = models.CharField(max_length=8, choices=State.choices, default=State.WAITING)
    total = models.PositiveSmallIntegerField(default=0)
    done = models.PositiveSmallIntegerField(default=0)
    result = models.JSONField(default=dict)
    error = models.TextField(blank=True, default="")

    class Meta(TenantModel.Meta):
        indexes = [models.Index(fields=["tenant", "scorecard", "-asked_at"], name="back_test_by_card")]

    def __str__(self) -> str:
        return f"{self.scorecard_id} {self.asked_at:%Y-%m-%d %H:%M}"


class Rescoring(TenantModel):
    """A scorecard's past scored under one of its versions: hypothetical, kept apart from what was known and reported.

    Days from `first` to `last`, done up to `done_until`; `accounts` and `expected` rows when it was asked for, `rows`
    written so far. `account_ids` None: the days on which the card scored an account; else every day of these.
    `result`: what `health.rescored` found when it was done. Per card the one that was done last is kept.
    """

    class State(models.TextChoices):
        """Where the work stands; a removed one goes with its rows as soon as a worker comes by."""

        WAITING = "waiting", _("waiting")
        RUNNING = "running", _("running")
        DONE = "done", _("done")
        FAILED = "failed", _("failed")
        REMOVED = "removed", _("removed")

    scorecard = TenantForeignKey(Scorecard, models.CASCADE, related_name="rescorings")
    version = TenantForeignKey(ScorecardVersion, models.CASCADE, related_name="+")
    account_ids = ArrayField(models.BigIntegerField(), null=True)
    first = models.DateField()
    last = models.DateField()
    done_until = models.DateField(null=True)
    accounts = models.PositiveIntegerField(default=0)
    expected = models.PositiveBigIntegerField(default=0)
    rows = models.PositiveBigIntegerField(default=0)
    asked_by = TenantForeignKey(Member, models.SET_NULL, null=True, related_name="+")
    asked_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    state = models.CharField(max_length=8, choices=State.choices, default=State.WAITING)
    result = models.JSONField(default=dict)
    error = models.TextField(blank=True, default="")

    class Meta(TenantModel.Meta):
        indexes = [models.Index(fields=["tenant", "scorecard", "-asked_at"], name="rescoring_by_card")]

    def __str__(self) -> str:
        return f"{self.scorecard_id} {self.asked_at:%Y-%m-%d %H:%M}"

    @property
    def total(self) -> int:
        """How many days there are to score."""
        return (self.last - self.first).days + 1

    @property
    def done(self) -> int:
        """How many of them are scored."""
        return 0 if self.done_until is None else (self.done_until - self.first).days + 1


class RescoredScore(ScoreColumns):
    """What a rescoring says of an account's day: hypothetical. No list asks how certain it is."""

    uncertain = None
    pk = models.CompositePrimaryKey("tenant_id", "rescoring_id", "day", "account_id")
    rescoring = TenantForeignKey(Rescoring, models.CASCADE, related_name="+", constrained=False)

    objects: ClassVar[TenantManager["RescoredScore"]] = TenantManager()

    def __str__(self) -> str:
        return f"{self.account_id} {self.day} {self.score}"
