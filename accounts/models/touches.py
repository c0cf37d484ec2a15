"""What was said to the people at an account, and what is to follow."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.models.account import Account
from accounts.models.people import Contact
from tenants.fields import TenantForeignKey, TenantModel
from tenants.models import Member


class Level(models.TextChoices):
    """The three levels of service value: a team that only solves problems is not yet a customer success team."""

    SOLVE = "solve", _("Problem solved")
    GAP = "gap", _("Application gap closed")
    ADVICE = "advice", _("Business advice")


class CustomerEvent(TenantModel):
    """A salon or course 沙龙/课程 for people of several accounts. Each attendance is a touch."""

    class Kind(models.TextChoices):
        """What sort of event it is."""

        SALON = "salon", _("Salon")
        COURSE = "course", _("Course")

    kind = models.CharField(max_length=8, choices=Kind.choices)
    name = models.CharField(max_length=150)
    on = models.DateField()
    place = models.CharField(max_length=150, blank=True, default="")
    level = models.CharField(max_length=8, choices=Level.choices, blank=True, default=Level.ADVICE)
    host = TenantForeignKey(Member, models.SET_NULL, null=True, blank=True, related_name="+")
    created_at = models.DateTimeField()

    class Meta(TenantModel.Meta):
        indexes = [models.Index(fields=["tenant", "-on"], name="customer_event_by_day")]

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
        TRAINING = "training", pgettext_lazy("touch", "Training")
        EVENT = "event", _("Event")

    account = TenantForeignKey(Account, models.CASCADE, related_name="touches")
    external_id = models.CharField(max_length=200, null=True, blank=True)
    kind = models.CharField(max_length=10, choices=Kind.choices)
    on = models.DateField()
    note = models.TextField()
    two_way = models.BooleanField()
    level = models.CharField(max_length=8, choices=Level.choices, blank=True, default="")
    author = TenantForeignKey(Member, models.SET_NULL, null=True, blank=True, related_name="+")
    event = TenantForeignKey(CustomerEvent, models.SET_NULL, null=True, blank=True, related_name="touches")
    contacts = models.ManyToManyField(Contact, through="TouchContact", related_name="touches")
    created_at = models.DateTimeField()

    class Meta(TenantModel.Meta):
        indexes = [
            models.Index(fields=["tenant", "account", "-on"], name="touch_by_account"),
            models.Index(fields=["tenant", "on"], name="touch_by_day"),
        ]
        constraints = [models.UniqueConstraint(fields=["tenant", "external_id"], name="touch_external_id_once")]

    def __str__(self) -> str:
        return f"{self.kind} {self.on}"


class TouchContact(TenantModel):
    """Who took part in a touch."""

    touch = TenantForeignKey(Touch, models.CASCADE, related_name="+")
    contact = TenantForeignKey(Contact, models.CASCADE, related_name="+")

    class Meta(TenantModel.Meta):
        constraints = [models.UniqueConstraint(fields=["tenant", "touch", "contact"], name="touch_contact_once")]
        indexes = [models.Index(fields=["tenant", "contact"], name="touch_contact_by_person")]

    def __str__(self) -> str:
        return f"{self.touch_id} {self.contact_id}"


class TouchMail(TenantModel):
    """What came with a touch that was read from a message (RFC 5322). The Message-ID makes it come once per account.

    `quoted`: the text of earlier messages, kept and shown folded. `attachments`: name, type and size in bytes; the
    files themselves are not stored. `strangers`: addresses that belong to nobody known.
    """

    touch = TenantForeignKey(Touch, models.CASCADE, related_name="mails")
    account = TenantForeignKey(Account, models.CASCADE, related_name="+")
    message_id = models.CharField(max_length=300)
    subject = models.CharField(max_length=300, blank=True, default="")
    sender = models.CharField(max_length=320, blank=True, default="")
    strangers = models.JSONField(default=list)
    quoted = models.TextField(blank=True, default="")
    attachments = models.JSONField(default=list)

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["tenant", "account", "message_id"], name="touch_mail_once"),
            models.UniqueConstraint(fields=["tenant", "touch"], name="touch_mail_of_touch"),
        ]

    def __str__(self) -> str:
        return self.subject


class Mailbox(TenantModel):
    """The mail-in address of an account: whoever knows the token may file a message there, and nothing else."""

    account = TenantForeignKey(Account, models.CASCADE, related_name="+")
    token = models.CharField(max_length=40)
    created_at = models.DateTimeField()

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["tenant", "account"], name="mailbox_of_account"),
            models.UniqueConstraint(fields=["tenant", "token"], name="mailbox_token_once"),
        ]

    def __str__(self) -> str:
        return str(self.account_id)


class NextStep(TenantModel):
    """What was promised to an account, by when and by whom. Done once `done_at` is set."""

    account = TenantForeignKey(Account, models.CASCADE, related_name="steps")
    touch = TenantForeignKey(Touch, models.SET_NULL, null=True, blank=True, related_name="steps")
    text = models.CharField(max_length=300)
    due_on = models.DateField()
    owner = TenantForeignKey(Member, models.SET_NULL, null=True, blank=True, related_name="+")
    done_at = models.DateTimeField(null=True, blank=True)
    done_by = TenantForeignKey(Member, models.SET_NULL, null=True, blank=True, related_name="+")
    created_at = models.DateTimeField()

    class Meta(TenantModel.Meta):
        indexes = [
            models.Index(fields=["tenant", "account", "due_on"], name="next_step_by_account"),
            models.Index(fields=["tenant", "due_on"], condition=models.Q(done_at=None), name="next_step_open"),
        ]

    def __str__(self) -> str:
        return self.text


class Invitee(TenantModel):
    """A person invited to an event; `touch` is the attendance, once the person came."""

    event = TenantForeignKey(CustomerEvent, models.CASCADE, related_name="invitees")
    contact = TenantForeignKey(Contact, models.CASCADE, related_name="+")
    touch = TenantForeignKey(Touch, models.SET_NULL, null=True, blank=True, related_name="+")

    class Meta(TenantModel.Meta):
        constraints = [models.UniqueConstraint(fields=["tenant", "event", "contact"], name="invitee_once")]

    def __str__(self) -> str:
        return f"{self.contact_id} at {self.event_id}"
