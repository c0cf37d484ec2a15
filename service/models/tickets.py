"""What customers asked the vendor's support."""

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.models import Account
from tenants.fields import TenantForeignKey, TenantModel
from tenants.models import Member


class Channel(models.TextChoices):
    """How a question reached the vendor."""

    MAIL = "mail", _("E-mail")
    PHONE = "phone", _("Phone")
    CHAT = "chat", _("Chat")
    WECOM = "wecom", _("WeChat/WeCom")
    PORTAL = "portal", _("Support portal")
    OTHER = "other", pgettext_lazy("channel", "Other")


class Priority(models.TextChoices):
    """How urgent the customer's trouble is."""

    LOW = "low", pgettext_lazy("priority", "Low")
    NORMAL = "normal", pgettext_lazy("priority", "Normal")
    HIGH = "high", pgettext_lazy("priority", "High")
    URGENT = "urgent", pgettext_lazy("priority", "Urgent")


class Ticket(TenantModel):
    """A question or trouble of an account. Open until `closed_at`; `assignee` is who serves it.

    `basic`: a basic question, which self-help should answer; `deflected`: self-help did. `satisfaction`: 1 to 5.
    """

    external_id = models.CharField(max_length=200)
    account = TenantForeignKey(Account, models.CASCADE, related_name="tickets")
    subject = models.CharField(max_length=300)
    channel = models.CharField(max_length=8, choices=Channel.choices, default=Channel.MAIL)
    priority = models.CharField(max_length=8, choices=Priority.choices, default=Priority.NORMAL)
    requester = models.CharField(max_length=200, blank=True, default="")
    assignee = TenantForeignKey(Member, models.SET_NULL, null=True, blank=True, related_name="+")
    opened_at = models.DateTimeField()
    first_response_at = models.DateTimeField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    satisfaction = models.PositiveSmallIntegerField(
        null=True, blank=True, validators=[MinValueValidator(1), MaxValueValidator(5)]
    )
    basic = models.BooleanField(default=False)
    deflected = models.BooleanField(default=False)
    created_at = models.DateTimeField()

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["tenant", "external_id"], name="ticket_external_id_once"),
            models.CheckConstraint(
                condition=models.Q(first_response_at=None) | models.Q(first_response_at__gte=models.F("opened_at")),
                name="ticket_answered_after_opening",
            ),
            models.CheckConstraint(
                condition=models.Q(closed_at=None) | models.Q(closed_at__gte=models.F("opened_at")),
                name="ticket_closed_after_opening",
            ),
            models.CheckConstraint(
                condition=models.Q(satisfaction=None) | models.Q(satisfaction__range=(1, 5)),
                name="ticket_satisfaction_1_to_5",
            ),
            models.CheckConstraint(
                condition=models.Q(deflected=False) | models.Q(basic=True), name="ticket_deflected_is_basic"
            ),
        ]
        indexes = [
            models.Index(fields=["tenant", "account", "opened_at"], name="ticket_by_account"),
            models.Index(fields=["tenant", "opened_at"], name="ticket_by_opening"),
        ]

    def __str__(self) -> str:
        return self.subject
