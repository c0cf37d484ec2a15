"""Writes tenants, members, invitations, keys and the audit trail."""

import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import models, transaction
from django.utils import translation
from django.utils.translation import gettext as _

from common.plausible import demand
from tenants.models import AuditEntry, Door, Invitation, Key, Member, Role, Tenant, User
from tenants.scope import current_tenant_id, tenant_scope
from tenants.scopes import API_SCOPES
from tenants.selectors import token_hash
from tenants.signals import tenant_created, timezone_changed

INVITATION_DAYS = 14
KEY_USE_RESOLUTION = timedelta(minutes=1)


@dataclass(frozen=True)
class NewTenant:
    """What a new tenant's first admin needs. The secrets are not kept anywhere and cannot be shown again."""

    tenant: Tenant
    admin: Member
    password: str | None
    write_key: str
    api_key: str


def audit_add(
    *,
    actor: Member | None,
    action: str,
    target: models.Model,
    at: datetime,
    changes: dict[str, Any] | None = None,
    label: str | None = None,
) -> AuditEntry:
    """Append who did what to which row; `changes` maps a field to [old, new]. `label` names a program or a person
    where no member acted."""
    entry = audit_entry(actor=actor, action=action, target=target, at=at, changes=changes, label=label)
    entry.save(force_insert=True)
    return entry


def audit_entry(
    *,
    actor: Member | None,
    action: str,
    target: models.Model,
    at: datetime,
    changes: dict[str, Any] | None = None,
    label: str | None = None,
) -> AuditEntry:
    """What `audit_add` appends, not yet kept: for services that write many rows at once. A row that is called
    differently in each language says by `audit_name` what is kept."""
    return AuditEntry(
        at=at,
        actor=actor,
        actor_label=label or (str(actor) if actor else "system"),
        action=action,
        noun=target._meta.model_name or "",
        object_id=target.pk if isinstance(target.pk, int) else None,
        object_label=str(getattr(target, "audit_name", target))[:200],
        changes=changes or {},
    )


def audits_add(entries: Iterable[AuditEntry]) -> None:
    """Append many entries in one statement."""
    AuditEntry.objects.bulk_create(list(entries), batch_size=2_000)


def door_make(*, kind: Door.Kind, token: str, target: models.Model) -> None:
    """Let a secret open `target`, a row of the tenant in scope."""
    _door_make(kind=kind, token=token, target=target)


def _door_make(*, kind: Door.Kind, token: str, target: models.Model) -> None:
    Door.objects.create(token_hash=token_hash(token), kind=kind, tenant_id=current_tenant_id(), object_id=target.pk)


def _door_close(*, kind: Door.Kind, target: models.Model) -> None:
    Door.objects.filter(kind=kind, tenant_id=current_tenant_id(), object_id=target.pk).delete()


def tenant_create(
    *,
    slug: str,
    name: str,
    timezone: str,
    language: str,
    currency: str,
    admin_email: str,
    at: datetime,
    password: str | None = None,
) -> NewTenant:
    """A tenant with its first admin (verified), a write key and an API key with every scope.

    An existing user keeps their password (`password` of the result is None). Raises ValidationError for a slug in use,
    an unknown zone or currency, an address that no mail can reach.
    """
    tenant = Tenant(
        slug=slug, name=name, timezone=timezone, language=language, currency=currency.upper(), created_at=at
    )
    demand({"currency": tenant.currency}, {}, at)
    validate_email(admin_email)
    tenant.full_clean()
    with transaction.atomic(), translation.override(language):  # what it starts with is named in its own language
        tenant.save()
        with tenant_scope(tenant):
            user, used_password = _user_for(email=admin_email, language=language, password=password)
            admin = Member.objects.create(user=user, role=Role.ADMIN, created_at=at)
            audit_add(actor=None, action="create", target=tenant, at=at, label="platform")
            tenant_created.send(sender=Tenant, tenant=tenant, at=at)
            write_key = key_create(kind=Key.Kind.WRITE, name=_("First write key"), scopes=[], by=admin, at=at)[1]
            api_key = key_create(
                kind=Key.Kind.API, name=_("First API key"), scopes=sorted(API_SCOPES), by=admin, at=at
            )[1]
    return NewTenant(tenant=tenant, admin=admin, password=used_password, write_key=write_key, api_key=api_key)


