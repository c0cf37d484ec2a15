"""What a tenant adds to accounts and contacts: custom fields with their values, and tags."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models.account import Account
from accounts.models.people import Contact
from tenants.fields import TenantForeignKey, TenantModel
from tenants.models import Member


class CustomField(TenantModel):
    """A field of the tenant's own. `key` names it in the API and in files and never changes; `choices` are a pick's.

    A field with values keeps its kind; an archived one keeps its values and is shown nowhere.
    """

    class Kind(models.TextChoices):
        """What a value is."""

        TEXT = "text", _("Text")
        NUMBER = "number", _("Number")
        MONEY = "money", _("Money")
        DATE = "date", _("Date")
        PICK = "pick", _("Choice")
        PERSON = "person", _("Colleague")
        LINK = "link", _("Link")

    class Holder(models.TextChoices):
        """What the field belongs to."""

        ACCOUNT = "account", _("Account")
        CONTACT = "contact", _("Contact")

    holder = models.CharField(max_length=7, choices=Holder.choices, default=Holder.ACCOUNT)
    key = models.SlugField(max_length=40)
    label = models.CharField(max_length=60)
    kind = models.CharField(max_length=6, choices=Kind.choices)
    choices = models.JSONField(default=list, blank=True)
    required = models.BooleanField(default=False)
    position = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField()
    archived_at = models.DateTimeField(null=True, blank=True)

    class Meta(TenantModel.Meta):
        constraints = [models.UniqueConstraint(fields=["tenant", "holder", "key"], name="custom_field_key_once")]

    def __str__(self) -> str:
        return self.label

    @property
    def column(self) -> str:
        """The column of a value table that holds this kind's values."""
        return COLUMN_OF_KIND[self.kind]

    @property
    def name(self) -> str:
        """How tables, segments and history name an account's field."""
        return f"c.{self.key}"


COLUMN_OF_KIND = {
    "text": "text", "pick": "text", "link": "text", "number": "number", "money": "number", "date": "day",
    "person": "person_id",
}  # fmt: skip


class ValueColumns(TenantModel):
    """One value of one custom field: exactly one typed column is set, the one of the field's kind.

    The key (tenant, field, holder) is what filters and sorts read: one field of all accounts is one range of it.
    """

    field = TenantForeignKey(CustomField, models.CASCADE, related_name="+")
    text = models.CharField(max_length=500, null=True)
    number = models.DecimalField(max_digits=20, decimal_places=4, null=True)
    day = models.DateField(null=True)
    person = TenantForeignKey(Member, models.CASCADE, null=True, related_name="+")

    class Meta(TenantModel.Meta):
        abstract = True


def _one_column(name: str) -> models.CheckConstraint:
    """Exactly one of the typed columns is set."""
    columns = ("text", "number", "day", "person_id")
    count = models.Func(
        *(models.F(column) for column in columns), function="num_nonnulls", output_field=models.IntegerField()
    )
    return models.CheckConstraint(condition=models.Q(models.lookups.Exact(count, 1)), name=name)


class AccountValue(ValueColumns):
    """An account's value of a custom field."""

    pk = models.CompositePrimaryKey("tenant_id", "field_id", "account_id")
    account = TenantForeignKey(Account, models.CASCADE, related_name="+")

    class Meta(ValueColumns.Meta):
        constraints = [_one_column("account_value_one_column")]
        indexes = [models.Index(fields=["tenant", "account"], name="account_value_by_account")]

    def __str__(self) -> str:
        return f"{self.account_id} {self.field_id}"


class ContactValue(ValueColumns):
    """A contact's value of a custom field."""

    pk = models.CompositePrimaryKey("tenant_id", "field_id", "contact_id")
    contact = TenantForeignKey(Contact, models.CASCADE, related_name="+")

    class Meta(ValueColumns.Meta):
        constraints = [_one_column("contact_value_one_column")]
        indexes = [models.Index(fields=["tenant", "contact"], name="contact_value_by_contact")]

    def __str__(self) -> str:
        return f"{self.contact_id} {self.field_id}"


class Tag(TenantModel):
    """A word that accounts are marked with. `name_lower` makes "VIP" and "vip" one tag."""

    name = models.CharField(max_length=40)
    name_lower = models.CharField(max_length=40, editable=False)
    created_at = models.DateTimeField()

    class Meta(TenantModel.Meta):
        constraints = [models.UniqueConstraint(fields=["tenant", "name_lower"], name="tag_name_once")]

    def __str__(self) -> str:
        return self.name


class AccountTag(TenantModel):
    """A tag on an account."""

    pk = models.CompositePrimaryKey("tenant_id", "tag_id", "account_id")
    tag = TenantForeignKey(Tag, models.CASCADE, related_name="+")
    account = TenantForeignKey(Account, models.CASCADE, related_name="+")

    class Meta(TenantModel.Meta):
        indexes = [models.Index(fields=["tenant", "account"], name="account_tag_by_account")]

    def __str__(self) -> str:
        return f"{self.account_id} {self.tag_id}"
