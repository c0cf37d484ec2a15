"""Payments, targets and capacity over the API."""

from collections.abc import Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.timezone import now
from django_filters import rest_framework as filters
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models import Payment
from accounts.selectors.payments import payment_rows
from accounts.services import RefusedRows, csm_target_set, payments_upsert
from common.plausible import When
from operations.days import local_date
from operations.selectors import shown_day
from portfolio.api.contracts import BULK_MOST, FILTERS, known_only, plain_id
from portfolio.api.serializers import by_place, csms_by_email
from portfolio.selectors.capacity import Carries, team_get
from tenants.api_fields import currency, day
from tenants.api_schema import PAGES
from tenants.api_views import RowPages, ScopedAPIView


class PaymentWriteSerializer(serializers.Serializer[Any]):
    """A payment by the id of the system it comes from. Fields left out keep what is held."""

    external_id = serializers.CharField(max_length=200, validators=[plain_id])
    account_external_id = serializers.CharField(max_length=200, required=False, validators=[plain_id])
    amount = serializers.DecimalField(
        max_digits=16, decimal_places=2, required=False, help_text="What came in; a refund is negative."
    )
    currency = currency(required=False)
    paid_on = day(When.PAST, required=False)
    note = serializers.CharField(max_length=300, required=False, allow_blank=True)

    def to_internal_value(self, data: Any) -> Any:
        """Known fields only."""
        known_only(self, data)
        return super().to_internal_value(data)


class PaymentSerializer(PaymentWriteSerializer):
    """A payment as it is held."""

    id = serializers.IntegerField()
    account = serializers.IntegerField(help_text="The account's id.")


class PaymentResultSerializer(serializers.Serializer[Any]):
    """What became of a list."""

    created = serializers.IntegerField()
    changed = serializers.IntegerField()
    unchanged = serializers.IntegerField()
    results = serializers.ListField(child=serializers.DictField(), help_text="external_id, id, result per item.")


class TargetSerializer(serializers.Serializer[Any]):
    """What a CSM is to bring in in a year; null for no target."""

    csm = serializers.EmailField()
    year = serializers.IntegerField(min_value=2000, max_value=2200)
    collected = serializers.DecimalField(max_digits=16, decimal_places=2, min_value=0, required=False, allow_null=True)
    arr = serializers.DecimalField(max_digits=16, decimal_places=2, min_value=0, required=False, allow_null=True)
    accounts = serializers.IntegerField(min_value=0, max_value=100_000, required=False, allow_null=True)

    def to_internal_value(self, data: Any) -> Any:
        """Known fields only."""
        known_only(self, data)
        return super().to_internal_value(data)


class CapacitySerializer(serializers.Serializer[Any]):
    """What a CSM carries and brings in, in the organisation's currency; `csm` null for accounts of nobody."""

    csm = serializers.EmailField(allow_null=True)
    accounts = serializers.IntegerField()
    accounts_target = serializers.IntegerField(allow_null=True)
    arr = serializers.DecimalField(max_digits=20, decimal_places=2)
    arr_target = serializers.DecimalField(max_digits=16, decimal_places=2, allow_null=True)
    collected = serializers.DecimalField(max_digits=20, decimal_places=2)
    collected_target = serializers.DecimalField(max_digits=16, decimal_places=2, allow_null=True)
    touches_per_month = serializers.FloatField()
    steps_overdue = serializers.IntegerField()
    owed_overdue = serializers.IntegerField()
    arr_at_risk = serializers.DecimalField(max_digits=20, decimal_places=2)
    bands = serializers.DictField(child=serializers.IntegerField())
    overloaded = serializers.BooleanField()


PAID = (
    OpenApiParameter("paid_from", OpenApiTypes.DATE, description="Paid on this day or later."),
    OpenApiParameter("paid_to", OpenApiTypes.DATE, description="Paid on this day or earlier."),
)


class PaymentFilter(filters.FilterSet):  # type: ignore[misc]  # django-filter carries no types
    """What payments can be filtered by."""

    external_id = filters.CharFilter()
    account = filters.NumberFilter(field_name="account_id")
    account_external_id = filters.CharFilter(field_name="account__external_id")
    paid_from = filters.DateFilter(field_name="paid_on", lookup_expr="gte")
    paid_to = filters.DateFilter(field_name="paid_on", lookup_expr="lte")

    class Meta:
        model = Payment
        fields: list[str] = []