def _user_for(*, email: str, language: str, password: str | None) -> tuple[User, str | None]:
    """The user with this address, made and verified if new; and the password, if one was set."""
    from allauth.account.models import EmailAddress

    existing = User.objects.filter(email=email.lower()).first()
    if existing:
        return existing, None
    password = password or secrets.token_urlsafe(12)
    user = User.objects.create_user(email, password, language=language)
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    return user, password


def member_add(*, user: User, role: str, at: datetime, by: Member | None = None) -> Member:
    """Make the user a member with this role, or bring a deactivated member back with it."""
    member, created = Member.objects.update_or_create(
        user=user,
        defaults={"role": role, "is_active": True},
        create_defaults={"role": role, "created_at": at},
    )
    audit_add(actor=by, action="add" if created else "restore", target=member, at=at, changes={"role": [None, role]})
    return member


def _last_admin(member: Member) -> bool:
    others = Member.objects.filter(role=Role.ADMIN, is_active=True).exclude(pk=member.pk)
    return member.role == Role.ADMIN and member.is_active and not others.exists()


def member_change(*, member: Member, role: str, is_active: bool, by: Member, at: datetime) -> None:
    """Change a member's role or (de)activate them. The last active admin stays one: raises ValidationError."""
    # Held while counted: two admins who take each other's role away at once would both find another one left.
    list(Member.objects.filter(role=Role.ADMIN).select_for_update().order_by("id").values_list("id"))
    if _last_admin(member) and not (is_active and role == Role.ADMIN):
        raise ValidationError(_("This is the last admin. Make another member admin first."))
    changes = {
        field: [getattr(member, field), value]
        for field, value in (("role", role), ("is_active", is_active))
        if getattr(member, field) != value
    }
    if changes:
        member.role, member.is_active = role, is_active
        member.save(update_fields=["role", "is_active"])
        audit_add(actor=by, action="change", target=member, at=at, changes=changes)


def invitation_create(*, email: str, role: str, by: Member, at: datetime) -> tuple[Invitation, str]:
    """Invite an address; returns the invitation and the secret of its link. An earlier open one is replaced."""
    email = email.lower()
    if Member.objects.filter(user__email=email, is_active=True).exists():
        raise ValidationError(_("%(email)s is a member already."), params={"email": email})
    for earlier in Invitation.objects.filter(email=email, accepted_at=None, revoked_at=None):
        invitation_revoke(invitation=earlier, by=by, at=at)
    invitation = Invitation.objects.create(
        email=email, role=role, invited_by=by, created_at=at, expires_at=at + timedelta(days=INVITATION_DAYS)
    )
    token = secrets.token_urlsafe(32)
    _door_make(kind=Door.Kind.INVITATION, token=token, target=invitation)
    audit_add(actor=by, action="invite", target=invitation, at=at, changes={"role": [None, role]})
    return invitation, token


def invitation_revoke(*, invitation: Invitation, by: Member, at: datetime) -> None:
    """Close the invitation's door."""
    invitation.revoked_at = at
    invitation.save(update_fields=["revoked_at"])
    _door_close(kind=Door.Kind.INVITATION, target=invitation)
    audit_add(actor=by, action="revoke", target=invitation, at=at)


