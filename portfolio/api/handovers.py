"""Hand-overs over the API: sales fills them in from its own system."""

from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.timezone import now
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models import Feature, Handover, Learner, Promise
from accounts.selectors.handovers import Read, handovers_read, with_all
from accounts.services.handover import handovers_upsert
from common.plausible import When
from portfolio.api.people import OF_ACCOUNT, RowsView, StrictSerializer, faults_of
from tenants.api_fields import day
from tenants.api_schema import PAGES
from tenants.api_views import RowPages
from tenants.models import Member


@extend_schema_field(OpenApiTypes.EMAIL)
class MemberByMail(serializers.Field[Any, Any, Any, Any]):
    """A member of the organisation by e-mail."""

    def to_internal_value(self, data: Any) -> Any:
        """The member."""
        email = str(data).lower().replace("\x00", "")
        member = Member.objects.filter(user__email=email, is_active=True).first()
        if member is None:
            raise serializers.ValidationError("No active member has this e-mail. Send one who has, or null.")
        return member

    def to_representation(self, value: Any) -> Any:
        """The e-mail."""
        return value.user.email


@extend_schema_field(OpenApiTypes.STR)
class FeatureByKey(serializers.Field[Any, Any, Any, Any]):
    """A feature by key."""

    def to_internal_value(self, data: Any) -> Any:
        """The feature."""
        key = str(data)
        feature = Feature.objects.filter(key=key.replace("\x00", "")).first()
        if feature is None:
            raise serializers.ValidationError(f"No feature is called {key}. GET /api/v1/features/ lists them.")
        return feature

    def to_representation(self, value: Any) -> Any:
        """The key."""
        return value.key


class PromiseSerializer(StrictSerializer):
    """A promise, told apart by its text."""

    text = serializers.CharField(max_length=500)
    state = serializers.ChoiceField(choices=Promise.State.choices, required=False)
    owner = MemberByMail(required=False, allow_null=True)
    due_on = day(When.DUE, required=False, allow_null=True)


class NeedSerializer(StrictSerializer):
    """A need, told apart by its text. `match`: how far the product meets it, in per cent."""

    text = serializers.CharField(max_length=300)
    feature = FeatureByKey(required=False, allow_null=True)
    weight = serializers.IntegerField(min_value=1, max_value=10, required=False)
    match = serializers.IntegerField(min_value=0, max_value=100, required=False, allow_null=True)


class LearnerSerializer(StrictSerializer):
    """A group of learners, told apart by its text."""

    text = serializers.CharField(max_length=150)
    people = serializers.IntegerField(min_value=0, max_value=2_000_000_000, required=False, allow_null=True)
    skill = serializers.ChoiceField(choices=Learner.Skill.choices, required=False, allow_blank=True)
    note = serializers.CharField(max_length=500, required=False, allow_blank=True)


class HandoverWriteSerializer(StrictSerializer):
    """The hand-over of an account. Fields and rows left out stay as they are."""

    account_external_id = serializers.CharField(max_length=200)
    salesperson = MemberByMail(required=False, allow_null=True)
    due_on = day(When.DUE, required=False)
    contract_text = serializers.CharField(max_length=5000, required=False, allow_blank=True)
    expectations = serializers.CharField(max_length=5000, required=False, allow_blank=True)
    nature = serializers.ChoiceField(choices=Handover.Nature.choices, required=False, allow_blank=True)
    profile = serializers.CharField(max_length=80, required=False, allow_blank=True)
    no_promises = serializers.BooleanField(required=False)
    promises = PromiseSerializer(many=True, required=False)
    needs = NeedSerializer(many=True, required=False)
    learners = LearnerSerializer(many=True, required=False)


def handover_row(found: Read) -> dict[str, Any]:
    """A hand-over as the API shows it. `fit` is a ratio, null where no need is judged."""
    held = found.handover
    return {
        "account_external_id": held.account.external_id, "state": held.state, "due_on": held.due_on,
        "salesperson": held.salesperson.user.email if held.salesperson else None,
        "contract": held.contract.external_id if held.contract else None, "contract_text": held.contract_text,
        "expectations": held.expectations, "nature": held.nature, "profile": held.profile,
        "no_promises": held.no_promises, "question": held.question, "missing": found.missing,
        "fit": None if found.fit_shown is None else round(found.fit_shown, 6), "poor_fit": found.poor,
        "completed_at": held.completed_at, "accepted_at": held.accepted_at,
        "promises": [
            {"text": one.text, "state": one.state, "owner": one.owner.user.email if one.owner else None,
             "due_on": one.due_on} for one in found.promises
        ],
        "needs": [
            {"text": one.text, "feature": one.feature.key if one.feature else None, "weight": one.weight,
             "match": one.match} for one in found.needs
        ],
        "learners": [
            {"text": one.text, "people": one.people, "skill": one.skill, "note": one.note} for one in found.learners
        ],
    }  # fmt: skip


class HandoverList(RowsView):
    """`GET /api/v1/handovers/`."""

    scopes = {"GET": "handovers:read"}
    takes = {"GET": (OF_ACCOUNT, *PAGES)}

    @extend_schema(responses=OpenApiTypes.OBJECT)
    def get(self, request: Request) -> Response:
        """Hand-overs, oldest first, by pages; `account` chooses one account's."""
        rows = with_all(Handover.objects.filter(account__archived_at=None))
        if wanted := request.query_params.get("account"):
            rows = rows.filter(account__external_id=wanted)
        pages = RowPages()
        page: list[Handover] = pages.paginate_queryset(rows, request, view=self) or []
        return pages.get_paginated_response([handover_row(one) for one in handovers_read(page)])


class HandoverBulk(RowsView):
    """`POST /api/v1/handovers/bulk/`."""

    scopes = {"POST": "handovers:write"}
    many = "hand-overs"

    @extend_schema(request=HandoverWriteSerializer(many=True), responses=OpenApiTypes.OBJECT)
    def post(self, request: Request) -> Response:
        """Start or change up to 1,000 hand-overs by account, all or none. Twice is the same as once.

        People go to `/api/v1/contacts/bulk/`, contracts to `/api/v1/contracts/bulk/`. A complete hand-over is refused.
        """
        rows = self.rows(request, HandoverWriteSerializer, bulk=True)
        try:
            with transaction.atomic():
                done = handovers_upsert(tenant=self.tenant, rows=rows, at=now(), by=None, label=str(self.key))
        except ValidationError as fault:
            raise faults_of(fault, len(rows)) from fault
        counts = {what: sum(fate == what for fate, _one in done) for what in ("created", "changed", "unchanged")}
        results = [{"account_external_id": one.account.external_id, "result": fate} for fate, one in done]
        return Response({**counts, "results": results})
