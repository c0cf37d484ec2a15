"""The hand-over from sales to customer success: what was sold, promised and needed, in one checked form."""

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.models.account import Account
from accounts.models.contracts import Contract
from accounts.models.product import Feature
from tenants.fields import TenantForeignKey, TenantModel
from tenants.models import Member


class NamedMember(TenantModel):
    """A member who is named at an account and therefore sees it, though their role sees no other (contributors).

    `why`: which part of the product named them, so that each part takes back only its own.
    """

    account = TenantForeignKey(Account, models.CASCADE, related_name="+")
    member = TenantForeignKey(Member, models.CASCADE, related_name="+")
    why = models.CharField(max_length=20)

    class Meta(TenantModel.Meta):
        constraints = [models.UniqueConstraint(fields=["tenant", "member", "account", "why"], name="named_member_once")]

    def __str__(self) -> str:
        return f"{self.member_id} at {self.account_id}"


class Handover(TenantModel):
    """What sales hands over of an account 交接. One per account; its rows say what was promised and needed.

    States change in `accounts.services.handover` alone: draft → complete → accepted; complete → returned (with a
    question) → complete. `fit_reason`: why a manager accepted a fit below the tenant's threshold.
    """

    class State(models.TextChoices):
        """How far the hand-over is."""

        DRAFT = "draft", pgettext_lazy("hand-over", "Draft")
        COMPLETE = "complete", pgettext_lazy("hand-over", "Complete")
        RETURNED = "returned", pgettext_lazy("hand-over", "Returned")
        ACCEPTED = "accepted", pgettext_lazy("hand-over", "Accepted")

    class Nature(models.TextChoices):
        """What the product is to the customer."""

        REPLACEMENT = "replacement", _("Replacement of a system they have")
        COMPLEMENT = "complement", _("Complement to what they have")
        PIONEERING = "pioneering", _("Pioneering: they have nothing like it")

    account = TenantForeignKey(Account, models.CASCADE, related_name="handovers")
    salesperson = TenantForeignKey(Member, models.SET_NULL, null=True, blank=True, related_name="+")
    state = models.CharField(max_length=8, choices=State.choices, default=State.DRAFT)
    due_on = models.DateField()
    contract = TenantForeignKey(Contract, models.SET_NULL, null=True, blank=True, related_name="+")
    contract_text = models.TextField(max_length=5000, blank=True, default="")
    expectations = models.TextField(max_length=5000, blank=True, default="")
    nature = models.CharField(max_length=12, choices=Nature.choices, blank=True, default="")
    profile = models.CharField(max_length=80, blank=True, default="")
    no_promises = models.BooleanField(default=False)
    question = models.TextField(max_length=2000, blank=True, default="")
    fit_reason = models.TextField(max_length=2000, blank=True, default="")
    accepted_by = TenantForeignKey(Member, models.SET_NULL, null=True, blank=True, related_name="+")
    completed_at = models.DateTimeField(null=True, blank=True)
    accepted_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField()

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["tenant", "account"], name="handover_of_account"),
            models.CheckConstraint(
                condition=~Q(state="returned") | ~Q(question=""), name="handover_returned_with_question"
            ),
            models.CheckConstraint(
                condition=~Q(state="accepted") | Q(accepted_at__isnull=False), name="handover_accepted_when"
            ),
        ]
        indexes = [models.Index(fields=["tenant", "state", "due_on"], name="handover_by_state")]

    def __str__(self) -> str:
        return str(self.account)

    @property
    def is_open(self) -> bool:
        """Whether its content may still be typed into."""
        return self.state in (self.State.DRAFT, self.State.RETURNED)


class Promise(TenantModel):
    """What sales promised the customer, and what becomes of it."""

    class State(models.TextChoices):
        """What becomes of a promise."""

        OPEN = "open", _("Not judged yet")
        KEPT = "kept", _("Kept")
        PLANNED = "planned", _("In plan")
        IMPOSSIBLE = "impossible", _("Impossible")

    handover = TenantForeignKey(Handover, models.CASCADE, related_name="promises")
    text = models.CharField(max_length=500)
    state = models.CharField(max_length=10, choices=State.choices, default=State.OPEN)
    owner = TenantForeignKey(Member, models.SET_NULL, null=True, blank=True, related_name="+")
    due_on = models.DateField(null=True, blank=True)
    created_at = models.DateTimeField()

    class Meta(TenantModel.Meta):
        indexes = [models.Index(fields=["tenant", "handover"], name="promise_by_handover")]

    def __str__(self) -> str:
        return self.text[:80]


class Need(TenantModel):
    """What the customer needs, how much it weighs (1 to 10) and how far the product meets it (`match`, 0 to 100 %)."""

    handover = TenantForeignKey(Handover, models.CASCADE, related_name="needs")
    text = models.CharField(max_length=300)
    feature = TenantForeignKey(Feature, models.SET_NULL, null=True, blank=True, related_name="+")
    weight = models.PositiveSmallIntegerField(default=5, validators=[MinValueValidator(1), MaxValueValidator(10)])
    match = models.PositiveSmallIntegerField(null=True, blank=True, validators=[MaxValueValidator(100)])
    created_at = models.DateTimeField()

    class Meta(TenantModel.Meta):
        constraints = [
            models.CheckConstraint(condition=Q(weight__range=(1, 10)), name="need_weight_1_to_10"),
            models.CheckConstraint(condition=Q(match=None) | Q(match__lte=100), name="need_match_percent"),
        ]
        indexes = [models.Index(fields=["tenant", "handover"], name="need_by_handover")]

    def __str__(self) -> str:
        return self.text[:80]


class Learner(TenantModel):
    """A group of people there who will have to learn the product: how many, how used to such tools, what else."""

    class Skill(models.TextChoices):
        """How used the group is to tools of this kind."""

        NEW = "new", _("New to such tools")
        SOME = "some", _("Some experience")
        EXPERIENCED = "experienced", _("Experienced")

    handover = TenantForeignKey(Handover, models.CASCADE, related_name="learners")
    text = models.CharField(max_length=150)
    people = models.PositiveIntegerField(null=True, blank=True)
    skill = models.CharField(max_length=12, choices=Skill.choices, blank=True, default="")
    note = models.CharField(max_length=500, blank=True, default="")
    created_at = models.DateTimeField()

    class Meta(TenantModel.Meta):
        indexes = [models.Index(fields=["tenant", "handover"], name="learner_by_handover")]

    def __str__(self) -> str:
        return self.text[:80]


class FitSetting(TenantModel):
    """From which fit on an account needs no manager's consent, in per cent. One row per tenant; 30 without one."""

    threshold = models.PositiveSmallIntegerField(default=30, validators=[MaxValueValidator(100)])

    class Meta(TenantModel.Meta):
        constraints = [models.UniqueConstraint(fields=["tenant"], name="fit_setting_once")]

    def __str__(self) -> str:
        return f"{self.threshold} %"
