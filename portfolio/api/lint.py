"""What is odd about a scorecard, over the API."""

from typing import Any

from django.http import Http404
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from health.inputs import inputs_known
from health.lint_data import lint_of
from health.lint_words import finding_said
from health.linter import FAULT, HINT, WARNING, Finding, finding_of
from health.models import Draft, LintReport, Scorecard
from health.services import document_of
from operations.selectors import closed_day
from portfolio.api.scorecards import CardView, faults_of


class FindingSerializer(serializers.Serializer[Any]):
    """One thing that is odd. `where`: the measures or groups, by key; `facts`: the figures; `text` and `todo` say it in
    the language of `Accept-Language`.
    """

    rule = serializers.CharField()
    severity = serializers.ChoiceField(choices=[FAULT, WARNING, HINT])
    where = serializers.ListField(child=serializers.CharField())
    facts = serializers.DictField()
    text = serializers.CharField()
    todo = serializers.CharField()


class LinterSerializer(serializers.Serializer[Any]):
    """`as_of`: the day whose data the card was held against; null before the first look. `draft`: of which one;
    `version`: of which published version.
    """

    as_of = serializers.DateField(allow_null=True)
    version = serializers.IntegerField(allow_null=True)
    draft = serializers.IntegerField(allow_null=True)
    findings = FindingSerializer(many=True)


DRAFT = OpenApiParameter("draft", OpenApiTypes.INT, description="Look at this draft of the card now, on three days.")


class Linter(CardView):
    """`GET /api/v1/scorecards/{id}/linter/`."""

    scopes = {"GET": "scorecard:read"}
    takes = {"GET": (DRAFT,)}

    @extend_schema(responses=LinterSerializer)
    def get(self, request: Request, pk: int) -> Response:
        """What the weekly look found odd about a card's published version, the worst first; with `draft`, what is odd
        about that draft on the last closed day. A draft that is not valid is refused with its faults.
        """
        card = self.card(pk)
        asked = request.query_params.get("draft")
        return Response(self._published(card) if asked is None else self._drafted(card, asked))

    def _published(self, card: Scorecard) -> dict[str, Any]:
        report = LintReport.objects.select_related("version").filter(scorecard=card).first()
        if report is None:
            return {"as_of": None, "version": None, "draft": None, "findings": []}
        document = report.version.definition if report.version else document_of(card)
        return {
            "as_of": report.day.isoformat(),
            "version": report.version.number if report.version else None,
            "draft": None,
            "findings": finding_rows([finding_of(one) for one in report.findings], document),
        }

    def _drafted(self, card: Scorecard, asked: str) -> dict[str, Any]:
        known = asked.isascii() and asked.isdigit() and len(asked) < 19
        draft = Draft.objects.filter(scorecard=card, pk=int(asked)).first() if known else None
        if draft is None:
            raise Http404("No such scorecard, draft or back-test.")
        if faults := faults_of(draft.document):
            raise serializers.ValidationError({"scorecard": faults})
        day = closed_day(tenant=self.tenant)
        found = [] if day is None else lint_of(card=card, document=draft.document, as_of=day)
        return {
            "as_of": None if day is None else day.isoformat(),
            "version": None,
            "draft": draft.pk,
            "findings": finding_rows(found, draft.document),
        }


def finding_rows(findings: list[Finding], document: Any) -> list[dict[str, Any]]:
    """Findings as they are stored, with their words."""
    facts, rows = inputs_known(), []
    for one in findings:
        said = finding_said(one, document, facts)
        rows.append({**one.document, "text": said.text if said else "", "todo": said.todo if said else ""})
    return rows
