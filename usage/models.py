"""What the tenant's product reports, and what is derived from it.

Sources (IntakeBody, Event, Tie, Membership, traits) are kept as they came; everything from `Mark` on is
derived and can be refilled. See docs/decisions 0002 and 0003.
"""

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import Account, Feature
from tenants.fields import TenantForeignKey, TenantManager, TenantModel


class IntakeBody(TenantModel):
    """A request's body as it came, committed before the answer, deleted once it is unpacked."""

    received_at = models.DateTimeField()
    call = models.CharField(max_length=8)
    body = models.BinaryField()

    def __str__(self) -> str:
        return f"{self.call} {self.received_at}"


class EventKind(models.IntegerChoices):
    """The calls of the tracking API. The first three count as use (`kind <= SCREEN`), the others tell who is
    who.
    """

    TRACK = 1, _("track")
    PAGE = 2, _("page")
    SCREEN = 3, _("screen")
    IDENTIFY = 4, _("identify")
    GROUP = 5, _("group")
    ALIAS = 6, _("alias")


class EventName(TenantModel):
    """A name under which events come, per kind."""

    kind = models.SmallIntegerField(choices=EventKind.choices)
    name = models.CharField(max_length=500)

    class Meta(TenantModel.Meta):
        constraints = [models.UniqueConstraint(fields=["tenant", "kind", "name"], name="event_name_once")]

    def __str__(self) -> str:
        return self.name


class Group(TenantModel):
    """An account id that callers use (Segment's group). Without an account its events are parked.

    `traits` holds `{trait: [value, time in ms, event key]}`: the latest by event time wins.
    """

    external_id = models.CharField(max_length=200)
    account = TenantForeignKey(Account, models.SET_NULL, null=True, related_name="+")
    traits = models.JSONField(default=dict)
    first_seen_at = models.DateTimeField()

    class Meta(TenantModel.Meta):
        constraints = [models.UniqueConstraint(fields=["tenant", "external_id"], name="group_once")]
        indexes = [
            models.Index(fields=["tenant", "account"], name="group_by_account"),
        ]

    def __str__(self) -> str:
        return self.external_id


class EndUser(TenantModel):
    """A person who uses the tenant's product: a customer's user, not a CSM. `traits` as in `Group`.

    Seen in event time. No event of theirs is later than `seen_until`, a UTC date some weeks ahead, so that it is seldom
    written: it bounds the search for their events.
    """

    external_id = models.CharField(max_length=500)
    name = models.CharField(max_length=200, blank=True, default="")
    email = models.CharField(max_length=320, blank=True, default="")
    traits = models.JSONField(default=dict)
    first_seen_at = models.DateTimeField()
    seen_until = models.DateField()

    class Meta(TenantModel.Meta):
        constraints = [models.UniqueConstraint(fields=["tenant", "external_id"], name="end_user_once")]

    def __str__(self) -> str:
        return self.name or self.external_id


class Visitor(TenantModel):
    """An anonymous id. Its events count once a `Tie` gives it to a user. `seen_until` as in `EndUser`."""

    anonymous_id = models.CharField(max_length=500)
    first_seen_on = models.DateField()
    seen_until = models.DateField()

    class Meta(TenantModel.Meta):
        constraints = [models.UniqueConstraint(fields=["tenant", "anonymous_id"], name="visitor_once")]

    def __str__(self) -> str:
        return self.anonymous_id


class Tie(TenantModel):
    """The fact that a visitor was this user at `at` (identify or alias). `key` is the call's event key."""

    key = models.UUIDField()
    visitor = TenantForeignKey(Visitor, models.CASCADE, related_name="+")
    end_user = TenantForeignKey(EndUser, models.CASCADE, related_name="+")
    at = models.DateTimeField()

    class Meta(TenantModel.Meta):
        constraints = [models.UniqueConstraint(fields=["tenant", "visitor", "key"], name="tie_once")]

    def __str__(self) -> str:
        return f"{self.visitor_id} is {self.end_user_id}"