def invitation_accept(*, invitation: Invitation, user: User, at: datetime) -> Member:
    """Make the invited person a member; raises ValidationError when it expired or was meant for another address."""
    if invitation.accepted_at or invitation.revoked_at or invitation.expires_at <= at:
        raise ValidationError(_("This invitation is no longer valid. Ask for a new one."))
    if user.email != invitation.email:
        raise ValidationError(_("This invitation is for %(email)s."), params={"email": invitation.email})
    member = member_add(user=user, role=invitation.role, at=at)
    invitation.accepted_at = at
    invitation.save(update_fields=["accepted_at"])
    _door_close(kind=Door.Kind.INVITATION, target=invitation)
    return member


def key_create(*, kind: str, name: str, scopes: list[str], by: Member | None, at: datetime) -> tuple[Key, str]:
    """A key and its secret, which is shown this once. Raises ValidationError for a scope that does not exist."""
    if unknown := sorted(set(scopes) - set(API_SCOPES)):
        raise ValidationError(_("Unknown scopes: %(scopes)s"), params={"scopes": ", ".join(unknown)})
    secret = ("wk_" if kind == Key.Kind.WRITE else "ak_") + secrets.token_urlsafe(24)
    key = Key.objects.create(
        kind=kind, name=name, prefix=secret[:10], scopes=sorted(scopes), created_by=by, created_at=at
    )
    _door_make(kind=Door.Kind.KEY, token=secret, target=key)
    audit_add(actor=by, action="create", target=key, at=at)
    return key, secret


def key_revoke(*, key: Key, by: Member, at: datetime) -> None:
    """Close the key's door at once."""
    key.revoked_at = at
    key.save(update_fields=["revoked_at"])
    _door_close(kind=Door.Kind.KEY, target=key)
    audit_add(actor=by, action="revoke", target=key, at=at)


def key_used(*, key: Key, at: datetime) -> None:
    """Remember that the key was used, to the minute: a write per request would cost more than it tells."""
    if key.last_used_at is None or at - key.last_used_at >= KEY_USE_RESOLUTION:
        Key.objects.filter(pk=key.pk).update(last_used_at=at)


TENANT_FIELDS = ("name", "timezone", "language", "currency", "csms_see_own_only")


def tenant_change(*, tenant: Tenant, values: dict[str, Any], by: Member, at: datetime) -> dict[str, list[Any]]:
    """Change a tenant's settings; returns `{field: [old, new]}`. Another zone moves every day: `timezone_changed` is
    sent.
    """
    changes = {
        field: [getattr(tenant, field), values[field]]
        for field in TENANT_FIELDS
        if field in values and getattr(tenant, field) != values[field]
    }
    demand({field: new for field, (_old, new) in changes.items()}, {}, at)
    for field, (_old, new) in changes.items():
        setattr(tenant, field, new)
    tenant.full_clean()
    tenant.save()
    if changes:
        audit_add(actor=by, action="change", target=tenant, at=at, changes=changes)
    if "timezone" in changes:
        timezone_changed.send(sender=Tenant, tenant=tenant, at=at)
    return changes


def user_join(*, invitation: Invitation, name: str, password: str, language: str, at: datetime) -> Member:
    """Make the user that an invitation was sent to (their address is verified by the link), and accept it."""
    from allauth.account.models import EmailAddress

    user = User.objects.create_user(invitation.email, password, name=name, language=language)
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    return invitation_accept(invitation=invitation, user=user, at=at)


def user_change(*, user: User, name: str, language: str) -> None:
    """How a person is called, and the language they read in."""
    user.name, user.language = name, language
    user.save(update_fields=["name", "language"])


def member_seen(*, member: Member, at: datetime) -> None:
    """Remember the visit: after half an hour away, the last one becomes the one that “since you last looked” counts
    from.
    """
    if member.last_seen_at and at - member.last_seen_at < timedelta(minutes=5):
        return
    if member.last_seen_at and at - member.last_seen_at > timedelta(minutes=30):
        member.previous_seen_at = member.last_seen_at
    member.last_seen_at = at
    member.save(update_fields=["last_seen_at", "previous_seen_at"])
