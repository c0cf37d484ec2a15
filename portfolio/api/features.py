"""Features, and the event names that count as their use, over the API."""

from typing import Any

from django.http import Http404
from django.utils.timezone import now
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models import Feature
from accounts.selectors import feature_list
from accounts.services import feature_save
from tenants.api_views import ScopedAPIView
from usage.selectors import names_by_feature
from usage.services import feature_names_set


class FeatureSerializer(serializers.Serializer[Any]):
    """A feature. `target_uses`: uses per active user in 30 days that count as full depth (1 where null)."""

    key = serializers.SlugField(max_length=60)
    name = serializers.CharField(max_length=120)
    core = serializers.BooleanField(default=False)
    entitled_by_default = serializers.BooleanField(default=True)
    target_uses = serializers.DecimalField(
        max_digits=8, decimal_places=2, min_value=0, required=False, allow_null=True, default=None
    )
    event_names = serializers.ListField(
        child=serializers.CharField(max_length=500), required=False, default=list, max_length=200
    )


def shown(features: list[Feature]) -> list[dict[str, Any]]:
    """Features with their event names."""
    names = names_by_feature()
    return [dict(FeatureSerializer(_Shown(feature, names.get(feature.pk, []))).data) for feature in features]


class _Shown:
    """A feature beside its names, as the serializer reads it."""

    def __init__(self, feature: Feature, event_names: list[str]) -> None:
        self.key, self.name, self.core = feature.key, feature.name, feature.core
        self.entitled_by_default, self.target_uses = feature.entitled_by_default, feature.target_uses
        self.event_names = event_names


def _save(view: ScopedAPIView, asked: serializers.Serializer[Any], feature: Feature | None) -> Feature:
    asked.is_valid(raise_exception=True)
    values = dict(asked.validated_data)
    names = values.pop("event_names", None)
    at, label = now(), str(view.key)
    feature = feature_save(values=values, at=at, by=None, feature=feature, label=label)
    if names is not None:
        feature_names_set(feature=feature, names=names, at=at, by=None, label=label)
    return feature


def _key(request: Request) -> str:
    """The key in the body, empty where none is sent; 400 when the body is no object."""
    if not isinstance(request.data, dict):
        raise serializers.ValidationError(["Send an object with a key."])
    return str(request.data.get("key", ""))


class FeatureList(ScopedAPIView):
    """`GET|POST|PATCH /api/v1/features/`."""

    scopes = {"GET": "features:read", "POST": "features:write", "PATCH": "features:write"}

    @extend_schema(responses=FeatureSerializer(many=True))
    def get(self, request: Request) -> Response:
        """All features: `{"results": […]}`."""
        return Response({"results": shown(feature_list())})

    @extend_schema(request=FeatureSerializer, responses=FeatureSerializer)
    def post(self, request: Request) -> Response:
        """Create a feature, or bring the one with this key to what was sent."""
        feature = Feature.objects.filter(key=_key(request)).first()
        saved = _save(self, FeatureSerializer(data=request.data), feature)
        return Response(shown([saved])[0], status=status.HTTP_200_OK if feature else status.HTTP_201_CREATED)

    @extend_schema(request=FeatureSerializer, responses=FeatureSerializer)
    def patch(self, request: Request) -> Response:
        """Change the named fields of the feature with this `key`."""
        return _patch(self, request, _key(request))


def _patch(view: ScopedAPIView, request: Request, key: str) -> Response:
    feature = Feature.objects.filter(key=key).first()
    if feature is None:
        raise Http404("No feature has this key.")
    saved = _save(view, FeatureSerializer(data=request.data, partial=True), feature)
    return Response(shown([saved])[0])


class FeatureDetail(ScopedAPIView):
    """`GET|PATCH /api/v1/features/{key}/`."""

    scopes = {"GET": "features:read", "PATCH": "features:write"}

    @extend_schema(responses=FeatureSerializer)
    def get(self, request: Request, key: str) -> Response:
        """One feature."""
        feature = Feature.objects.filter(key=key).first()
        if feature is None:
            raise Http404("No feature has this key.")
        return Response(shown([feature])[0])

    @extend_schema(request=FeatureSerializer, responses=FeatureSerializer)
    def patch(self, request: Request, key: str) -> Response:
        """Change the named fields."""
        return _patch(self, request, key)