class PaymentList(ScopedAPIView):
    """`GET /api/v1/payments/`."""

    scopes = {"GET": "accounts:read"}
    takes = {"GET": (*FILTERS, *PAID, *PAGES)}

    @extend_schema(
        responses=PaymentSerializer(many=True),
        operation_id="payments_list",
    )
    def get(self, request: Request) -> Response:
        """Payments of live accounts, filtered, by pages, oldest first."""
        payments = Payment.objects.filter(account__archived_at=None).select_related("account")
        chosen = PaymentFilter(request.query_params, queryset=payments)
        if not chosen.is_valid():
            raise serializers.ValidationError(chosen.errors)
        pages = RowPages()
        page: list[Payment] | None = pages.paginate_queryset(chosen.qs, request, view=self)
        return pages.get_paginated_response(payment_rows(payments=page or []))


class PaymentBulk(ScopedAPIView):
    """`POST /api/v1/payments/bulk/`."""

    scopes = {"POST": "accounts:write"}

    @extend_schema(request=PaymentWriteSerializer(many=True), responses=PaymentResultSerializer)
    def post(self, request: Request) -> Response:
        """Create or change up to 1,000 payments by external id, all or none. Twice is the same as once."""
        if not isinstance(request.data, list) or not 0 < len(request.data) <= BULK_MOST:
            raise serializers.ValidationError([f"Send a list of 1 to {BULK_MOST} payments."])
        asked = PaymentWriteSerializer(data=request.data, many=True)
        asked.is_valid(raise_exception=True)
        rows: list[Mapping[str, Any]] = asked.validated_data
        try:
            done = payments_upsert(tenant=self.tenant, rows=rows, at=now(), by=None, label=str(self.key))
        except RefusedRows as fault:
            raise serializers.ValidationError(by_place(fault.faults)) from fault
        kinds = [what for what, _payment in done]
        results = [{"external_id": p.external_id, "id": p.pk, "result": what} for what, p in done]
        return Response({**{k: kinds.count(k) for k in ("created", "changed", "unchanged")}, "results": results})


class TargetSet(ScopedAPIView):
    """`POST /api/v1/csm-targets/`."""

    scopes = {"POST": "accounts:write"}

    @extend_schema(request=TargetSerializer, responses=TargetSerializer)
    def post(self, request: Request) -> Response:
        """Set what a CSM is to bring in in a year; what is left out stays."""
        asked = TargetSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        values: dict[str, Any] = asked.validated_data
        email, year = values.pop("csm"), values.pop("year")
        csm = csms_by_email().get(email.lower())
        if csm is None:
            raise serializers.ValidationError({"csm": [f"No active CSM, manager or admin has the e-mail {email}."]})
        try:
            held = csm_target_set(csm=csm, year=year, values=values, at=now(), by=None, label=str(self.key))
        except ValidationError as fault:
            raise serializers.ValidationError(fault.message_dict) from fault
        row = {"csm": email, "year": year, **{name: getattr(held, name) for name in ("collected", "arr", "accounts")}}
        return Response(TargetSerializer(row).data)


def _row(row: Carries) -> dict[str, Any]:
    target = row.target
    return {
        "csm": row.csm.user.email if row.csm else None,
        "accounts": row.load.accounts,
        "accounts_target": target.accounts if target else None,
        "arr": row.load.arr,
        "arr_target": target.arr if target else None,
        "collected": row.collected,
        "collected_target": target.collected if target else None,
        "touches_per_month": row.load.load,
        "steps_overdue": row.load.steps,
        "owed_overdue": row.load.owed,
        "arr_at_risk": row.load.at_risk,
        "bands": dict(row.load.bands),
        "overloaded": row.overloaded,
    }


class Capacity(ScopedAPIView):
    """`GET /api/v1/capacity/`."""

    scopes = {"GET": "accounts:read"}
    takes = {"GET": (OpenApiParameter("year", OpenApiTypes.INT, description="This year where left out."),)}

    @extend_schema(responses=CapacitySerializer(many=True))
    def get(self, request: Request) -> Response:
        """What each CSM carries today and has collected in the year: `{"results": […]}`."""
        today = local_date(self.tenant.timezone, now())
        asked = request.query_params.get("year") or str(today.year)
        if not 2000 <= int(asked) <= 2200:
            raise serializers.ValidationError({"year": ["Send a year such as 2027."]})
        shown = shown_day(tenant=self.tenant)
        team = team_get(tenant=self.tenant, year=int(asked), day=shown.day if shown else today, today=today)
        return Response({"results": CapacitySerializer([_row(row) for row in team.rows], many=True).data})
