"""What of customers' persons this room's tables hold; how end users are found, and how they vanish from figures."""

# ruff: noqa: S608 - statements are put together from constants of this module only

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any, LiteralString

from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from accounts.models import Contact
from tenants.models import Erasure, Tenant
from tenants.personal import Identity, Person, Source, declare, register_finder, register_source
from tenants.personal.blocks import EVENT, block_add
from tenants.scope import current_tenant_id
from usage import models as own
from usage.days import days_of
from usage.intake.keys import bound_hex, key_ms
from usage.models import EndUser, Group, Membership, PersonLink, Rejected, Visitor
from usage.services.parked import rejected_of
from usage.services.unpack import marks_add
from usage.sql import REFRESH_LOCK, UNPACK_LOCK, lock, rows, run

CONTACT, USER, VISITOR = Contact._meta.label, EndUser._meta.label, Visitor._meta.label


def users_find(person: Person) -> None:
    """The end users that an id or an address names, or who are a contact; and the visitors who were nobody else."""
    ids = {*person.user_ids, *person.mails}
    linked = PersonLink.objects.filter(same=True, contact__in=person.rows[CONTACT]).values("end_user_id")
    denied = PersonLink.objects.filter(same=False, contact__in=person.rows[CONTACT]).values("end_user_id")
    wanted = Q(pk__in=person.rows[USER]) | Q(external_id__in=ids) | Q(pk__in=linked)
    for mail in person.mails:
        wanted |= (Q(email__iexact=mail) | Q(external_id__iexact=mail)) & ~Q(pk__in=denied)
    for user in EndUser.objects.filter(wanted).order_by("id"):
        detail = " · ".join(text for text in (user.external_id, user.email) if text and text != user.name)
        if person.add(Identity(f"user:{user.pk}", _("End user"), str(user), detail), USER, user.pk):
            person.user_ids.add(user.external_id)
            person.names |= {user.name} - {""}
            person.mails |= {user.email.casefold()} - {""}
    same = PersonLink.objects.filter(same=True, end_user__in=person.rows[USER])
    person.rows[CONTACT] |= set(same.values_list("contact_id", flat=True))
    members = Membership.objects.filter(end_user__in=person.rows[USER], group__account__isnull=False)
    person.accounts |= set(members.values_list("group__account_id", flat=True))
    for pk, anonymous_id, others in rows(_VISITORS, users=sorted(person.rows[USER])):
        person.rows["usage.shared" if others else VISITOR].add(pk)
        if not others:
            person.visitor_ids.add(anonymous_id)


_VISITORS: LiteralString = """
SELECT v.id, v.anonymous_id, bool_or(t.end_user_id <> ALL (%(users)s::bigint[])) FROM usage_visitor v
JOIN usage_tie t ON t.tenant_id = %(tenant)s AND t.visitor_id = v.id
WHERE v.tenant_id = %(tenant)s AND v.id IN (
    SELECT visitor_id FROM usage_tie WHERE tenant_id = %(tenant)s AND end_user_id = ANY (%(users)s::bigint[]))
GROUP BY 1, 2"""


class EventSource(Source):
    """The events of a person with everything they say, and who they were: end users, visitors, ties, memberships."""

    key, label = "usage.Event", pgettext_lazy("usage", "Events")

    def _span(self, person: Person) -> dict[str, Any]:
        """Between which keys their events lie; whose they are."""
        users, visitors = sorted(person.rows[USER]), sorted(person.rows[VISITOR])
        seen = [
            *EndUser.objects.filter(pk__in=users).values_list("first_seen_at__date", "seen_until"),
            *Visitor.objects.filter(pk__in=visitors).values_list("first_seen_on", "seen_until"),
            *Visitor.objects.filter(pk__in=person.rows["usage.shared"]).values_list("first_seen_on", "seen_until"),
        ]
        first = min((one for one, _last in seen), default=None)
        last = max((one for _first, one in seen), default=None)
        if first is None or last is None:
            return {}
        return {
            "users": users, "visitors": visitors, "low": _key(first, -2), "high": _key(last, 2),
        }  # fmt: skip

    def hold(self) -> None:
        """No call is stored and no day is built meanwhile."""
        lock(UNPACK_LOCK)
        lock(REFRESH_LOCK)

    def count(self, person: Person) -> int:
        """Their events."""
        span = self._span(person)
        return int(rows(_COUNT, **span)[0][0]) if span else 0

    def rows(self, person: Person) -> Iterable[Mapping[str, Any]]:
        """Their events as they came."""
        span = self._span(person)
        names = ("at_ms", "kind", "name", "account", "properties", "context")
        return [dict(zip(names, row, strict=True)) for row in rows(_READ, **span)] if span else []

    def erase(self, person: Person, at: datetime) -> int:
        """Delete them, and mark the days they lay in: those are built again from what is left."""
        span = self._span(person)
        if not span:
            return 0
        zone = Tenant.objects.values_list("timezone", flat=True).get(pk=current_tenant_id())
        gone = rows(_DELETE, **span)
        days = days_of(zone, [key_ms(key) for key, _group, _visitor in gone])
        marks_add({(row[1], day) for row, day in zip(gone, days, strict=True) if row[1] is not None})
        # Ids of devices that others use too stay open: there single events are known again by their keys.
        shared = person.rows["usage.shared"]
        held = Erasure.objects.filter(is_open=True).first()  # the one whose transaction this is
        block_add(erasure=held, values={EVENT: [key.hex for key, _group, visitor in gone if visitor in shared]})
        run("DELETE FROM usage_enduser WHERE tenant_id = %(tenant)s AND id = ANY (%(ids)s)", ids=span["users"])
        run("DELETE FROM usage_visitor WHERE tenant_id = %(tenant)s AND id = ANY (%(ids)s)", ids=span["visitors"])
        return len(gone) + len(span["users"])


