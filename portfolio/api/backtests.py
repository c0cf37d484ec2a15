"""Back-tests of scorecards over the API."""

from typing import Any

from django.db import transaction
from django.http import Http404
from django.utils.timezone import now
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from health.models import BackTest
from health.outcomes import terms_count
from health.selectors import versions_standing
from health.services import Asked, backtest_run, backtest_start
from health.tasks import backtest_hint
from operations.days import last_closable_day
from operations.selectors import shown_day
from portfolio.api.people import StrictSerializer
from portfolio.api.scorecards import CardView, faults_of
from tenants.api_views import ScopedAPIView

AT_ONCE = 300  # terms: so few are done while the caller waits


class BackTestSerializer(StrictSerializer):
    """What is tried: a document, or the present version where none is sent. `guarded`: only with what had been received
    by then; false takes facts by their own dates, as known now. `suggest`: suggest weights, which end in a draft.
    """

    scorecard = serializers.DictField(required=False, allow_null=True, default=None)
    guarded = serializers.BooleanField(required=False, default=True)
    suggest = serializers.BooleanField(required=False, default=False)


def backtest_row(test: BackTest) -> dict[str, Any]:
    """A back-test and where it stands; `result` is null until it is done."""
    return {
        "id": test.pk,
        "state": test.state,
        "done": test.done,
        "total": test.total,
        "asked_at": test.asked_at.isoformat(),
        "as_of": test.as_of.isoformat(),
        "guarded": test.guarded,
        "version": None if test.version is None else test.version.number,
        "draft": test.draft_id,
        "scorecard": test.document,
        "result": test.result if test.state == BackTest.State.DONE else None,
    }


class BackTestStart(CardView):
    """`GET|POST /api/v1/scorecards/{id}/back-test/`."""

    scopes = {"GET": "scorecard:read", "POST": "scorecard:write"}

    @extend_schema(responses=OpenApiTypes.OBJECT)
    def get(self, request: Request, pk: int) -> Response:
        """The back-test of the card that was asked for last; 404 without any."""
        found = BackTest.objects.filter(scorecard=self.card(pk)).select_related("version")
        test = found.order_by("-asked_at", "-id").first()
        if test is None:
            raise Http404("No such scorecard, draft or back-test.")
        return Response(backtest_row(test))

    @extend_schema(request=BackTestSerializer, responses=OpenApiTypes.OBJECT)
    def post(self, request: Request, pk: int) -> Response:
        """Try a document or the present version on past outcomes: 200 with the result where it is done at once, 202
        where workers do it; then read its own address.
        """
        asked = BackTestSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        card, values = self.card(pk), asked.validated_data
        version = versions_standing(card).first()
        sent: dict[str, Any] | None = values["scorecard"]
        document = sent if sent is not None else version.definition if version else None
        if document is None:
            raise serializers.ValidationError({"scorecard": ["The card is not published yet: send a document."]})
        if faults := faults_of(document):
            raise serializers.ValidationError({"scorecard": faults})
        at, shown = now(), shown_day(tenant=self.tenant)
        as_of = shown.day if shown else last_closable_day(self.tenant.timezone, self.tenant.night_hour, at)
        kept = version if sent is None else None
        what = Asked(card, document, kept, guarded=values["guarded"], suggest=values["suggest"])
        test = backtest_start(asked=what, as_of=as_of, by=None, at=at)
        tenant_id = self.tenant.pk
        if terms_count() <= AT_ONCE and not what.suggest:
            backtest_run(tenant=self.tenant, pk=test.pk, clock=now)
            test.refresh_from_db()
        else:
            transaction.on_commit(lambda: backtest_hint(tenant_id, test.pk))
        return Response(backtest_row(test), status=200 if test.state == BackTest.State.DONE else 202)


class BackTestDetail(ScopedAPIView):
    """`GET /api/v1/scorecards/back-tests/{id}/`."""

    scopes = {"GET": "scorecard:read"}

    @extend_schema(responses=OpenApiTypes.OBJECT)
    def get(self, request: Request, pk: int) -> Response:
        """A back-test: its state, and its result once it is done."""
        test = BackTest.objects.select_related("version").filter(pk=pk).first()
        if test is None:
            raise Http404("No such scorecard, draft or back-test.")
        return Response(backtest_row(test))
