"""Reads tenants, members, keys and the audit trail."""

import hashlib
from collections.abc import Collection, Mapping
from typing import Any

from django.db.models import Q, QuerySet, Sum
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from tenants.models import AuditEntry, Door, Erasure, Invitation, Key, Member, Tenant, TurnedAway


def token_hash(token: str) -> str:
    """The hash under which a secret's door is kept. Secrets are random, so a fast hash is enough."""
    return hashlib.sha256(token.encode()).hexdigest()


def door_of_token(*, token: str, kind: Door.Kind) -> Door | None:
    """The door that this secret opens, with its active tenant; None for a wrong or revoked secret."""
    return (
        Door.objects.select_related("tenant")
        .filter(token_hash=token_hash(token), kind=kind, tenant__is_active=True)
        .first()
    )


def own_membership_list() -> list[Member]:
    """The signed-in user's active memberships of active tenants, by tenant name; tenant and user loaded."""
    own = Member.own.select_related("tenant", "user").filter(is_active=True, tenant__is_active=True)
    return list(own.order_by("tenant__name"))


def tenant_list() -> QuerySet[Tenant]:
    """All active tenants, oldest first: for the nights and the platform's own page."""
    return Tenant.objects.filter(is_active=True).order_by("id")


def member_list() -> QuerySet[Member]:
    """The members of the tenant in scope, active first, by name."""
    return Member.objects.select_related("user").order_by("-is_active", "user__name", "user__email")


def key_list() -> QuerySet[Key]:
    """The keys of the tenant in scope, newest first, revoked ones included."""
    return Key.objects.select_related("created_by__user").order_by("-created_at")


def invitation_list() -> QuerySet[Invitation]:
    """Open invitations of the tenant in scope, newest first."""
    return Invitation.objects.filter(accepted_at=None, revoked_at=None).order_by("-created_at")


def audit_of(*, targets: Mapping[str, Collection[int]]) -> QuerySet[AuditEntry]:
    """The audit entries about the named rows, `{noun: ids}`, in no order."""
    about = Q(pk=None)
    for noun, ids in targets.items():
        about |= Q(noun=noun, object_id__in=list(ids))
    return AuditEntry.objects.filter(about)


DOORS = {
    "api": _("API"),
    "events": pgettext_lazy("usage", "Events"),
    "import": _("Imports"),
    "mail": _("Mail-in"),
    "surveys": _("Surveys"),
    "tickets": _("Tickets"),
}


def erasure_list() -> QuerySet[Erasure]:
    """The persons who were erased, as hashes, newest first."""
    return Erasure.objects.order_by("-at", "-id")


def turned_away_counts() -> list[tuple[Any, int]]:
    """How many items of erased persons each door turned away since ever, by its name."""
    counts = dict(TurnedAway.objects.values_list("door").annotate(n=Sum("count")))
    return [(label, counts[door]) for door, label in DOORS.items() if counts.get(door)]


def audit_list() -> QuerySet[AuditEntry]:
    """The audit trail of the tenant in scope, newest first."""
    return AuditEntry.objects.order_by("-at", "-id")
