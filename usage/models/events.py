"""What the tenant's product reports, and what is derived from it.

Sources (IntakeBody, Event, Tie, Membership, traits) are kept as they came; everything from `Mark` on is
derived and can be refilled. See docs/decisions 0002 and 0003.
"""

from typing import ClassVar

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


class UsageCount(TenantModel):
    """How often an account used something on a day, from an import that names no users: a source beside the events.

    `name` is the event name as which it counts. It adds to uses of features, never to users or time online.
    """

    pk = models.CompositePrimaryKey("tenant_id", "day", "account_id", "name_id")
    account = TenantForeignKey(Account, models.CASCADE, related_name="+")
    day = models.DateField()
    name = TenantForeignKey(EventName, models.CASCADE, related_name="+")
    uses = models.PositiveIntegerField()

    class Meta(TenantModel.Meta):
        indexes = [models.Index(fields=["tenant", "account"], name="usage_count_by_account")]

    def __str__(self) -> str:
        return f"{self.account_id} {self.day} {self.uses}"
