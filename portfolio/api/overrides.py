"""Bands set by hand over the API."""

from typing import Any

from django.core.exceptions import ValidationError
from django.http import Http404
from django.utils.timezone import now
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models import Account
from health.models import Override
from health.overrides import LOOK_BACK, overrides_of, overrides_standing, was_right
from health.services import override_end, override_set
from health.services.overrides import BANDS
from operations.days import local_date
from portfolio.api.people import StrictSerializer
from tenants.api_views import ScopedAPIView

OPEN = OpenApiParameter("open", OpenApiTypes.BOOL, description="Only those that hold today.")


class OverrideWriteSerializer(StrictSerializer):
    """A band to set by hand. `until`: the first day on which it no longer holds, at most 180 days ahead."""

    account_external_id = serializers.CharField(max_length=200)
    band = serializers.ChoiceField(choices=[(band.value, band.label) for band in BANDS])
    reason = serializers.CharField(max_length=300)
    until = serializers.DateField()


class OverrideSerializer(serializers.Serializer[Any]):
    """A band set by hand. `computed_then`: the band by the score when it was set; `right`: null while it is open."""

    id = serializers.IntegerField()
    account = serializers.IntegerField(source="account_id")
    account_external_id = serializers.CharField(source="account.external_id")
    band = serializers.CharField()
    computed_then = serializers.CharField(source="band_then")
    reason = serializers.CharField()
    since = serializers.DateField()
    until = serializers.DateField()
    author = serializers.EmailField(source="author.user.email", default=None, allow_null=True)
    ended_on = serializers.DateField(allow_null=True)
    outcome = serializers.ChoiceField(choices=["", "right", "apart", "renewed", "lost"])
    right = serializers.SerializerMethodField()

    def get_right(self, override: Override) -> bool | None:
        """Whether it was right."""
        return was_right(override)


class OverrideList(ScopedAPIView):
    """`GET|POST /api/v1/overrides/`."""

    scopes = {"GET": "accounts:read", "POST": "accounts:write"}
    takes = {"GET": (OPEN,)}

    @extend_schema(responses=OverrideSerializer(many=True), operation_id="overrides_list")
    def get(self, request: Request) -> Response:
        """Bands set by hand in the last 365 days and all open ones, the open ones first: `{"results": […]}`."""
        today = local_date(self.tenant.timezone, now())
        found = overrides_of(accounts=Account.objects.filter(archived_at=None), since=today - LOOK_BACK)
        if self.flag("open"):
            found = [one for one in found if one.ended_on is None and one.until > today]
        return Response({"results": OverrideSerializer(found, many=True).data})

    @extend_schema(request=OverrideWriteSerializer, responses=OverrideSerializer)
    def post(self, request: Request) -> Response:
        """Set an account's band by hand from today on; one that is open ends. The same once more changes nothing."""
        asked = OverrideWriteSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        values = dict(asked.validated_data)
        external_id = values.pop("account_external_id")
        account = Account.objects.filter(external_id=external_id, archived_at=None).first()
        if account is None:
            raise serializers.ValidationError({"account_external_id": ["No live account has this external id."]})
        today = local_date(self.tenant.timezone, now())
        held = overrides_standing(day=today, account_ids=[account.pk]).get(account.pk)
        if held and all(getattr(held, name) == value for name, value in values.items()):
            return Response(OverrideSerializer(held).data)
        try:
            made = override_set(account=account, today=today, by=None, at=now(), label=str(self.key), **values)
        except ValidationError as fault:
            raise serializers.ValidationError(fault.message_dict) from fault
        return Response(OverrideSerializer(made).data, status=status.HTTP_201_CREATED)


class OverrideEndSerializer(StrictSerializer):
    """What is asked of a band set by hand: that it ends."""

    ended = serializers.ChoiceField(choices=[True])


class OverrideDetail(ScopedAPIView):
    """`POST /api/v1/overrides/{id}/`."""

    scopes = {"POST": "accounts:write"}

    @extend_schema(request=OverrideEndSerializer, responses=OverrideSerializer)
    def post(self, request: Request, pk: int) -> Response:
        """End a band set by hand and judge it; it stays on record. One that has ended stays as it is."""
        OverrideEndSerializer(data=request.data).is_valid(raise_exception=True)
        found = Override.objects.select_related("account", "author__user").filter(pk=pk).first()
        if found is None:
            raise Http404("No such override.")
        today = local_date(self.tenant.timezone, now())
        override_end(override=found, today=today, by=None, at=now(), label=str(self.key))
        return Response(OverrideSerializer(found).data)