def _key(day: Any, days: int) -> str:
    moment = datetime.fromisoformat(f"{day + timedelta(days=days)}T00:00:00+00:00")
    return bound_hex(moment)


_THEIRS: LiteralString = """
e.tenant_id = %(tenant)s AND e.key >= %(low)s::uuid AND e.key < %(high)s::uuid
  AND (e.end_user_id = ANY (%(users)s::bigint[]) OR e.visitor_id = ANY (%(visitors)s::bigint[]))"""
_COUNT: LiteralString = "SELECT count(*) FROM usage_event e WHERE" + _THEIRS
_DELETE: LiteralString = "DELETE FROM usage_event e WHERE" + _THEIRS + " RETURNING e.key, e.group_id, e.visitor_id"
_READ: LiteralString = (
    """SELECT ('x' || left(replace(e.key::text, '-', ''), 12))::bit(48)::bigint, e.kind, n.name, g.external_id,
              e.properties, e.context
       FROM usage_event e JOIN usage_eventname n ON n.tenant_id = %(tenant)s AND n.id = e.name_id
       LEFT JOIN usage_group g ON g.tenant_id = %(tenant)s AND g.id = e.group_id WHERE"""
    + _THEIRS
    + " ORDER BY e.key"
)


class UserSource(Source):
    """The end users that a person is, with their traits; deleted with their events."""

    key, label = USER, gettext_lazy("End users")

    def count(self, person: Person) -> int:
        """How many ids they used the product under."""
        return len(person.rows[USER])

    def rows(self, person: Person) -> Iterable[Mapping[str, Any]]:
        """Ids, name, address and every trait that was said."""
        found = EndUser.objects.filter(pk__in=person.rows[USER])
        return list(found.values("external_id", "name", "email", "traits", "first_seen_at"))

    def erase(self, person: Person, at: datetime) -> int:
        """Nothing: they go with their events."""
        return 0


class ParkedSource(Source):
    """Rejected and parked items that name the person."""

    key, label = Rejected._meta.label, gettext_lazy("Rejected items")

    def count(self, person: Person) -> int:
        """How many items name them."""
        return len(rejected_of(person))

    def rows(self, person: Person) -> Iterable[Mapping[str, Any]]:
        """The items as they came."""
        found = Rejected.objects.filter(pk__in=rejected_of(person))
        return list(found.values("received_at", "reason", "detail", "message_id", "item"))

    def erase(self, person: Person, at: datetime) -> int:
        """Delete them."""
        return Rejected.objects.filter(pk__in=rejected_of(person)).delete()[0]


def _groups_near(person: Person) -> Q:
    """The events of the person's accounts."""
    return Q(group__in=list(Group.objects.filter(account__in=person.accounts).values_list("pk", flat=True)))


def declare_all() -> None:
    """Called when the app starts."""
    register_finder(users_find)
    declare(EndUser, own=("external_id", "name", "email", "traits"))
    declare(Visitor, own=("anonymous_id",))
    declare(own.Tie, own=("visitor", "end_user"))
    declare(own.Membership, own=("end_user", "visitor"))
    declare(PersonLink, own=("contact", "end_user"))
    declare(own.Event, own=("end_user", "visitor"), copies=("properties", "context"), near=_groups_near)
    declare(Rejected, own=("item", "detail", "message_id"), none=("reason",), why="a code")
    declare(own.IntakeBody, none=("call", "body"), why="turned away at the door when it is unpacked")
    declare(Group, copies=("traits",), none=("external_id",), why="an account's id",
            near=lambda p: Q(account__in=p.accounts))  # fmt: skip
    declare(own.UserActivity, none=("end_user",), why="bits by a number; built again without the person")
    declare(own.AccountUser, none=("end_user",), why="days by a number; built again without the person")
    declare(own.EventName, none=("name",), why="what the product calls an act")
    declare(own.FeatureName, none=("event_name",), why="what the product calls an act")
    declare(own.LoginName, none=("event_name",), why="what the product calls an act")
    for model, columns in (
        (own.AccountDay, ("names", "uses", "totals")), (own.Metric, ("seats_from", "features_unused")),
        (own.ReportedMetric, ("seats_from", "features_unused")), (own.UntimedMessage, ()), (own.UsageCount, ()),
        (own.Mark, ()), (own.StaleMetric, ()), (own.OpenEpoch, ()),
    ):  # fmt: skip
        declare(model, none=columns, why="figures of accounts")
    register_source(UserSource())
    register_source(ParkedSource())
    register_source(EventSource())
