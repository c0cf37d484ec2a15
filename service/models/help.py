"""Help articles: what a customer reads or watches instead of asking."""

from django.db import models
from django.db.models import Q

from accounts.models import Feature
from service.models.voice import in_language
from tenants.fields import TenantForeignKey, TenantModel


class HelpArticle(TenantModel):
    """How to use a feature: text and a link to a video, in one or both languages. Unpublished ones are not shown."""

    external_id = models.CharField(max_length=200, null=True, blank=True)
    feature = TenantForeignKey(Feature, models.CASCADE, null=True, blank=True, related_name="+")
    title_en = models.CharField(max_length=200, blank=True, default="")
    text_en = models.TextField(max_length=10_000, blank=True, default="")
    video_en = models.URLField(max_length=500, blank=True, default="")
    title_zh = models.CharField(max_length=200, blank=True, default="")
    text_zh = models.TextField(max_length=10_000, blank=True, default="")
    video_zh = models.URLField(max_length=500, blank=True, default="")
    published = models.BooleanField(default=True)
    created_at = models.DateTimeField()

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["tenant", "external_id"], name="help_article_id_once"),
            models.CheckConstraint(condition=~Q(title_en="") | ~Q(title_zh=""), name="help_article_in_a_language"),
        ]
        indexes = [models.Index(fields=["tenant", "feature"], name="help_article_by_feature")]

    def __str__(self) -> str:
        return self.title_en or self.title_zh

    @property
    def title(self) -> str:
        """In the reader's language, else in the other one."""
        return in_language(self, "title")

    @property
    def text(self) -> str:
        """In the reader's language, else in the other one."""
        return in_language(self, "text")

    @property
    def video(self) -> str:
        """In the reader's language, else in the other one."""
        return in_language(self, "video")


class HelpPage(TenantModel):
    """The tenant's help articles for its customers, behind a link that nobody guesses; open while `is_on`."""

    token = models.CharField(max_length=40)
    is_on = models.BooleanField(default=False)
    created_at = models.DateTimeField()

    class Meta(TenantModel.Meta):
        constraints = [models.UniqueConstraint(fields=["tenant"], name="help_page_once")]

    def __str__(self) -> str:
        return "on" if self.is_on else "off"


class HelpVote(TenantModel):
    """How many readers of the public page said on a day (tenant-local) that an article helped, or did not."""

    article = TenantForeignKey(HelpArticle, models.CASCADE, related_name="+")
    day = models.DateField()
    helped = models.BooleanField()
    count = models.IntegerField()

    class Meta(TenantModel.Meta):
        constraints = [models.UniqueConstraint(fields=["tenant", "article", "day", "helped"], name="help_vote_once")]

    def __str__(self) -> str:
        return f"{self.article_id} {self.day}: {self.count}"