class Membership(TenantModel):
    """The fact that a user (or a visitor, whoever that is) belonged to a group at `at`."""

    key = models.UUIDField()
    end_user = TenantForeignKey(EndUser, models.CASCADE, null=True, related_name="+")
    visitor = TenantForeignKey(Visitor, models.CASCADE, null=True, related_name="+")
    group = TenantForeignKey(Group, models.CASCADE, related_name="+")
    at = models.DateTimeField()

    class Meta(TenantModel.Meta):
        # No index leads with (tenant, key): the planner would walk it backwards to find a user's latest membership.
        constraints = [models.UniqueConstraint(fields=["tenant", "group", "key"], name="membership_once")]
        indexes = [
            models.Index(fields=["tenant", "end_user", "key"], name="membership_by_user"),
            models.Index(fields=["tenant", "visitor", "key"], name="membership_by_visitor"),
        ]

    def __str__(self) -> str:
        return f"{self.end_user_id or self.visitor_id} in {self.group_id}"


class Event(models.Model):
    """A usage event. Partitioned by ranges of `key`, whose first 48 bits are the event's own time in
    milliseconds.

    `visitor` is set when the event named no user; `end_user` and `group` are who and where it counts as
    resolved by event time (null: nobody knows yet); `group_explicit` says that the event named its group
    itself.
    """

    pk = models.CompositePrimaryKey("tenant_id", "key")
    tenant = models.ForeignKey("tenants.Tenant", models.DO_NOTHING, related_name="+", db_constraint=False)
    key = models.UUIDField()
    kind = models.SmallIntegerField(choices=EventKind.choices)
    name = TenantForeignKey(EventName, models.DO_NOTHING, related_name="+", constrained=False)
    end_user = TenantForeignKey(EndUser, models.DO_NOTHING, null=True, related_name="+", constrained=False)
    visitor = TenantForeignKey(Visitor, models.DO_NOTHING, null=True, related_name="+", constrained=False)
    group = TenantForeignKey(Group, models.DO_NOTHING, null=True, related_name="+", constrained=False)
    group_explicit = models.BooleanField()
    received_at = models.DateTimeField()
    digest = models.IntegerField()
    properties = models.JSONField(null=True)
    context = models.JSONField(null=True)

    objects: ClassVar[TenantManager["Event"]] = TenantManager()

    class Meta:
        managed = False
        db_table = "usage_event"
        base_manager_name = "objects"

    def __str__(self) -> str:
        return str(self.key)


class Rejected(TenantModel):
    """An item (or whole body) that could not be counted, kept with its reason; can be replayed."""

    received_at = models.DateTimeField()
    reason = models.CharField(max_length=30)
    detail = models.CharField(max_length=300, blank=True, default="")
    message_id = models.CharField(max_length=300, blank=True, default="")
    item = models.BinaryField()
    replayed_at = models.DateTimeField(null=True)

    class Meta(TenantModel.Meta):
        indexes = [models.Index(fields=["tenant", "-received_at"], name="rejected_by_time")]

    def __str__(self) -> str:
        return self.reason


class UntimedMessage(models.Model):
    """When a message that carries no time first came: a retry must get the same time, or it would count
    twice.
    """

    pk = models.CompositePrimaryKey("tenant_id", "digest")
    tenant = models.ForeignKey("tenants.Tenant", models.CASCADE, related_name="+", db_index=False)
    digest = models.UUIDField()
    at = models.DateTimeField()

    objects: ClassVar[TenantManager["UntimedMessage"]] = TenantManager()

    class Meta:
        base_manager_name = "objects"

    def __str__(self) -> str:
        return str(self.digest)


class FeatureName(TenantModel):
    """An event name whose events count as uses of a feature (of any kind of call)."""

    feature = TenantForeignKey(Feature, models.CASCADE, related_name="event_names")
    event_name = models.CharField(max_length=500)

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["tenant", "feature", "event_name"], name="feature_event_name_once")
        ]

    def __str__(self) -> str:
        return self.event_name


class LoginName(TenantModel):
    """An event name that the admin lists as a login."""

    event_name = models.CharField(max_length=500)

    class Meta(TenantModel.Meta):
        constraints = [models.UniqueConstraint(fields=["tenant", "event_name"], name="login_name_once")]

    def __str__(self) -> str:
        return self.event_name


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
