"""Requests and success cases over the API."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import QuerySet
from django.utils.timezone import now
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers, status
from rest_framework.request import Request as ApiRequest
from rest_framework.response import Response

from accounts.models import Account
from operations.days import local_date
from portfolio.api.catalogue import FeatureKeys
from portfolio.api.handovers import FeatureByKey
from portfolio.api.people import BY_ID, FILTERS, RowsView, StrictSerializer, answer, faults_of
from service.models import Request, SuccessCase
from service.selectors.voice import Wanted, wanted_of
from service.services import cases_upsert, requests_upsert
from tenants.api_schema import PAGES
from tenants.api_views import RowPages, ScopedAPIView


@extend_schema_field(OpenApiTypes.STR)
class AccountByExternalId(serializers.Field[Any, Any, Any, Any]):
    """A live account by its external id."""

    def to_internal_value(self, data: Any) -> Any:
        """The account."""
        key = str(data).replace("\x00", "")
        account = Account.objects.filter(external_id=key, archived_at=None).first()
        if account is None:
            raise serializers.ValidationError(f"No live account has the external id {key}.")
        return account

    def to_representation(self, value: Any) -> Any:
        """Its external id."""
        return value.external_id


class RequestWriteSerializer(StrictSerializer):
    """A request. `accounts` are external ids of accounts that want it: those sent are added. Fields left out stay.

    `state` planned, done or declined needs an `answer`.
    """

    external_id = serializers.CharField(max_length=200)
    title = serializers.CharField(max_length=200, required=False)
    detail = serializers.CharField(max_length=5000, required=False, allow_blank=True)
    feature = FeatureByKey(required=False, allow_null=True)
    state = serializers.ChoiceField(choices=[s for s in Request.State.values if s != "merged"], required=False)
    answer = serializers.CharField(max_length=2000, required=False, allow_blank=True)
    accounts = serializers.ListField(child=AccountByExternalId(), required=False)


class CaseWriteSerializer(StrictSerializer):
    """A success case, in one or both languages. Fields left out stay; `features` are keys and replace those held."""

    external_id = serializers.CharField(max_length=200)
    account = AccountByExternalId(required=False, allow_null=True)
    industry = serializers.CharField(max_length=80, required=False, allow_blank=True)
    features = FeatureKeys(required=False)
    title_en = serializers.CharField(max_length=200, required=False, allow_blank=True)
    result_en = serializers.CharField(max_length=300, required=False, allow_blank=True)
    story_en = serializers.CharField(max_length=5000, required=False, allow_blank=True)
    title_zh = serializers.CharField(max_length=200, required=False, allow_blank=True)
    result_zh = serializers.CharField(max_length=300, required=False, allow_blank=True)
    story_zh = serializers.CharField(max_length=5000, required=False, allow_blank=True)
    published = serializers.BooleanField(required=False)


def request_row(wanted: Wanted) -> dict[str, Any]:
    """A request as the API shows it, with the accounts behind it and who has heard the present answer."""
    held = wanted.request
    return {
        "id": held.pk, "external_id": held.external_id, "title": held.title, "detail": held.detail,
        "feature": held.feature.key if held.feature else None, "state": held.state, "answer": held.answer,
        "merged_into": held.merged_into_id, "arr": wanted.money.arr, "accounts_without_arr": wanted.money.unpriced,
        "accounts": [
            {"external_id": wish.account.external_id, "since": wish.since, "note": wish.note,
             "told": bool(held.answers) and wish.told_answer == held.answers} for wish in wanted.wishes
        ],
    }  # fmt: skip


def case_row(case: SuccessCase) -> dict[str, Any]:
    """A case as the API shows it."""
    names = ("title_en", "result_en", "story_en", "title_zh", "result_zh", "story_zh", "published")
    return {
        "id": case.pk,
        "external_id": case.external_id,
        "account": case.account.external_id if case.account else None,
        "industry": case.industry,
        "features": sorted(feature.key for feature in case.features.all()),
        **{name: getattr(case, name) for name in names},
    }


def all_cases() -> QuerySet[SuccessCase]:
    """Every case with what its row names."""
    return SuccessCase.objects.select_related("account").prefetch_related("features")


Upsert = Callable[[Sequence[Mapping[str, Any]]], list[tuple[str, Any]]]


def applied(rows: list[dict[str, Any]], upsert: Upsert) -> list[tuple[str, Any]]:
    """A service's upsert in a transaction of its own; its faults as those of the rows, and nothing applied."""
    try:
        with transaction.atomic():
            return upsert(rows)
    except ValidationError as fault:
        raise faults_of(fault, len(rows)) from fault


