"""The lifecycle over the API: stages with their conditions, the funnel, and moves that wait for a decision."""

from datetime import date, timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.http import Http404
from django.shortcuts import get_object_or_404
from django.utils.timezone import now
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models import Account, Segment, StageProposal, StageRule
from accounts.segments.definition import DefinitionFault
from accounts.segments.words import fault_text
from accounts.selectors.lifecycle import Asked, proposals_open, stage_funnel, stage_rules
from accounts.services import proposal_accept, proposal_decline, stage_rule_save
from accounts.stages import ORDER
from operations.days import local_date
from portfolio.api.contracts import known_only, plain_id
from tenants.api_views import ScopedAPIView

CONDITION = 'Conditions as of a segment, such as {"all": [{"field": "wau", "op": "ge", "value": 3}]}; null for none.'


class StageSerializer(serializers.Serializer[Any]):
    """A stage as the organisation has it."""

    stage = serializers.CharField(read_only=True)
    name = serializers.CharField(
        max_length=60, required=False, allow_blank=True, validators=[plain_id], help_text="Empty: the built-in name."
    )
    entry = serializers.JSONField(required=False, allow_null=True, help_text=CONDITION)
    exit = serializers.JSONField(required=False, allow_null=True, help_text=CONDITION)
    confirmed = serializers.BooleanField(required=False, help_text="Moves into the stage wait for a person.")

    def to_internal_value(self, data: Any) -> Any:
        """Known fields only."""
        known_only(self, data)
        return super().to_internal_value(data)


class FigureSerializer(serializers.Serializer[Any]):
    """A stage of the funnel. `median_days` is null while fewer than half have gone on (Kaplan-Meier)."""

    stage = serializers.CharField()
    entered = serializers.IntegerField()
    went_on = serializers.IntegerField()
    went_back = serializers.IntegerField()
    archived = serializers.IntegerField(source="left")
    still = serializers.IntegerField()
    median_days = serializers.IntegerField(source="median", allow_null=True)
    start_unknown = serializers.IntegerField(source="unknown")


class MoveSerializer(serializers.ModelSerializer[StageProposal]):
    """A move that the conditions want and nobody has decided."""

    account_external_id = serializers.CharField(source="account.external_id")

    class Meta:
        model = StageProposal
        fields = ("id", "account", "account_external_id", "from_stage", "to_stage", "because", "day", "state")


class DecisionSerializer(serializers.Serializer[Any]):
    """What is decided."""

    decision = serializers.ChoiceField(choices=["accept", "decline"])


class PeriodSerializer(serializers.Serializer[Any]):
    """What the funnel may be asked for."""

    first = serializers.DateField(required=False)
    last = serializers.DateField(required=False)
    csm = serializers.IntegerField(required=False, min_value=1)
    segment = serializers.IntegerField(required=False, min_value=1)


def _row(rule: StageRule) -> dict[str, Any]:
    return {name: getattr(rule, name) for name in ("stage", "name", "entry", "exit", "confirmed")}


class StageList(ScopedAPIView):
    """`GET /api/v1/lifecycle/`."""

    scopes = {"GET": "accounts:read"}

    @extend_schema(responses=StageSerializer(many=True))
    def get(self, request: Request) -> Response:
        """The five stages in order, with names and conditions: `{"results": […]}`."""
        return Response({"results": [_row(rule) for rule in stage_rules().values()]})


class StageDetail(ScopedAPIView):
    """`PATCH /api/v1/lifecycle/<stage>/`."""

    scopes = {"PATCH": "accounts:write"}

    @extend_schema(request=StageSerializer, responses=StageSerializer)
    def patch(self, request: Request, stage: str) -> Response:
        """Set name, conditions, and whether moves are confirmed; what is left out stays."""
        if stage not in ORDER:
            raise Http404
        asked = StageSerializer(data=request.data, partial=True)
        asked.is_valid(raise_exception=True)
        try:
            rule = stage_rule_save(stage=stage, values=asked.validated_data, at=now(), by=None, label=str(self.key))
        except ValidationError as fault:
            raise serializers.ValidationError(fault.message_dict) from fault
        return Response(_row(rule))


class Funnel(ScopedAPIView):
    """`GET /api/v1/lifecycle/funnel/`."""

    scopes = {"GET": "accounts:read"}
    takes = {
        "GET": (
            OpenApiParameter("from", OpenApiTypes.DATE, description="First day on which accounts came in."),
            OpenApiParameter("to", OpenApiTypes.DATE, description="Last day; today where left out."),
            OpenApiParameter("csm", OpenApiTypes.INT, description="A member's id."),
            OpenApiParameter("segment", OpenApiTypes.INT, description="A segment's id."),
        )
    }

    @extend_schema(responses=FigureSerializer(many=True))
    def get(self, request: Request) -> Response:
        """Per stage how many accounts came in within the period, went on, went back or are still there."""
        params = request.query_params
        named = {
            "first": params.get("from"),
            "last": params.get("to"),
            **{n: params.get(n) for n in ("csm", "segment")},
        }
        asked = PeriodSerializer(data={name: value for name, value in named.items() if value})
        asked.is_valid(raise_exception=True)
        found: dict[str, Any] = asked.validated_data
        today = local_date(self.tenant.timezone, now())
        last = min(found.get("last", today), today)
        segment = get_object_or_404(Segment, pk=found["segment"], archived_at=None) if "segment" in found else None
        period = Asked(found.get("first", date(1900, 1, 1)), last + timedelta(days=1), found.get("csm"), segment)
        try:
            rows = stage_funnel(accounts=Account.objects.all(), zone=self.tenant.timezone, asked=period, until=today)
        except DefinitionFault as fault:
            raise serializers.ValidationError({"segment": [fault_text(fault)]}) from fault
        return Response({"results": FigureSerializer(rows, many=True).data})


class MoveList(ScopedAPIView):
    """`GET /api/v1/stage-moves/`."""

    scopes = {"GET": "accounts:read"}

    @extend_schema(responses=MoveSerializer(many=True), operation_id="stage_moves_list")
    def get(self, request: Request) -> Response:
        """The moves that wait, the largest ARR first, at most 1,000: `{"results": […]}`."""
        waiting = proposals_open(accounts=Account.objects.filter(archived_at=None), limit=1000)
        return Response({"results": MoveSerializer(waiting, many=True).data})


class MoveDetail(ScopedAPIView):
    """`POST /api/v1/stage-moves/<id>/`."""

    scopes = {"POST": "accounts:write"}

    @extend_schema(request=DecisionSerializer, responses=MoveSerializer)
    def post(self, request: Request, pk: int) -> Response:
        """Accept or decline a move."""
        asked = DecisionSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        moves = StageProposal.objects.filter(account__archived_at=None).select_related("account")
        move = get_object_or_404(moves, pk=pk)
        act = proposal_accept if asked.validated_data["decision"] == "accept" else proposal_decline
        try:
            act(proposal=move, at=now(), by=None, label=str(self.key))
        except ValidationError as fault:
            raise serializers.ValidationError(fault.messages) from fault
        return Response(MoveSerializer(move).data)
