"""What a CSM thinks of an account."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models.account import Account
from tenants.fields import TenantForeignKey, TenantModel
from tenants.models import Member


class Pulse(TenantModel):
    """A CSM's own view of an account on a day, with the reason. The latest one up to a day holds; scorecards say
    for how long.
    """

    class Feeling(models.TextChoices):
        """How it goes."""

        GOOD = "good", _("Good")
        MIXED = "mixed", _("Mixed")
        BAD = "bad", _("Bad")

    class Reason(models.TextChoices):
        """What it rests on most."""

        VALUE = "value", _("Value seen or not")
        PEOPLE = "people", _("People: champion, decision maker")
        PRODUCT = "product", _("Product: faults, missing functions")
        SERVICE = "service", _("Service and support")
        PRICE = "price", _("Price and budget")
        RIVAL = "rival", _("A rival product")
        CHANGE = "change", _("Change at the customer")
        OTHER = "other", _("Something else")

    account = TenantForeignKey(Account, models.CASCADE, related_name="pulses")
    on = models.DateField()
    feeling = models.CharField(max_length=5, choices=Feeling.choices)
    reason = models.CharField(max_length=8, choices=Reason.choices)
    note = models.CharField(max_length=1000, blank=True, default="")
    author = TenantForeignKey(Member, models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField()

    class Meta(TenantModel.Meta):
        indexes = [models.Index(fields=["tenant", "account", "-on", "-id"], name="pulse_by_account")]

    def __str__(self) -> str:
        return f"{self.account_id} {self.on} {self.feeling}"
