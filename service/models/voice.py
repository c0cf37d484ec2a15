"""The voice of the customer: requests and who wants them, rival products seen, success cases."""

from django.db import models
from django.db.models import Q
from django.utils.translation import get_language, pgettext_lazy

from accounts.models import Account, Contact, Feature, Touch
from tenants.fields import TenantForeignKey, TenantModel
from tenants.models import Member


class Request(TenantModel):
    """Something that customers want of the product. `answer` is what goes back to every account that asked.

    States change in `service.services.voice` alone. A merged request points to the one that holds its wishes.
    """

    class State(models.TextChoices):
        """What becomes of a request."""

        NEW = "new", pgettext_lazy("request", "New")
        REVIEWING = "reviewing", pgettext_lazy("request", "Being looked at")
        PLANNED = "planned", pgettext_lazy("request", "Planned")
        DONE = "done", pgettext_lazy("request", "Delivered")
        DECLINED = "declined", pgettext_lazy("request", "Declined")
        MERGED = "merged", pgettext_lazy("request", "Merged")

    external_id = models.CharField(max_length=200, null=True, blank=True)
    title = models.CharField(max_length=200)
    detail = models.TextField(max_length=5000, blank=True, default="")
    feature = TenantForeignKey(Feature, models.SET_NULL, null=True, blank=True, related_name="+")
    state = models.CharField(max_length=9, choices=State.choices, default=State.NEW)
    answer = models.TextField(max_length=2000, blank=True, default="")
    answers = models.PositiveIntegerField(default=0, editable=False)
    answered_at = models.DateTimeField(null=True, blank=True)
    merged_into = TenantForeignKey("self", models.CASCADE, null=True, blank=True, related_name="merged")
    created_by = TenantForeignKey(Member, models.SET_NULL, null=True, blank=True, related_name="+")
    created_at = models.DateTimeField()

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["tenant", "external_id"], name="request_external_id_once"),
            models.CheckConstraint(
                condition=Q(state="merged", merged_into__isnull=False) | (~Q(state="merged") & Q(merged_into=None)),
                name="request_merged_into_another",
            ),
        ]
        indexes = [models.Index(fields=["tenant", "state"], name="request_by_state")]

    def __str__(self) -> str:
        return self.title


class Wish(TenantModel):
    """An account wants a request: since when, who there said so, and in what words.

    `told_answer`: the number of the answer that the account was told, by the touch `told_by_touch`; 0 for none. It has
    to be told again once the request has a newer answer.
    """

    request = TenantForeignKey(Request, models.CASCADE, related_name="wishes")
    account = TenantForeignKey(Account, models.CASCADE, related_name="wishes")
    contact = TenantForeignKey(Contact, models.SET_NULL, null=True, blank=True, related_name="+")
    note = models.CharField(max_length=500, blank=True, default="")
    since = models.DateField()
    told_answer = models.PositiveIntegerField(default=0, editable=False)
    told_on = models.DateField(null=True, blank=True)
    told_touch = TenantForeignKey(Touch, models.SET_NULL, null=True, blank=True, related_name="+")
    created_at = models.DateTimeField()

    class Meta(TenantModel.Meta):
        constraints = [models.UniqueConstraint(fields=["tenant", "request", "account"], name="wish_once")]
        indexes = [models.Index(fields=["tenant", "account"], name="wish_by_account")]

    def __str__(self) -> str:
        return f"{self.account_id} wants {self.request_id}"


class Rival(TenantModel):
    """A rival product seen at an account 竞品: in which area (department, scenario), since when, who saw it."""

    account = TenantForeignKey(Account, models.CASCADE, related_name="rivals")
    name = models.CharField(max_length=120)
    area = models.CharField(max_length=150, blank=True, default="")
    since = models.DateField(null=True, blank=True)
    gone_on = models.DateField(null=True, blank=True)
    note = models.CharField(max_length=500, blank=True, default="")
    seen_by = TenantForeignKey(Member, models.SET_NULL, null=True, blank=True, related_name="+")
    created_at = models.DateTimeField()

    class Meta(TenantModel.Meta):
        indexes = [
            models.Index(fields=["tenant", "account"], name="rival_by_account"),
            models.Index(fields=["tenant", "name"], name="rival_by_name"),
        ]

    def __str__(self) -> str:
        return self.name


def in_language(row: models.Model, name: str) -> str:
    """A text that is kept as `<name>_en` and `<name>_zh`: in the active language, else in the other one."""
    order = ("zh", "en") if (get_language() or "en").startswith("zh") else ("en", "zh")
    return next((text for code in order if (text := getattr(row, f"{name}_{code}"))), "")


class SuccessCase(TenantModel):
    """What a customer reached 成功案例, to be shown to the next one: by industry and feature, in one or both languages.

    `account`: whose it is, known inside only; the texts say what may be shown. Unpublished ones are suggested nowhere.
    """

    external_id = models.CharField(max_length=200, null=True, blank=True)
    account = TenantForeignKey(Account, models.SET_NULL, null=True, blank=True, related_name="+")
    industry = models.CharField(max_length=80, blank=True, default="")
    features = models.ManyToManyField(Feature, through="CaseFeature", related_name="cases")
    title_en = models.CharField(max_length=200, blank=True, default="")
    story_en = models.TextField(max_length=5000, blank=True, default="")
    result_en = models.CharField(max_length=300, blank=True, default="")
    title_zh = models.CharField(max_length=200, blank=True, default="")
    story_zh = models.TextField(max_length=5000, blank=True, default="")
    result_zh = models.CharField(max_length=300, blank=True, default="")
    published = models.BooleanField(default=True)
    created_by = TenantForeignKey(Member, models.SET_NULL, null=True, blank=True, related_name="+")
    created_at = models.DateTimeField()

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["tenant", "external_id"], name="success_case_id_once"),
            models.CheckConstraint(
                condition=(~Q(title_en="") & ~Q(result_en="")) | (~Q(title_zh="") & ~Q(result_zh="")),
                name="success_case_in_a_language",
            ),
        ]
        indexes = [models.Index(fields=["tenant", "industry"], name="success_case_by_industry")]

    def __str__(self) -> str:
        return self.title_en or self.title_zh

    @property
    def title(self) -> str:
        """In the reader's language, else in the other one."""
        return in_language(self, "title")

    @property
    def story(self) -> str:
        """In the reader's language, else in the other one."""
        return in_language(self, "story")

    @property
    def result(self) -> str:
        """In the reader's language, else in the other one."""
        return in_language(self, "result")


class CaseFeature(TenantModel):
    """A feature that a case shows at work."""

    case = TenantForeignKey(SuccessCase, models.CASCADE, related_name="+")
    feature = TenantForeignKey(Feature, models.CASCADE, related_name="+")

    class Meta(TenantModel.Meta):
        constraints = [models.UniqueConstraint(fields=["tenant", "case", "feature"], name="case_feature_once")]
        indexes = [models.Index(fields=["tenant", "feature"], name="case_feature_by_feature")]

    def __str__(self) -> str:
        return f"{self.case_id} {self.feature_id}"
