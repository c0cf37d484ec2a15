"""The people at an account and what was said to them."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models.account import Account
from tenants.fields import TenantForeignKey, TenantModel
from tenants.models import Member


class Contact(TenantModel):
    """A person at an account (a stakeholder), who may or may not use the product."""

    class Role(models.TextChoices):
        """What the person decides or does there."""

        DECISION_MAKER = "decision_maker", _("Decision maker")
        KEY_PERSON = "key_person", _("Key person")
        PROJECT_LEAD = "project_lead", _("Project lead")
        MIDDLE_MANAGER = "middle_manager", _("Middle manager")
        REQUIREMENT_OWNER = "requirement_owner", _("Requirement owner")
        SYSTEM_ADMIN = "system_admin", _("System administrator")
        USER = "user", _("User")
        IT = "it", _("IT")

    account = TenantForeignKey(Account, models.CASCADE, related_name="contacts")
    name = models.CharField(max_length=150)
    title = models.CharField(max_length=120, blank=True, default="")
    role = models.CharField(max_length=20, choices=Role.choices, blank=True, default="")
    email = models.EmailField(blank=True, default="")
    phone = models.CharField(max_length=60, blank=True, default="")
    created_at = models.DateTimeField()

    class Meta(TenantModel.Meta):
        indexes = [models.Index(fields=["tenant", "account"], name="contact_by_account")]

    def __str__(self) -> str:
        return self.name


class Touch(TenantModel):
    """One contact with an account 跟进记录. Two-way when the customer took part or answered."""

    class Kind(models.TextChoices):
        """How the account was reached."""

        CALL = "call", _("Call")
        MEETING = "meeting", _("Meeting")
        VISIT = "visit", _("Visit")
        MAIL = "mail", _("E-mail")
        MESSAGE = "message", _("Message")
        WECOM = "wecom", _("WeChat/WeCom")
        TRAINING = "training", _("Training")

    account = TenantForeignKey(Account, models.CASCADE, related_name="touches")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    on = models.DateField()
    note = models.TextField()
    two_way = models.BooleanField()
    author = TenantForeignKey(Member, models.SET_NULL, null=True, blank=True, related_name="+")
    contacts = models.ManyToManyField(Contact, through="TouchContact", related_name="touches")
    created_at = models.DateTimeField()

    class Meta(TenantModel.Meta):
        indexes = [models.Index(fields=["tenant", "account", "-on"], name="touch_by_account")]

    def __str__(self) -> str:
        return f"{self.kind} {self.on}"


class TouchContact(TenantModel):
    """Who took part in a touch."""

    touch = TenantForeignKey(Touch, models.CASCADE, related_name="+")
    contact = TenantForeignKey(Contact, models.CASCADE, related_name="+")

    class Meta(TenantModel.Meta):
        constraints = [models.UniqueConstraint(fields=["tenant", "touch", "contact"], name="touch_contact_once")]

    def __str__(self) -> str:
        return f"{self.touch_id} {self.contact_id}"
