"""Retention over the API."""

from typing import Any

from django.utils.timezone import now
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from operations.days import local_date
from renewals.periods import Period, month_later
from renewals.retention import Bridge, Kind
from renewals.selectors import BY, Retention, retention_get
from renewals.words import decimal, money
from tenants.api_views import ScopedAPIView


class AskedSerializer(serializers.Serializer[Any]):
    """The period, and by what the groups are told apart."""

    to = serializers.DateField(required=False)
    by = serializers.ChoiceField(choices=sorted(BY), required=False)

    def get_fields(self) -> dict[str, Any]:
        """`from` is a word of Python."""
        return {"from": serializers.DateField(required=False), **super().get_fields()}

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """The last day lies after the first; left out they are today and twelve months before the last day."""
        last = attrs.get("to") or self.context["today"]
        first = attrs.get("from") or month_later(last, -12)
        if first >= last:
            raise serializers.ValidationError({"to": ["Send a day after `from`."]})
        return {**attrs, "period": Period(first, last)}


def _amount(**more: Any) -> serializers.DecimalField:
    return serializers.DecimalField(max_digits=20, decimal_places=2, **more)


def _ratio(**more: Any) -> serializers.FloatField:
    return serializers.FloatField(allow_null=True, **more)


class BridgeSerializer(serializers.Serializer[Any]):
    """Movements of ARR in the tenant's currency, losses negative; they sum to the closing ARR. Ratios not defined are
    null.
    """

    customers = serializers.IntegerField()
    opening_arr = _amount()
    new = _amount()
    expansion = _amount()
    contraction = _amount()
    churn = _amount()
    reactivation = _amount()
    currency = _amount()
    closing_arr = _amount()
    grr = _ratio()
    nrr = _ratio()
    logo_churn = _ratio()


class GroupSerializer(BridgeSerializer):
    """The same of one group."""

    group = serializers.CharField(allow_blank=True)


class RetentionSerializer(BridgeSerializer):
    """The bridge, the rates of renewal, and the groups asked for."""

    price_expansion = _amount()
    price_contraction = _amount()
    revenue_churn = _ratio()
    quick_ratio = _ratio()
    lifetime_value = _amount(allow_null=True)
    contracts_due = serializers.IntegerField()
    arr_due = _amount()
    arr_renewed = _amount()
    arr_pending = _amount()
    logo_renewal_rate = _ratio()
    contract_renewal_rate = _ratio()
    revenue_renewal_rate = _ratio()
    revenue_renewal_rate_uncapped = _ratio()
    lacks = serializers.ListField(child=serializers.CharField())
    groups = GroupSerializer(many=True)


def _bridge(bridge: Bridge) -> dict[str, Any]:
    moved = {kind.value: money(bridge.moved[kind]) for kind in Kind if kind is not Kind.STEADY}
    return {
        "customers": bridge.customers,
        "opening_arr": money(bridge.opening),
        **moved,
        "currency": money(bridge.currency),
        "closing_arr": money(bridge.closing),
        "grr": decimal(bridge.grr, 12),
        "nrr": decimal(bridge.nrr, 12),
        "logo_churn": decimal(bridge.logo_churn, 12),
    }


def _row(found: Retention) -> dict[str, Any]:
    bridge, due = found.bridge, found.renewals
    value = found.lifetime_value
    return {
        **_bridge(bridge),
        "price_expansion": money(bridge.price[Kind.EXPANSION]),
        "price_contraction": money(bridge.price[Kind.CONTRACTION]),
        "revenue_churn": decimal(bridge.revenue_churn, 12),
        "quick_ratio": decimal(bridge.quick_ratio, 12),
        "lifetime_value": None if value is None else decimal(value / 100, 2),
        "contracts_due": len(due.contracts),
        "arr_due": money(due.due),
        "arr_renewed": money(due.renewed_arr),
        "arr_pending": money(due.pending),
        "logo_renewal_rate": decimal(due.logo_rate, 12),
        "contract_renewal_rate": decimal(due.contract_rate, 12),
        "revenue_renewal_rate": decimal(due.revenue_rate, 12),
        "revenue_renewal_rate_uncapped": decimal(due.revenue_rate_uncapped, 12),
        "lacks": list(found.frame.lacks),
        "groups": [{"group": name, **_bridge(one)} for name, one in found.groups],
    }


class RetentionView(ScopedAPIView):
    """`GET /api/v1/retention/`."""

    scopes = {"GET": "accounts:read"}
    takes = {
        "GET": (
            OpenApiParameter("from", OpenApiTypes.DATE, description="The first day; 12 months before `to`."),
            OpenApiParameter("to", OpenApiTypes.DATE, description="The last day, after the first; today."),
            OpenApiParameter("by", OpenApiTypes.STR, enum=sorted(BY), description="Groups to tell apart."),
        )
    }

    @extend_schema(responses=RetentionSerializer)
    def get(self, request: Request) -> Response:
        """ARR of one day against that of another, at the exchange rates of the first: movements, GRR, NRR, and the
        contracts whose last day lies in between.
        """
        today = local_date(self.tenant.timezone, now())
        asked = AskedSerializer(data=request.query_params, context={"today": today})
        asked.is_valid(raise_exception=True)
        values = asked.validated_data
        found = retention_get(
            tenant=self.tenant,
            period=values["period"],
            today=today,
            by=values.get("by", ""),
        )
        return Response(RetentionSerializer(_row(found)).data)
