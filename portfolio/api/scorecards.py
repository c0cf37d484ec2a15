"""Scorecards, their drafts and versions over the API."""

from collections.abc import Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.http import Http404
from django.utils.timezone import now
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from health.definition import check, check_kinds, has_shape
from health.inputs import inputs_known
from health.models import Draft, Scorecard, ScorecardVersion
from health.preview import Preview, preview
from health.selectors import card_list, draft_list, version_list, versions_standing
from health.services import Publication, StaleDraftError, draft_open, draft_publish
from operations.selectors import shown_day
from portfolio.api.people import StrictSerializer
from tenants.api_views import ScopedAPIView

SHAPE = "Send minimum_coverage, bands with green and amber, and groups with measures, as GET answers them."


def card_row(card: Scorecard) -> dict[str, Any]:
    """A card: whom it takes, and its present version (null before the first)."""
    latest = versions_standing(card).first()
    return {
        "id": card.pk,
        "name": card.name,
        "default": card.is_default,
        "segment": None if card.segment is None else {"id": card.segment.pk, "name": card.segment.name},
        "stages": card.stages,
        "version": None if latest is None else latest.number,
        "scorecard": None if latest is None else latest.definition,
    }


def version_row(version: ScorecardVersion) -> dict[str, Any]:
    """A version with its definition."""
    return {
        "version": version.number,
        "effective_from": version.effective_from.isoformat(),
        "published_at": version.published_at.isoformat(),
        "reason": version.reason,
        "called_off": version.withdrawn_at is not None,
        "scorecard": version.definition,
    }


def draft_row(draft: Draft) -> dict[str, Any]:
    """A draft and where it stands."""
    return {
        "id": draft.pk,
        "name": draft.name,
        "state": draft.state,
        "changed_at": draft.changed_at.isoformat(),
        "version": None if draft.published is None else draft.published.number,
        "scorecard": draft.document,
    }


def preview_row(found: Preview) -> dict[str, Any]:
    """What a document would do, account by account."""
    return {
        "accounts": found.accounts,
        "changed": found.changed,
        "flips": found.flips,
        "arr_to_worse": str(found.arr_to_worse),
        "arr_to_better": str(found.arr_to_better),
        "bands": [{"band": band, "before": before, "after": after} for band, before, after in found.bands],
        "uncertain": {"before": found.uncertain[0], "after": found.uncertain[1]},
        "spread": [{"from": tenth.low, "before": tenth.before, "after": tenth.after} for tenth in found.spread],
        "moved": [
            {
                "account": row.account.external_id,
                "before": None if row.before is None else float(row.before),
                "after": None if row.after is None else float(row.after),
                "band_before": row.band_before,
                "band_after": row.band_after,
                "why": [{"measure": label, "points": round(points, 4)} for label, points in row.why],
            }
            for row in found.moved
        ],
        "scores": {str(pk): None if score is None else float(score) for pk, score in found.scores.items()},
    }


class DraftSerializer(StrictSerializer):
    """A draft to keep: its document may be faulty, nothing typed is lost."""

    name = serializers.CharField(max_length=80, required=False, default="", allow_blank=True)
    scorecard = serializers.DictField()


class DocumentSerializer(StrictSerializer):
    """A document to try."""

    scorecard = serializers.DictField()


class PublishSerializer(StrictSerializer):
    """Why, and from which day on (the last closed day where null)."""

    reason = serializers.CharField(max_length=300)
    counts_from = serializers.DateField(required=False, allow_null=True, default=None)


class CardView(ScopedAPIView):
    """The base of what belongs to one card."""

    def card(self, pk: int) -> Scorecard:
        """The card; 404 else."""
        found = next((card for card in card_list() if card.pk == pk), None)
        if found is None:
            raise Http404("No such scorecard, draft or back-test.")
        return found


class ScorecardList(ScopedAPIView):
    """`GET /api/v1/scorecards/`."""

    scopes = {"GET": "scorecard:read"}

    @extend_schema(responses=OpenApiTypes.OBJECT)
    def get(self, request: Request) -> Response:
        """Every card in the order in which they are asked."""
        return Response({"results": [card_row(card) for card in card_list()]})


