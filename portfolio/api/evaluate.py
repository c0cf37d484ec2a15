"""A scorecard evaluated on rows that are sent with it; nothing is kept."""

from collections.abc import Iterable
from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from health.card import card_of
from health.definition import LONGEST_NAME, check
from health.evaluation import evaluate, row_faults
from portfolio.api.people import StrictSerializer
from tenants.api_views import ScopedAPIView

MOST_ROWS = 10_000


class EvaluateSerializer(StrictSerializer):
    """A scorecard document and raw values per row: a number, a category's code, or null where missing. At most 10,000
    rows, and 500,000 values in all.
    """

    scorecard = serializers.JSONField()
    rows = serializers.ListField(child=serializers.JSONField(), max_length=MOST_ROWS)


class EvaluatedSerializer(serializers.Serializer[Any]):
    """What a row comes to. `low`, `high`: between what the score must lie whatever the missing values are; `uncertain`:
    these are two bands. `contributions` and `exceptions` sum to the score.
    """

    score = serializers.FloatField(allow_null=True)
    band = serializers.CharField()
    coverage = serializers.FloatField()
    low = serializers.FloatField()
    high = serializers.FloatField()
    uncertain = serializers.BooleanField()
    contributions = serializers.DictField(child=serializers.FloatField())
    exceptions = serializers.FloatField()


class Evaluate(ScopedAPIView):
    """`POST /api/v1/scorecards/evaluate/`."""

    scopes = {"POST": "scorecard:read"}

    @extend_schema(request=EvaluateSerializer, responses=EvaluatedSerializer(many=True))
    def post(self, request: Request) -> Response:
        """Score rows under a scorecard by the engine of the nights, without storing anything."""
        asked = EvaluateSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        document, rows = asked.validated_data["scorecard"], asked.validated_data["rows"]
        if faults := check(document, known=set(_keys(document))):
            raise serializers.ValidationError({"scorecard": faults})
        card = card_of(document)
        if faults := row_faults(card, rows):
            raise serializers.ValidationError({"rows": faults})
        return Response([row._asdict() for row in evaluate(card, rows)])


def _keys(document: Any) -> Iterable[str]:
    """The keys that a document's measures give themselves: any, for they name no facts."""
    groups = document.get("groups") if isinstance(document, dict) else None
    for group in groups if isinstance(groups, list) else []:
        measures = group.get("measures") if isinstance(group, dict) else None
        for measure in measures if isinstance(measures, list) else []:
            key = measure.get("key") if isinstance(measure, dict) else None
            if isinstance(key, str) and 0 < len(key) <= LONGEST_NAME:
                yield key
