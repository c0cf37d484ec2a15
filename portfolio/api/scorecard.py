"""The scorecard over the API."""

from typing import Any

from django.utils.timezone import now
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from health.models import ScorecardVersion
from health.selectors import version_latest
from health.services import scorecard_publish, setting_get
from tenants.api_views import ScopedAPIView


def version_document(version: ScorecardVersion) -> dict[str, Any]:
    """A version with its definition at the top level, so that it can be sent back changed."""
    return {
        **version.definition,
        "version": version.number,
        "effective_from": version.effective_from.isoformat(),
        "published_at": version.published_at.isoformat(),
        "reason": version.reason,
    }


class ScorecardView(ScopedAPIView):
    """`GET|PUT /api/v1/scorecard/`."""

    scopes = {"GET": "scorecard:read", "PUT": "scorecard:write"}

    @extend_schema(responses=OpenApiTypes.OBJECT)
    def get(self, request: Request) -> Response:
        """The published scorecard."""
        return Response(version_document(version_latest()))

    @extend_schema(request=OpenApiTypes.OBJECT, responses=OpenApiTypes.OBJECT)
    def put(self, request: Request) -> Response:
        """Publish a new version; it counts from the tenant's last closed day on. The fields of `GET` that are not the
        definition's may be sent along; only `reason` is taken."""
        if not isinstance(request.data, dict):
            raise serializers.ValidationError(["Send an object with minimum_coverage, bands and groups."])
        document = {name: request.data.get(name) for name in ("minimum_coverage", "bands", "groups")}
        if request.data.get("exceptions"):
            document["exceptions"] = request.data["exceptions"]
        if setting_get().second_admin:
            said = "Versions need a second admin here. Keep a draft: POST /api/v1/scorecards/{id}/drafts/."
            raise serializers.ValidationError([said])
        version = scorecard_publish(
            document=document,
            by=None,
            at=now(),
            tenant=self.tenant,
            reason=str(request.data.get("reason", "")).replace("\x00", "")[:300],
            label=str(self.key),
        )
        return Response(version_document(version))
