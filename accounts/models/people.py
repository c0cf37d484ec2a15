"""The people at an account: what they decide, to whom they report, and what convinced them."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models.account import Account
from tenants.fields import TenantForeignKey, TenantModel
from tenants.models import Member


class Contact(TenantModel):
    """A person at an account (a stakeholder 干系人), who may or may not use the product.

    `left_on`: the day from which the person no longer works there; kept, because a champion who left is a risk.
    `champion`: speaks for the product when nobody of ours is in the room.
    """

    class Role(models.TextChoices):
        """What the person decides or does there; a person may have several."""

        DECISION_MAKER = "decision_maker", _("Decision maker")
        KEY_PERSON = "key_person", _("Key person")
        PROJECT_LEAD = "project_lead", _("Project lead")
        MIDDLE_MANAGER = "middle_manager", _("Middle manager")
        REQUIREMENT_OWNER = "requirement_owner", _("Requirement owner")
        SYSTEM_ADMIN = "system_admin", _("System administrator")
        USER = "user", _("User")
        IT = "it", _("IT")

    class Influence(models.TextChoices):
        """How far the person's word carries in decisions about the product."""

        LOW = "low", _("Low influence")
        MEDIUM = "medium", _("Medium influence")
        HIGH = "high", _("High influence")

    account = TenantForeignKey(Account, models.CASCADE, related_name="contacts")
    external_id = models.CharField(max_length=200, null=True, blank=True)
    name = models.CharField(max_length=150)
    title = models.CharField(max_length=120, blank=True, default="")
    roles = ArrayField(models.CharField(max_length=20, choices=Role.choices), default=list, blank=True)
    reports_to = TenantForeignKey("self", models.SET_NULL, null=True, blank=True, related_name="reports")
    influence = models.CharField(max_length=6, choices=Influence.choices, blank=True, default="")
    champion = models.BooleanField(default=False)
    email = models.EmailField(blank=True, default="")
    phone = models.CharField(max_length=60, blank=True, default="")
    left_on = models.DateField(null=True, blank=True)
    created_at = models.DateTimeField()

    class Meta(TenantModel.Meta):
        indexes = [models.Index(fields=["tenant", "account"], name="contact_by_account")]
        constraints = [
            models.UniqueConstraint(fields=["tenant", "external_id"], name="contact_external_id_once"),
            models.CheckConstraint(
                condition=models.Q(reports_to=None) | ~models.Q(reports_to=models.F("id")),
                name="contact_reports_to_another",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def role_words(self) -> list[str]:
        """The roles as people say them, in the order in which they are named above."""
        return [str(role.label) for role in Contact.Role if role in self.roles]


class Conviction(TenantModel):
    """One finding about whether a contact is convinced. Rows are added, never changed: the latest counts."""

    class About(models.TextChoices):
        """What a person must be convinced of; which of them depends on the person's role."""

        SOLUTION = "solution", _("the solution")
        DELIVERY = "delivery", _("the delivery")
        EFFECT = "effect", _("the effect")
        OPERATION = "operation", _("safe and easy operation")
        VALUE = "value", _("the worth of renewing")

    class State(models.TextChoices):
        """Whether the person is."""

        CONVINCED = "convinced", _("Convinced")
        NOT_YET = "not_yet", _("Not yet")
        AGAINST = "against", _("Against")

    contact = TenantForeignKey(Contact, models.CASCADE, related_name="convictions")
    about = models.CharField(max_length=10, choices=About.choices)
    state = models.CharField(max_length=10, choices=State.choices)
    on = models.DateField()
    evidence = models.CharField(max_length=500, blank=True, default="")
    author = TenantForeignKey(Member, models.SET_NULL, null=True, blank=True, related_name="+")
    created_at = models.DateTimeField()

    class Meta(TenantModel.Meta):
        indexes = [models.Index(fields=["tenant", "contact", "-on"], name="conviction_by_contact")]

    def __str__(self) -> str:
        return f"{self.about}: {self.state}"

    @property
    def tone(self) -> str:
        """The colour and shape of the state, as a band has them."""
        return TONES.get(self.state, "unknown")


TONES = {"convinced": "green", "not_yet": "amber", "against": "red"}
