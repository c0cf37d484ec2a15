"""Service tiers and what is owed, over the API."""

from typing import Any

from django.utils.timezone import now
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models import Account
from accounts.selectors.tiers import Owed, behind, owed, tiers_with_duties
from operations.days import local_date
from tenants.api_views import ScopedAPIView


class DutySerializer(serializers.Serializer[Any]):
    """A two-way touch of one of the kinds, on one of the levels, every so often; empty lists mean any."""

    name = serializers.CharField()
    kinds = serializers.ListField(child=serializers.CharField())
    levels = serializers.ListField(child=serializers.CharField())
    every = serializers.IntegerField()
    unit = serializers.CharField()


class TierSerializer(serializers.Serializer[Any]):
    """A service tier with what it owes."""

    id = serializers.IntegerField()
    name = serializers.CharField()
    rule = serializers.JSONField(allow_null=True)
    duties = DutySerializer(many=True)


class OwedSerializer(serializers.Serializer[Any]):
    """What an account's tier owes it, when that is due, and by how many days it is overdue."""

    account = serializers.IntegerField()
    account_external_id = serializers.CharField()
    tier = serializers.CharField()
    duty = serializers.CharField()
    last = serializers.DateField(allow_null=True)
    due = serializers.DateField()
    days_behind = serializers.IntegerField(help_text="0 where nothing is overdue.")


class TierList(ScopedAPIView):
    """`GET /api/v1/tiers/`."""

    scopes = {"GET": "accounts:read"}

    @extend_schema(responses=TierSerializer(many=True))
    def get(self, request: Request) -> Response:
        """The tiers in their order: `{"results": […]}`."""
        rows = [
            {"id": tier.pk, "name": tier.name, "rule": tier.rule, "duties": duties}
            for tier, duties in tiers_with_duties()
        ]
        return Response({"results": TierSerializer(rows, many=True).data})


class OwedList(ScopedAPIView):
    """`GET /api/v1/owed/`."""

    scopes = {"GET": "accounts:read"}
    takes = {"GET": (OpenApiParameter("all", OpenApiTypes.BOOL, description="Also what is not due yet."),)}

    @extend_schema(responses=OwedSerializer(many=True), operation_id="owed_list")
    def get(self, request: Request) -> Response:
        """What is overdue today, the furthest behind first: `{"results": […]}`."""
        today = local_date(self.tenant.timezone, now())
        found: list[Owed] = [one for each in owed(None, today).values() for one in each]
        found = found if self.flag("all") else behind(None, today)
        names = dict(Account.objects.filter(pk__in={one.account_id for one in found}).values_list("id", "external_id"))
        rows = [
            {
                "account": one.account_id,
                "account_external_id": names[one.account_id],
                **{name: getattr(one, name) for name in ("tier", "duty", "last", "due")},
                "days_behind": max(one.behind, 0),
            }
            for one in found
        ]
        return Response({"results": OwedSerializer(rows, many=True).data})
