"""What is derived from events: refilled by slice, never incremented."""

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import Account
from tenants.fields import TenantForeignKey, TenantManager, TenantModel
from usage.models.events import EndUser, Group


class Mark(TenantModel):
    """A day slice of a group that has to be refilled. Append-only; marks of a group without account are
    parked.
    """

    group = TenantForeignKey(Group, models.CASCADE, related_name="+", constrained=False)
    day = models.DateField()

    def __str__(self) -> str:
        return f"{self.group_id} {self.day}"


class StaleMetric(TenantModel):
    """Days of an account whose metrics rest on a slice that was refilled. Append-only, worked off by the night.

    `last_day` null: every day from `first_day` on, because a user's first day moved.
    """

    account = TenantForeignKey(Account, models.CASCADE, related_name="+", constrained=False)
    first_day = models.DateField()
    last_day = models.DateField(null=True)

    def __str__(self) -> str:
        return f"{self.account_id} {self.first_day}"


class DerivedModel(models.Model):
    """A table that is refilled from events; nothing points to it, so its natural key is its primary key.

    Its policy vouches for the tenant: a constraint besides would cost more than the row.
    """

    tenant = models.ForeignKey("tenants.Tenant", models.CASCADE, related_name="+", db_index=False, db_constraint=False)

    objects = TenantManager()

    class Meta:
        abstract = True
        base_manager_name = "objects"


class UserActivity(DerivedModel):
    """A user's days at an account in one epoch of 60 days: bit i is the epoch's day i (0 is the first).

    `known`: days with any call, `used`: with use, `logged_in`: with a login event. `used_before`, `logged_before`: the
    same words of the epoch before, so that one row holds any window of 56 days; a user without a call in this epoch
    has a row for them. They hold where the epoch is open (`OpenEpoch`).
    """

    pk = models.CompositePrimaryKey("tenant_id", "epoch", "account_id", "end_user_id")
    account = TenantForeignKey(Account, models.CASCADE, related_name="+", constrained=False)
    end_user = TenantForeignKey(EndUser, models.CASCADE, related_name="+", constrained=False)
    epoch = models.SmallIntegerField()
    known = models.BigIntegerField(default=0)
    used = models.BigIntegerField(default=0)
    logged_in = models.BigIntegerField(default=0)
    used_before = models.BigIntegerField(db_default=0)
    logged_before = models.BigIntegerField(db_default=0)

    class Meta(DerivedModel.Meta):
        # An epoch's rows lie together, as nights open them: a few pages say where, instead of an entry per user.
        indexes = (
            BrinIndex(
                fields=["tenant", "epoch"], name="usage_useractivity_epoch", pages_per_range=8, autosummarize=True
            ),
        )

    def __str__(self) -> str:
        return f"{self.end_user_id} at {self.account_id} in {self.epoch}"


class OpenEpoch(DerivedModel):
    """An epoch whose words carry those of the epoch before."""

    pk = models.CompositePrimaryKey("tenant_id", "epoch")
    epoch = models.SmallIntegerField()

    def __str__(self) -> str:
        return str(self.epoch)


class AccountUser(DerivedModel):
    """A user known at an account: first known (identified there or seen), first active (null: never yet)."""

    pk = models.CompositePrimaryKey("tenant_id", "account_id", "end_user_id")
    account = TenantForeignKey(Account, models.CASCADE, related_name="+", constrained=False)
    end_user = TenantForeignKey(EndUser, models.CASCADE, related_name="+", constrained=False)
    first_known = models.DateField()
    first_active = models.DateField(null=True)

    def __str__(self) -> str:
        return f"{self.end_user_id} at {self.account_id}"


class AccountDay(DerivedModel):
    """Events and minutes online of an account on a day with use.

    `names`: ids of the event names that came from the day the totals began (every 360 days) up to this day; `uses`: how
    often each came on this day (0: only before), `totals`: in all these days. The view usage_nameday: a row per name.
    """

    pk = models.CompositePrimaryKey("tenant_id", "day", "account_id")
    account = TenantForeignKey(Account, models.CASCADE, related_name="+", constrained=False)
    day = models.DateField()
    events = models.IntegerField()
    minutes = models.FloatField()
    names = ArrayField(models.BigIntegerField(), default=list)
    uses = ArrayField(models.IntegerField(), default=list)
    totals = ArrayField(models.IntegerField(), default=list)

    class Meta(DerivedModel.Meta):
        indexes = (models.Index(fields=["tenant", "account", "day"], name="accountday_by_account"),)

    def __str__(self) -> str:
        return f"{self.account_id} {self.day}"


class MetricColumns(DerivedModel):
    """The activity metrics of an account on a day; null where not defined. Definitions: `usage.activity`.

    `seats_from`: where the seats came from (account or users). `login_listed`: false when the login ratio is
    WAU ÷ seats, because no login names are listed.
    """

    account = TenantForeignKey(Account, models.CASCADE, related_name="+", constrained=False)
    day = models.DateField()
    seats = models.IntegerField(null=True)
    seats_from = models.CharField(max_length=8)
    dau = models.IntegerField()
    wau = models.IntegerField()
    mau = models.IntegerField()
    stickiness = models.FloatField(null=True)
    users_ever = models.IntegerField()
    activation_rate = models.FloatField(null=True)
    login_ratio = models.FloatField(null=True)
    login_listed = models.BooleanField()
    minutes_online = models.FloatField()
    breadth = models.FloatField(null=True)
    depth = models.FloatField(null=True)
    application_gap = models.FloatField(null=True)
    features_unused = ArrayField(models.BigIntegerField(), default=list)
    usage_trend = models.FloatField(null=True)
    users_28 = models.IntegerField()
    users_28_before = models.IntegerField()

    class Meta(DerivedModel.Meta):
        abstract = True


class Metric(MetricColumns):
    """What is known now. `reported`: how it relates to what the day's night reported."""

    class Reported(models.IntegerChoices):
        """Whether the night's own figures are these, kept apart, or do not exist."""

        NEVER = 0, _("not reported")
        SAME = 1, _("as reported")
        KEPT = 2, _("changed since; the reported row is kept")

    pk = models.CompositePrimaryKey("tenant_id", "day", "account_id")
    reported = models.SmallIntegerField(choices=Reported.choices, default=Reported.NEVER)
    provisional = models.BooleanField(default=False)

    def __str__(self) -> str:
        return f"{self.account_id} {self.day}"


class ReportedMetric(MetricColumns):
    """What a night reported, kept since late events changed it."""

    pk = models.CompositePrimaryKey("tenant_id", "day", "account_id")

    def __str__(self) -> str:
        return f"{self.account_id} {self.day}"
