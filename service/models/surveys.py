"""What customers answer when they are asked how it is: NPS and CSAT."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Account, Contact
from tenants.fields import TenantForeignKey, TenantModel
from tenants.models import Member


class Survey(models.TextChoices):
    """What is asked. NPS: would you recommend us, 0 to 10. CSAT: how satisfied are you, 1 to 5."""

    NPS = "nps", _("NPS")
    CSAT = "csat", _("CSAT")


class SurveyInvite(TenantModel):
    """A person asked for an answer by a link. The link's secret is kept nowhere; its hash is a door of the tenant."""

    kind = models.CharField(max_length=4, choices=Survey.choices)
    account = TenantForeignKey(Account, models.CASCADE, related_name="+")
    contact = TenantForeignKey(Contact, models.CASCADE, related_name="+")
    language = models.CharField(max_length=10)
    sent_by = TenantForeignKey(Member, models.SET_NULL, null=True, blank=True, related_name="+")
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()

    class Meta(TenantModel.Meta):
        indexes = [models.Index(fields=["tenant", "account", "-created_at"], name="survey_invite_by_account")]

    def __str__(self) -> str:
        return f"{self.kind} {self.contact_id}"


class SurveyAnswer(TenantModel):
    """One person's answer. `person` is the contact's number (`c12`) or a name from elsewhere; `window` the span in
    which a person answers once: a calendar quarter for NPS (2026Q1), a month for CSAT (2026-03), both tenant-local.
    """

    class Source(models.TextChoices):
        """How the answer came."""

        LINK = "link", _("Link")
        API = "api", _("API")
        FILE = "file", _("File")

    kind = models.CharField(max_length=4, choices=Survey.choices)
    account = TenantForeignKey(Account, models.CASCADE, related_name="+")
    contact = TenantForeignKey(Contact, models.SET_NULL, null=True, blank=True, related_name="+")
    person = models.CharField(max_length=200)
    window = models.CharField(max_length=7)
    score = models.PositiveSmallIntegerField()
    comment = models.TextField(max_length=2000, blank=True, default="")
    answered_at = models.DateTimeField()
    source = models.CharField(max_length=4, choices=Source.choices)

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["tenant", "kind", "account", "person", "window"], name="survey_answer_once"
            ),
            models.CheckConstraint(
                condition=Q(kind="nps", score__range=(0, 10)) | Q(kind="csat", score__range=(1, 5)),
                name="survey_answer_in_range",
            ),
        ]
        indexes = [models.Index(fields=["tenant", "account", "kind", "-answered_at"], name="survey_answer_by_account")]

    def __str__(self) -> str:
        return f"{self.kind} {self.score}"
