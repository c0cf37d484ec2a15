"""Contracts over the API."""

from collections.abc import Mapping
from typing import Any

from django.db.models import QuerySet
from django.utils.timezone import now
from django_filters import rest_framework as filters
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models import Contract, ContractLine
from accounts.selectors.contracts import contract_rows
from accounts.services import RefusedRows, contracts_upsert
from common.plausible import When
from portfolio.api.serializers import by_place
from tenants.api_fields import currency, day
from tenants.api_schema import PAGES
from tenants.api_views import RowPages, ScopedAPIView

BULK_MOST = 1000


def known_only(serializer: serializers.Serializer[Any], data: Any) -> None:
    """Refuse fields that do not exist: a typing mistake must not look like success."""
    if isinstance(data, dict) and (unknown := sorted(set(map(str, data)) - set(serializer.fields))):
        known = ", ".join(serializer.fields)
        raise serializers.ValidationError({name: [f"Unknown field. Known are: {known}."] for name in unknown})


def plain_id(value: str) -> None:
    """No control characters: Postgres cannot hold a NUL, and nobody can type one."""
    if any(ord(character) < 32 for character in value):
        raise serializers.ValidationError("Control characters are not accepted here.")


class LineWriteSerializer(serializers.Serializer[Any]):
    """A line. `amount` is what `billing_months` months cost, in the contract's currency. The line covers the days from
    `start` up to the day before `end`; an open `end` is null. Fields left out keep what the line holds.
    """

    external_id = serializers.CharField(max_length=120, validators=[plain_id])
    product = serializers.CharField(
        max_length=60, required=False, validators=[plain_id], help_text="A product's key; a new one is made."
    )
    plan = serializers.CharField(max_length=60, required=False, allow_null=True, help_text="A plan's key.")
    seats = serializers.IntegerField(min_value=0, max_value=2_000_000_000, required=False, allow_null=True)
    amount = serializers.DecimalField(max_digits=16, decimal_places=2, min_value=0, required=False)
    billing_months = serializers.IntegerField(min_value=1, max_value=1200, required=False, allow_null=True)
    one_off = serializers.BooleanField(required=False, help_text="A fee that is no part of the ARR.")
    start = day(When.TERM, required=False)
    end = day(When.TERM, required=False, allow_null=True, help_text="The first day not covered.")
    outcome = serializers.ChoiceField(choices=ContractLine.Outcome.choices, required=False, allow_null=True)
    outcome_date = day(
        When.TERM, required=False, allow_null=True, help_text="When the outcome was decided; `end` where left out."
    )
    reason = serializers.CharField(max_length=300, required=False, allow_blank=True)

    def to_internal_value(self, data: Any) -> Any:
        """Known fields only; no outcome is an empty one."""
        known_only(self, data)
        found = super().to_internal_value(data)
        if "outcome" in found:
            found["outcome"] = found["outcome"] or ""
        return found


class ContractWriteSerializer(serializers.Serializer[Any]):
    """A contract with its lines, by the ids of the system it comes from."""

    external_id = serializers.CharField(max_length=120, validators=[plain_id])
    account_external_id = serializers.CharField(max_length=200, validators=[plain_id])
    currency = currency(required=False)
    notes = serializers.CharField(max_length=5000, required=False, allow_blank=True)
    lines = LineWriteSerializer(many=True, required=False)

    def to_internal_value(self, data: Any) -> Any:
        """Known fields only."""
        known_only(self, data)
        return super().to_internal_value(data)


class LineSerializer(LineWriteSerializer):
    """A line as it is held."""

    id = serializers.IntegerField(read_only=True)


class ContractSerializer(serializers.Serializer[Any]):
    """A contract as it is held."""

    id = serializers.IntegerField()
    external_id = serializers.CharField()
    account = serializers.IntegerField(help_text="The account's id.")
    account_external_id = serializers.CharField()
    currency = serializers.CharField()
    notes = serializers.CharField()
    lines = LineSerializer(many=True)


class BulkResultSerializer(serializers.Serializer[Any]):
    """What became of a list."""

    created = serializers.IntegerField()
    changed = serializers.IntegerField()
    unchanged = serializers.IntegerField()
    products_created = serializers.ListField(child=serializers.CharField())
    results = serializers.ListField(child=serializers.DictField(), help_text="external_id, id, result per item.")


FILTERS = (
    OpenApiParameter("external_id", OpenApiTypes.STR),
    OpenApiParameter("account", OpenApiTypes.INT, description="The account's id."),
    OpenApiParameter("account_external_id", OpenApiTypes.STR),
)
REPLACE = OpenApiParameter(
    "replace_lines",
    OpenApiTypes.BOOL,
    description="Take out lines that a contract's list does not name. Without it they stay.",
)


class ContractFilter(filters.FilterSet):  # type: ignore[misc]  # django-filter carries no types
    """What contracts can be filtered by."""

    external_id = filters.CharFilter()
    account = filters.NumberFilter(field_name="account_id")
    account_external_id = filters.CharFilter(field_name="account__external_id")

    class Meta:
        model = Contract
        fields: list[str] = []


class ContractList(ScopedAPIView):
    """`GET /api/v1/contracts/`."""

    scopes = {"GET": "accounts:read"}
    takes = {"GET": (*FILTERS, *PAGES)}

    def contracts(self) -> QuerySet[Contract]:
        """The contracts of live accounts."""
        return Contract.objects.filter(account__archived_at=None).select_related("account")

    @extend_schema(
        responses=ContractSerializer(many=True),
        operation_id="contracts_list",
    )
    def get(self, request: Request) -> Response:
        """Contracts with their lines, filtered, by pages, oldest first."""
        chosen = ContractFilter(request.query_params, queryset=self.contracts())
        if not chosen.is_valid():
            raise serializers.ValidationError(chosen.errors)
        pages = RowPages()
        page: list[Contract] | None = pages.paginate_queryset(chosen.qs, request, view=self)
        return pages.get_paginated_response(contract_rows(contracts=page or []))


class ContractBulk(ScopedAPIView):
    """`POST /api/v1/contracts/bulk/`."""

    scopes = {"POST": "accounts:write"}
    takes = {"POST": (REPLACE,)}

    @extend_schema(
        request=ContractWriteSerializer(many=True),
        responses=BulkResultSerializer,
    )
    def post(self, request: Request) -> Response:
        """Create or change up to 1,000 contracts by external id, all or none. Twice is the same as once.

        ARR, seats, renewal date and contract start of the accounts are derived from the lines from then on. A refused
        value is named by item, line and field, with the reason and what would be accepted. A product that nobody has
        named yet is made and told in `products_created`.
        """
        if not isinstance(request.data, list) or not 0 < len(request.data) <= BULK_MOST:
            raise serializers.ValidationError([f"Send a list of 1 to {BULK_MOST} contracts."])
        asked = ContractWriteSerializer(data=request.data, many=True)
        asked.is_valid(raise_exception=True)
        replace = self.flag("replace_lines")
        rows: list[Mapping[str, Any]] = asked.validated_data
        try:
            done = contracts_upsert(
                tenant=self.tenant, rows=rows, at=now(), by=None, label=str(self.key), replace_lines=replace
            )
        except RefusedRows as fault:
            raise serializers.ValidationError(by_place(fault.faults)) from fault
        kinds = [result for result, _contract in done.results]
        return Response(
            {
                **{kind: kinds.count(kind) for kind in ("created", "changed", "unchanged")},
                "products_created": [product.key for product in done.products],
                "results": [
                    {"external_id": contract.external_id, "id": contract.pk, "result": result}
                    for result, contract in done.results
                ],
            }
        )
