"""Help articles and answers to surveys over the API."""

from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import QuerySet
from django.utils.timezone import now
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models import Contact
from portfolio.api.handovers import FeatureByKey
from portfolio.api.people import BY_ID, OF_ACCOUNT, RowsView, StrictSerializer, answer, faults_of
from portfolio.api.voice import applied
from service.models import HelpArticle, Survey, SurveyAnswer
from service.services.help import articles_upsert
from service.services.surveys import answers_upsert
from tenants.api_fields import instant
from tenants.api_schema import PAGES
from tenants.personal import blocked
from tenants.personal.blocks import CONTACT


class ArticleWriteSerializer(StrictSerializer):
    """A help article, in one or both languages: a title with a text or a video link. Fields left out stay."""

    external_id = serializers.CharField(max_length=200)
    feature = FeatureByKey(required=False, allow_null=True)
    title_en = serializers.CharField(max_length=200, required=False, allow_blank=True)
    text_en = serializers.CharField(max_length=10_000, required=False, allow_blank=True)
    video_en = serializers.URLField(max_length=500, required=False, allow_blank=True)
    title_zh = serializers.CharField(max_length=200, required=False, allow_blank=True)
    text_zh = serializers.CharField(max_length=10_000, required=False, allow_blank=True)
    video_zh = serializers.URLField(max_length=500, required=False, allow_blank=True)
    published = serializers.BooleanField(required=False)


class AnswerWriteSerializer(StrictSerializer):
    """An answer collected elsewhere. `score`: 0 to 10 for nps, 1 to 5 for csat. Who answered: `contact_external_id`, or
    any name that stays the same, as `person`.
    """

    account_external_id = serializers.CharField(max_length=200)
    kind = serializers.ChoiceField(choices=Survey.choices)
    score = serializers.IntegerField(min_value=0, max_value=10)
    contact_external_id = serializers.CharField(max_length=200, required=False)
    person = serializers.CharField(max_length=190, required=False)
    comment = serializers.CharField(max_length=2000, required=False, allow_blank=True)
    answered_at = instant(required=False)


def article_row(article: HelpArticle) -> dict[str, Any]:
    """An article as the API shows it."""
    names = ("title_en", "text_en", "video_en", "title_zh", "text_zh", "video_zh", "published")
    feature = article.feature.key if article.feature else None
    held = {name: getattr(article, name) for name in names}
    return {"id": article.pk, "external_id": article.external_id, "feature": feature, **held}


def answer_row(one: SurveyAnswer) -> dict[str, Any]:
    """An answer as the API shows it."""
    return {
        "id": one.pk, "account_external_id": one.account.external_id, "kind": one.kind, "score": one.score,
        "contact_external_id": one.contact.external_id if one.contact else None,
        "person": one.person, "window": one.window, "comment": one.comment, "answered_at": one.answered_at,
        "source": one.source,
    }  # fmt: skip


class ArticleList(RowsView):
    """`GET /api/v1/help-articles/`."""

    scopes = {"GET": "help:read"}
    takes = {"GET": (BY_ID, *PAGES)}

    @extend_schema(responses=OpenApiTypes.OBJECT)
    def get(self, request: Request) -> Response:
        """Help articles, oldest first, by pages."""
        return self.listed(request, HelpArticle.objects.select_related("feature"), article_row)


class ArticleBulk(RowsView):
    """`POST /api/v1/help-articles/bulk/`."""

    scopes = {"POST": "help:write"}
    many = "articles"

    @extend_schema(request=ArticleWriteSerializer(many=True), responses=OpenApiTypes.OBJECT)
    def post(self, request: Request) -> Response:
        """Create or change up to 1,000 articles by external id, all or none. Twice is the same as once."""
        rows = self.rows(request, ArticleWriteSerializer, bulk=True)
        return answer(applied(rows, lambda found: articles_upsert(rows=found, at=now(), by=None, label=str(self.key))))


def all_answers() -> QuerySet[SurveyAnswer]:
    """The answers of live accounts."""
    return SurveyAnswer.objects.filter(account__archived_at=None).select_related("account", "contact")


class AnswerList(RowsView):
    """`GET /api/v1/survey-answers/`."""

    scopes = {"GET": "surveys:read"}
    takes = {"GET": (OF_ACCOUNT, *PAGES)}

    @extend_schema(responses=OpenApiTypes.OBJECT)
    def get(self, request: Request) -> Response:
        """Answers, oldest first, by pages; `account` chooses one account's."""
        return self.listed(request, all_answers(), answer_row)


class AnswerBulk(RowsView):
    """`POST /api/v1/survey-answers/bulk/`."""

    scopes = {"POST": "surveys:write"}
    many = "answers"

    @extend_schema(request=AnswerWriteSerializer(many=True), responses=OpenApiTypes.OBJECT)
    def post(self, request: Request) -> Response:
        """Keep up to 1,000 answers, all or none: one per account, kind, person and window (a calendar quarter for nps,
        a month for csat). The same person again in a window changes their answer; twice is the same as once.
        """
        rows = self._with_contacts(self.rows(request, AnswerWriteSerializer, bulk=True))
        try:
            with transaction.atomic():
                done = answers_upsert(tenant=self.tenant, rows=rows, at=now(), by=None, label=str(self.key))
        except ValidationError as fault:
            raise faults_of(fault, len(rows)) from fault
        counts = {what: sum(fate == what for fate, _one in done) for what in ("created", "changed", "unchanged")}
        if erased := sum(fate == "erased" for fate, _one in done):
            counts["erased"] = erased  # persons who were erased: passed over, nothing of the row is kept
        results = [
            {"id": one.pk, "window": one.window, "result": fate} if one is not None else {"result": fate}
            for fate, one in done
        ]
        return Response({**counts, "results": results})

    @staticmethod
    def _with_contacts(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
        wanted = {row["contact_external_id"] for row in rows if "contact_external_id" in row}
        held = {one.external_id: one for one in Contact.objects.filter(external_id__in=wanted)}
        gone = blocked(CONTACT, wanted - set(held))
        faults: list[dict[str, list[str]]] = [{} for _row in rows]
        for place, row in enumerate(rows):
            key = row.pop("contact_external_id", None)
            if key in gone:
                row["person"] = key  # an erased person: the service counts the answer and passes it over
            elif key is not None and key not in held:
                faults[place] = {"contact_external_id": [f"No contact has the external id {key}."]}
            elif key is not None:
                row["contact"] = held[key]
        if any(faults):
            raise serializers.ValidationError(faults)
        return rows
