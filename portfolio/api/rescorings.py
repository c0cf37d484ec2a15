"""The past of a scorecard under one of its versions, over the API."""

from typing import Any

from django.core.exceptions import ValidationError
from django.http import Http404
from django.utils.timezone import now
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from health.models import Rescoring
from health.rescore_views import hint_later, rescoring_begin
from health.selectors import versions_standing
from health.services import rescoring_remove, rescoring_start
from operations.selectors import shown_day
from portfolio.api.people import StrictSerializer
from portfolio.api.scorecards import CardView


class RescoreSerializer(StrictSerializer):
    """Under which version: its number, else the latest. `days`: `then`, on which the card scored an account; or
    `whole`, every day of the accounts that it takes now.
    """

    version = serializers.IntegerField(required=False, allow_null=True, default=None)
    days = serializers.ChoiceField(choices=["then", "whole"], required=False, default="then")


def rescoring_row(run: Rescoring) -> dict[str, Any]:
    """A rescoring and where it stands; `result` is null until it is done. Its scores: `accounts/{id}/health/` with
    `basis=rescored`.
    """
    return {
        "id": run.pk,
        "state": run.state,
        "version": run.version.number,
        "days": "then" if run.account_ids is None else "whole",
        "first": run.first.isoformat(),
        "last": run.last.isoformat(),
        "done": run.done,
        "total": run.total,
        "accounts": run.accounts,
        "rows": run.rows,
        "asked_at": run.asked_at.isoformat(),
        "finished_at": None if run.finished_at is None else run.finished_at.isoformat(),
        "result": run.result if run.state == Rescoring.State.DONE else None,
    }


class RescoringView(CardView):
    """What the views of a card's rescoring share."""

    def latest(self, pk: int) -> Rescoring:
        """The rescoring of the card that was asked for last; 404 without any."""
        found = Rescoring.objects.filter(scorecard=self.card(pk)).exclude(state=Rescoring.State.REMOVED)
        run = found.select_related("version").order_by("-pk").first()
        if run is None:
            raise Http404("No past was scored again.")
        return run


class Rescore(RescoringView):
    """`GET|POST /api/v1/scorecards/{id}/rescore/`."""

    scopes = {"GET": "scorecard:read", "POST": "scorecard:write"}

    @extend_schema(responses=OpenApiTypes.OBJECT)
    def get(self, request: Request, pk: int) -> Response:
        """The rescoring of the card that was asked for last; 404 without any."""
        return Response(rescoring_row(self.latest(pk)))

    @extend_schema(request=RescoreSerializer, responses=OpenApiTypes.OBJECT)
    def post(self, request: Request, pk: int) -> Response:
        """Score the past again under a version, apart from what was known and reported: 200 where it is done at once,
        202 where workers do it. A finished one is replaced once the new one is done.
        """
        asked = RescoreSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        values, shown = asked.validated_data, shown_day(tenant=self.tenant)
        versions, number = list(versions_standing(self.card(pk))), values["version"]
        version = next((one for one in versions if number in (None, one.number)), None)
        if version is None:
            raise serializers.ValidationError({"version": ["The card has no such published version."]})
        if values["days"] == "whole" and shown is None:
            raise serializers.ValidationError({"days": ["No night has run yet."]})
        whole = shown.day if shown and values["days"] == "whole" else None
        try:
            run = rescoring_start(version=version, whole=whole, by=None, at=now(), label=str(self.key))
        except ValidationError as fault:
            raise serializers.ValidationError({"days": fault.messages}) from fault
        rescoring_begin(self.tenant, run)
        return Response(rescoring_row(run), status=200 if run.state == Rescoring.State.DONE else 202)


class RescoreRemoveSerializer(StrictSerializer):
    """Nothing needs to be said."""


class RescoreRemove(RescoringView):
    """`POST /api/v1/scorecards/{id}/rescore/remove/`."""

    scopes = {"POST": "scorecard:write"}

    @extend_schema(request=RescoreRemoveSerializer, responses={204: None})
    def post(self, request: Request, pk: int) -> Response:
        """Stop or remove the card's rescorings; what was known and reported stays as it is."""
        RescoreRemoveSerializer(data=request.data).is_valid(raise_exception=True)
        self.latest(pk)
        for one in Rescoring.objects.filter(scorecard_id=pk).exclude(state=Rescoring.State.REMOVED):
            rescoring_remove(pk=one.pk, by=None, at=now(), label=str(self.key))
            hint_later(self.tenant.pk, one.pk)
        return Response(status=204)
