"""What helps to find accounts: saved views and search tokens."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.tokens import LONGEST
from tenants.fields import TenantForeignKey, TenantModel
from tenants.models import Member


class SavedView(TenantModel):
    """A named state of the portfolio table: its filters, sort and columns as a query string."""

    owner = TenantForeignKey(Member, models.CASCADE, related_name="+")
    name = models.CharField(max_length=60)
    query = models.CharField(max_length=6000)
    is_shared = models.BooleanField(default=False)
    is_default = models.BooleanField(default=False)
    created_at = models.DateTimeField()

    class Meta(TenantModel.Meta):
        constraints = [models.UniqueConstraint(fields=["tenant", "owner", "name"], name="saved_view_name_once")]

    def __str__(self) -> str:
        return self.name


class SearchToken(TenantModel):
    """Derived: by which letters an account, a contact or a touch is found (see `tokens`); refilled with its text.

    Below a policy only plain comparisons of text use an index, so a search is a range of tokens.
    """

    class Kind(models.TextChoices):
        """What is found."""

        ACCOUNT = "account", _("Account")
        CONTACT = "contact", _("Contact")
        TOUCH = "touch", _("Touch")

    pk = models.CompositePrimaryKey("tenant_id", "kind", "token", "object_id")
    kind = models.CharField(max_length=7, choices=Kind.choices)
    token = models.CharField(max_length=LONGEST, db_collation="C")
    object_id = models.BigIntegerField()

    class Meta(TenantModel.Meta):
        indexes = [models.Index(fields=["tenant", "object_id", "kind"], name="search_token_by_object")]

    def __str__(self) -> str:
        return f"{self.kind} {self.object_id}: {self.token}"