class VersionList(CardView):
    """`GET /api/v1/scorecards/{id}/versions/`."""

    scopes = {"GET": "scorecard:read"}

    @extend_schema(responses=OpenApiTypes.OBJECT)
    def get(self, request: Request, pk: int) -> Response:
        """A card's versions, newest first."""
        return Response({"results": [version_row(version) for version in version_list(self.card(pk))]})


class DraftList(CardView):
    """`GET|POST /api/v1/scorecards/{id}/drafts/`."""

    scopes = {"GET": "scorecard:read", "POST": "scorecard:write"}

    @extend_schema(responses=OpenApiTypes.OBJECT)
    def get(self, request: Request, pk: int) -> Response:
        """A card's drafts, the one changed last on top."""
        return Response({"results": [draft_row(draft) for draft in draft_list(self.card(pk))]})

    @extend_schema(request=DraftSerializer, responses=OpenApiTypes.OBJECT)
    def post(self, request: Request, pk: int) -> Response:
        """Keep a draft, valid or not; `faults` says what is wrong with it."""
        asked = DraftSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        document, card = asked.validated_data["scorecard"], self.card(pk)
        if not has_shape(document):
            raise serializers.ValidationError({"scorecard": faults_of(document) or [SHAPE]})
        draft = draft_open(card=card, document=document, by=None, at=now(), name=asked.validated_data["name"])
        return Response({**draft_row(draft), "faults": faults_of(document)}, status=201)


class PreviewView(CardView):
    """`POST /api/v1/scorecards/{id}/preview/`."""

    scopes = {"POST": "scorecard:read"}

    @extend_schema(request=DocumentSerializer, responses=OpenApiTypes.OBJECT)
    def post(self, request: Request, pk: int) -> Response:
        """What a document would do to the accounts that the card takes; nothing is kept. `scores` by account id.
        Before the first night there is nothing to compare: `as_of` is null.
        """
        asked = DocumentSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        document, card = asked.validated_data["scorecard"], self.card(pk)
        if faults := faults_of(document):
            raise serializers.ValidationError({"scorecard": faults})
        shown = shown_day(tenant=self.tenant)
        if shown is None:
            return Response({"as_of": None, "accounts": 0})
        found = preview(card=card, document=document, as_of=shown.day)
        return Response({"as_of": shown.day.isoformat(), **preview_row(found)})


class DraftPublish(ScopedAPIView):
    """`POST /api/v1/scorecards/drafts/{id}/publish/`."""

    scopes = {"POST": "scorecard:write"}

    @extend_schema(request=PublishSerializer, responses=OpenApiTypes.OBJECT)
    def post(self, request: Request, pk: int) -> Response:
        """Publish a draft; 202 where the tenant wants a second admin (not the one who made the key), who then approves
        it on its page. Where another version came meanwhile it is refused once; asking again publishes on top of it.
        """
        asked = PublishSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        states = (Draft.State.OPEN, Draft.State.WAITING)
        draft = Draft.objects.select_related("scorecard").filter(pk=pk, state__in=states).first()
        if draft is None or draft.scorecard.archived_at is not None:
            raise Http404("No such scorecard, draft or back-test.")
        values: Mapping[str, Any] = asked.validated_data
        publication = Publication(
            self.tenant, now(), values["reason"], counts_from=values["counts_from"], label=str(self.key),
            behind=self.key.created_by if self.key else None,
        )  # fmt: skip
        try:
            version = draft_publish(draft=draft, publication=publication)
        except StaleDraftError as error:
            return refused_once({"scorecard": error.messages})
        except ValidationError as error:
            raise serializers.ValidationError({"scorecard": error.messages}) from error
        return Response(draft_row(draft), status=202) if version is None else Response(version_row(version))


def refused_once(fields: dict[str, list[str]]) -> Response:
    """A refusal that keeps what was written: what is raised would take it back, and the next try would end the same."""
    said = "Some values were refused; the draft is kept."
    return Response({"error": {"code": "invalid", "message": said, "fields": fields}}, status=400)


def faults_of(document: Any) -> list[str]:
    """What is wrong with a document, in sentences."""
    known = inputs_known()
    return check(document, known=known.keys()) or check_kinds(document, known)
