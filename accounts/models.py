"""Accounts, the people there, what was said to them, and the product they bought."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.tokens import LONGEST
from tenants.fields import TenantForeignKey, TenantModel
from tenants.models import Member


class LifecycleStage(models.TextChoices):
    """The five service stages of an account."""

    CONFIGURATION = "configuration", _("Configuration")
    TRAINING = "training", _("Training")
    GO_LIVE = "go_live", _("Go-live")
    AFTER_SALES = "after_sales", _("After-sales")
    EXPANSION = "expansion_renewal", _("Expansion and renewal")


class Account(TenantModel):
    """A customer of the tenant. `arr` is the annual recurring revenue in `currency`; `renewal_date` ends the running
    term.
    """

    external_id = models.CharField(max_length=200)
    name = models.CharField(max_length=200)
    name_key = models.CharField(max_length=400, editable=False)
    industry = models.CharField(max_length=80, blank=True, default="")
    segment = models.CharField(max_length=80, blank=True, default="")
    lifecycle_stage = models.CharField(
        max_length=20, choices=LifecycleStage.choices, default=LifecycleStage.CONFIGURATION
    )
    csm = TenantForeignKey(Member, models.SET_NULL, null=True, blank=True, related_name="+")
    seats = models.PositiveIntegerField(null=True, blank=True)
    contract_start = models.DateField(null=True, blank=True)
    renewal_date = models.DateField(null=True, blank=True)
    arr = models.DecimalField(max_digits=16, decimal_places=2, null=True, blank=True)
    currency = models.CharField(max_length=3)
    held_fields = models.JSONField(default=list, blank=True, editable=False)
    created_at = models.DateTimeField()
    archived_at = models.DateTimeField(null=True, blank=True)
    version = models.PositiveIntegerField(default=1, editable=False)

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["tenant", "external_id"], name="account_external_id_once"),
            models.CheckConstraint(
                condition=models.Q(arr__gte=0) | models.Q(arr=None), name="account_arr_not_negative"
            ),
        ]
        indexes = [
            models.Index(fields=["tenant", "name_key"], name="account_by_name"),
            models.Index(fields=["tenant", "csm"], name="account_by_csm"),
            models.Index(fields=["tenant", "renewal_date"], name="account_by_renewal"),
            # The order in which the portfolio opens.
            models.Index(
                models.F("tenant"),
                models.F("arr").desc(nulls_last=True),
                condition=models.Q(archived_at=None),
                name="account_by_arr",
            ),
            models.Index(fields=["tenant", "segment"], name="account_by_segment"),
            models.Index(fields=["tenant", "industry"], name="account_by_industry"),
        ]

    def __str__(self) -> str:
        return self.name


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


class Feature(TenantModel):
    """A part of the tenant's product. Which events count as its use is the usage room's rule.

    `target_uses`: how many uses per active user in 30 days count as full depth (1 where none is set).
    """

    key = models.SlugField(max_length=60)
    name = models.CharField(max_length=120)
    core = models.BooleanField(default=False)
    entitled_by_default = models.BooleanField(default=True)
    target_uses = models.DecimalField(max_digits=8, decimal_places=2, null=True, blank=True)
    created_at = models.DateTimeField()

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["tenant", "key"], name="feature_key_once"),
            models.CheckConstraint(
                condition=models.Q(target_uses__gt=0) | models.Q(target_uses=None),
                name="feature_target_positive",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class SavedView(TenantModel):
    """A named state of the portfolio table: its filters, sort and columns as a query string."""

    owner = TenantForeignKey(Member, models.CASCADE, related_name="+")
    name = models.CharField(max_length=60)
    query = models.CharField(max_length=2000)
    is_shared = models.BooleanField(default=False)
    is_default = models.BooleanField(default=False)
    created_at = models.DateTimeField()

    class Meta(TenantModel.Meta):
        constraints = [models.UniqueConstraint(fields=["tenant", "owner", "name"], name="saved_view_name_once")]

    def __str__(self) -> str:
        return self.name


class SearchToken(TenantModel):
    """Derived: by which letters an account or a contact is found (see `tokens`); refilled when the name changes.

    Below a policy only plain comparisons of text use an index, so a search is a range of tokens.
    """

    class Kind(models.TextChoices):
        """What is found."""

        ACCOUNT = "account", _("Account")
        CONTACT = "contact", _("Contact")

    pk = models.CompositePrimaryKey("tenant_id", "kind", "token", "object_id")
    kind = models.CharField(max_length=7, choices=Kind.choices)
    token = models.CharField(max_length=LONGEST, db_collation="C")
    object_id = models.BigIntegerField()

    class Meta(TenantModel.Meta):
        indexes = [models.Index(fields=["tenant", "object_id", "kind"], name="search_token_by_object")]

    def __str__(self) -> str:
        return f"{self.kind} {self.object_id}: {self.token}"
