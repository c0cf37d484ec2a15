"""Tenants, the people who work for them, and the doors through which callers come in."""

from typing import Any, ClassVar
from zoneinfo import available_timezones

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import QuerySet
from django.utils.timezone import now
from django.utils.translation import gettext_lazy as _

from tenants.audit_words import ACTIONS, NOUNS, actor_words, field_words, object_words, value_words
from tenants.fields import TenantForeignKey, TenantManager, TenantModel
from tenants.scope import current_user_id


def validate_timezone(name: str) -> None:
    """Refuse a name that the zone database does not hold."""
    if name not in available_timezones():
        raise ValidationError(_("“%(name)s” is no time zone. Write one like Europe/Berlin."), params={"name": name})


class UserManager(BaseUserManager["User"]):
    """Makes users, who sign in by e-mail."""

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "User":
        """A user with this address and password (None: one that cannot be used until it is reset)."""
        user = self.model(email=self.normalize_email(email).lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user


class User(AbstractBaseUser):
    """A person who signs in; may be a member of several tenants. Platform staff create tenants, and see no tenant's
    data.
    """

    email = models.EmailField(_("e-mail"), unique=True)
    name = models.CharField(_("name"), max_length=150, blank=True, default="")
    language = models.CharField(max_length=10, blank=True, default="")
    is_active = models.BooleanField(default=True)
    is_platform_staff = models.BooleanField(default=False)
    date_joined = models.DateTimeField(default=now)

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    objects = UserManager()

    def __str__(self) -> str:
        return self.name or self.email

    def get_short_name(self) -> str:
        """What to call the person in a list."""
        return str(self)


class Tenant(models.Model):
    """One software vendor. Its days are local days of `timezone`; its sums are in `currency`."""

    slug = models.SlugField(
        max_length=40,
        unique=True,
        validators=[RegexValidator(r"^[a-z0-9][a-z0-9-]*$", _("Use a–z, 0–9 and “-”."))],
    )
    name = models.CharField(max_length=120)
    timezone = models.CharField(max_length=60, validators=[validate_timezone])
    language = models.CharField(max_length=10)
    currency = models.CharField(max_length=3)
    night_hour = models.PositiveSmallIntegerField(default=2)
    csms_see_own_only = models.BooleanField(default=False)
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField(default=now)

    def __str__(self) -> str:
        return self.name


class Role(models.TextChoices):
    """What a member may do; each role may do all that the ones before it may, but contributor (see `permissions`)."""

    VIEWER = "viewer", _("Viewer")
    CONTRIBUTOR = "contributor", _("Contributor")
    CSM = "csm", _("CSM")
    MANAGER = "manager", _("Manager")
    ADMIN = "admin", _("Admin")


class OwnMembershipManager(models.Manager["Member"]):
    """The signed-in user's own memberships, in whatever tenant: read before a tenant is chosen."""

    def get_queryset(self) -> QuerySet["Member"]:
        """Memberships of the user in scope; none when nobody is signed in."""
        return super().get_queryset().filter(user_id=current_user_id() or 0)


class Member(TenantModel):
    """A user's place in a tenant. Deactivated members keep their name on what they did."""

    user = models.ForeignKey(User, models.PROTECT, related_name="+")
    role = models.CharField(max_length=12, choices=Role.choices)
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField(default=now)
    last_seen_at = models.DateTimeField(null=True)
    previous_seen_at = models.DateTimeField(null=True)

    objects: ClassVar[TenantManager["Member"]] = TenantManager()
    own = OwnMembershipManager()

    class Meta(TenantModel.Meta):
        constraints = [models.UniqueConstraint(fields=["tenant", "user"], name="member_once")]

    def __str__(self) -> str:
        return str(self.user)


class Invitation(TenantModel):
    """An e-mail address asked to join with a role. The link is a door; accepting it closes the door."""

    email = models.EmailField()
    role = models.CharField(max_length=12, choices=Role.choices)
    invited_by = TenantForeignKey(Member, models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return self.email


class Key(TenantModel):
    """A secret of a program: a write key sends events, an API key reads and writes within its scopes.

    Only the prefix and a hash are kept (the hash in its door); the secret is shown once.
    """

    class Kind(models.TextChoices):
        """What the key opens."""

        WRITE = "write", _("Write key")
        API = "api", _("API key")

    kind = models.CharField(max_length=5, choices=Kind.choices)
    name = models.CharField(max_length=80)
    prefix = models.CharField(max_length=16)
    scopes = models.JSONField(default=list)
    created_by = TenantForeignKey(Member, models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField()
    last_used_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"{self.name} ({self.prefix}…)"


class Door(models.Model):
    """From the hash of a secret to the tenant and object it opens: what is read before any tenant is known.

    Holds no customer data and therefore has no policy. A closed door is deleted.
    """

    class Kind(models.TextChoices):
        """What stands behind the door."""

        KEY = "key", _("Key")
        INVITATION = "invitation", _("Invitation")
        MAILBOX = "mailbox", _("Mail-in address")
        SURVEY = "survey", _("Question to a customer")
        HELP = "help", _("Help page of customers")

    token_hash = models.CharField(max_length=64, unique=True)
    kind = models.CharField(max_length=12, choices=Kind.choices)
    tenant = models.ForeignKey(Tenant, models.CASCADE, related_name="+", db_index=False)
    object_id = models.BigIntegerField()

    def __str__(self) -> str:
        return f"{self.kind} {self.object_id}"


class AuditEntry(TenantModel):
    """Who did what, when: appended by the service that did it, never changed (the run-time role cannot)."""

    at = models.DateTimeField()
    actor = TenantForeignKey(Member, models.SET_NULL, null=True, related_name="+")
    actor_label = models.CharField(max_length=200)
    action = models.CharField(max_length=60)
    noun = models.CharField(max_length=40)
    object_id = models.BigIntegerField(null=True)
    object_label = models.CharField(max_length=200, blank=True, default="")
    changes = models.JSONField(default=dict)

    class Meta(TenantModel.Meta):
        indexes = [
            models.Index(fields=["tenant", "-at"], name="audit_by_time"),
            models.Index(fields=["tenant", "noun", "object_id", "-at"], name="audit_by_object"),
        ]

    def __str__(self) -> str:
        return f"{self.action} {self.noun} {self.object_label}"

    @property
    def action_label(self) -> str:
        """What was done, for people."""
        return str(ACTIONS.get(self.action, self.action))

    @property
    def noun_label(self) -> str:
        """What it was done to, for people."""
        return str(NOUNS.get(self.noun, self.noun))

    @property
    def actor_words(self) -> str:
        """Who did it, for people: programs of the product by what they are called."""
        return actor_words(self.actor_label, person=bool(self.actor_id))

    @property
    def object_words(self) -> str:
        """What the row is called, for people."""
        return object_words(self.noun, self.object_label)

    @property
    def shown_changes(self) -> list[tuple[str, str, str]]:
        """What changed: the field's label, the old value, the new one."""
        return [
            (field_words(field), value_words(field, old), value_words(field, new))
            for field, (old, new) in self.changes.items()
        ]


class ErasureSalt(TenantModel):
    """What the hashes of the block-list are salted with, so that no other tenant's list can be compared with it."""

    salt = models.BinaryField()

    class Meta(TenantModel.Meta):
        constraints = [models.UniqueConstraint(fields=["tenant"], name="erasure_salt_once")]

    def __str__(self) -> str:
        return "salt"


class Erasure(TenantModel):
    """A person was erased: when, by whom, why, how much. `reference` is a hash that stands for them; no name is kept.

    While `is_open` the audit trail may be blacked out for it (the owner's function asks).
    """

    at = models.DateTimeField()
    by = TenantForeignKey(Member, models.SET_NULL, null=True, related_name="+")
    by_label = models.CharField(max_length=200, blank=True, default="")
    reason = models.CharField(max_length=500)
    reference = models.CharField(max_length=16)
    counts = models.JSONField(default=dict)
    is_open = models.BooleanField(default=True)

    class Meta(TenantModel.Meta):
        indexes = [models.Index(fields=["tenant", "-at"], name="erasure_by_time")]

    def __str__(self) -> str:
        return self.reference


class ErasedIdentity(TenantModel):
    """A salted hash of something that an erased person was called by (`kind`: mail, contact, user …). Doors ask it."""

    erasure = TenantForeignKey(Erasure, models.CASCADE, null=True, related_name="+")
    kind = models.CharField(max_length=8)
    digest = models.CharField(max_length=64)

    class Meta(TenantModel.Meta):
        constraints = [models.UniqueConstraint(fields=["tenant", "kind", "digest"], name="erased_identity_once")]

    def __str__(self) -> str:
        return f"{self.kind} {self.digest[:8]}"


class TurnedAway(TenantModel):
    """How many items of erased persons a door turned away on a day (UTC); nothing of what they said."""

    day = models.DateField()
    door = models.CharField(max_length=12)
    count = models.IntegerField()

    class Meta(TenantModel.Meta):
        constraints = [models.UniqueConstraint(fields=["tenant", "day", "door"], name="turned_away_once")]

    def __str__(self) -> str:
        return f"{self.door} {self.day}: {self.count}"