def upsert_requests(view: ScopedAPIView) -> Upsert:
    """The requests' upsert for this view's key."""
    at = now()
    day = local_date(view.tenant.timezone, at)
    return lambda rows: requests_upsert(rows=rows, today=day, at=at, by=None, label=str(view.key))


def upsert_cases(view: ScopedAPIView) -> Upsert:
    """The cases' upsert for this view's key."""
    return lambda rows: cases_upsert(rows=rows, at=now(), by=None, label=str(view.key))


class RequestList(RowsView):
    """`GET|POST /api/v1/requests/`."""

    scopes = {"GET": "requests:read", "POST": "requests:write"}
    takes = {"GET": FILTERS}

    def shown(self, rows: Sequence[Request]) -> list[dict[str, Any]]:
        """Rows of these requests with everybody who wants them."""
        day = local_date(self.tenant.timezone, now())
        live = Account.objects.filter(archived_at=None)
        found = wanted_of(requests=rows, accounts=live, currency=self.tenant.currency, day=day)
        return [request_row(one) for one in found]

    @extend_schema(responses=OpenApiTypes.OBJECT)
    def get(self, request: ApiRequest) -> Response:
        """Requests, oldest first, by pages; `account` chooses those that an account wants."""
        rows = Request.objects.select_related("feature")
        if account := request.query_params.get("account"):
            rows = rows.filter(wishes__account__external_id=account)
        if external_id := request.query_params.get("external_id"):
            rows = rows.filter(external_id=external_id)
        pages = RowPages()
        page: list[Request] = pages.paginate_queryset(rows, request, view=self) or []
        return pages.get_paginated_response(self.shown(page))

    @extend_schema(request=RequestWriteSerializer, responses=OpenApiTypes.OBJECT)
    def post(self, request: ApiRequest) -> Response:
        """Create a request; 400 when its external id is taken."""
        rows = self.rows(request, RequestWriteSerializer, bulk=False)
        if Request.objects.filter(external_id=rows[0]["external_id"]).exists():
            raise serializers.ValidationError({"external_id": ["Another request has this id. Send it to /bulk/."]})
        [(_fate, made)] = applied(rows, upsert_requests(self))
        return Response(self.shown([made])[0], status=status.HTTP_201_CREATED)


class RequestBulk(RowsView):
    """`POST /api/v1/requests/bulk/`."""

    scopes = {"POST": "requests:write"}
    many = "requests"

    @extend_schema(request=RequestWriteSerializer(many=True), responses=OpenApiTypes.OBJECT)
    def post(self, request: ApiRequest) -> Response:
        """Create or change up to 1,000 requests by external id, all or none. Twice is the same as once."""
        return answer(applied(self.rows(request, RequestWriteSerializer, bulk=True), upsert_requests(self)))


class CaseList(RowsView):
    """`GET|POST /api/v1/cases/`."""

    scopes = {"GET": "cases:read", "POST": "cases:write"}
    takes = {"GET": (BY_ID, *PAGES)}

    @extend_schema(responses=OpenApiTypes.OBJECT)
    def get(self, request: ApiRequest) -> Response:
        """Success cases, oldest first, by pages."""
        return self.listed(request, all_cases(), case_row)

    @extend_schema(request=CaseWriteSerializer, responses=OpenApiTypes.OBJECT)
    def post(self, request: ApiRequest) -> Response:
        """Create a case; 400 when its external id is taken."""
        rows = self.rows(request, CaseWriteSerializer, bulk=False)
        if SuccessCase.objects.filter(external_id=rows[0]["external_id"]).exists():
            raise serializers.ValidationError({"external_id": ["Another case has this id. Send it to /bulk/."]})
        [(_fate, made)] = applied(rows, upsert_cases(self))
        return Response(case_row(all_cases().get(pk=made.pk)), status=status.HTTP_201_CREATED)


class CaseBulk(RowsView):
    """`POST /api/v1/cases/bulk/`."""

    scopes = {"POST": "cases:write"}
    many = "cases"

    @extend_schema(request=CaseWriteSerializer(many=True), responses=OpenApiTypes.OBJECT)
    def post(self, request: ApiRequest) -> Response:
        """Create or change up to 1,000 cases by external id, all or none. Twice is the same as once."""
        return answer(applied(self.rows(request, CaseWriteSerializer, bulk=True), upsert_cases(self)))
