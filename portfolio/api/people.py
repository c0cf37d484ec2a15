"""Contacts and touches over the API."""

from collections.abc import Mapping, Sequence
from typing import Any, cast

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import QuerySet
from django.utils.timezone import now
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.cells import cells
from accounts.models import Account, Contact, Level, Touch
from accounts.selectors.fields import field_list, values_of_ids
from accounts.services import contacts_upsert, touches_upsert
from common.plausible import When
from portfolio.api.accounts import BULK_MOST
from portfolio.api.serializers import custom_read, plain_value
from tenants.api_fields import day
from tenants.api_schema import PAGES
from tenants.api_views import RowPages, ScopedAPIView
from tenants.personal import blocked
from tenants.personal.blocks import CONTACT, TURNED_AWAY

OF_ACCOUNT = OpenApiParameter("account", OpenApiTypes.STR, description="External id of the account.")
BY_ID = OpenApiParameter("external_id", OpenApiTypes.STR)
FILTERS = (OF_ACCOUNT, BY_ID, *PAGES)
Rows = Sequence[Mapping[str, Any]]


class StrictSerializer(serializers.Serializer[Any]):
    """Refuses fields that do not exist (a typing mistake must not look like success) and signs no table holds."""

    def to_internal_value(self, data: Any) -> Any:
        """The values; each unknown field is named with those that are known."""
        if isinstance(data, dict):
            if unknown := sorted(set(data) - set(self.fields)):
                known = ", ".join(self.fields)
                raise serializers.ValidationError({name: [f"Unknown field. Known are: {known}."] for name in unknown})
            for name, value in data.items():
                if isinstance(value, str) and "\x00" in value:
                    raise serializers.ValidationError({name: ["NUL characters are not accepted."]})
        return super().to_internal_value(data)


class ContactWriteSerializer(StrictSerializer):
    """One contact. `reports_to` is the external id of another contact; fields left out stay as they are."""

    external_id = serializers.CharField(max_length=200)
    account_external_id = serializers.CharField(max_length=200, required=False)
    name = serializers.CharField(max_length=150, required=False)
    title = serializers.CharField(max_length=120, required=False, allow_blank=True)
    roles = serializers.ListField(child=serializers.ChoiceField(choices=Contact.Role.choices), required=False)
    reports_to = serializers.CharField(max_length=200, required=False, allow_null=True)
    influence = serializers.ChoiceField(choices=Contact.Influence.choices, required=False, allow_blank=True)
    champion = serializers.BooleanField(required=False)
    email = serializers.EmailField(required=False, allow_blank=True)
    phone = serializers.CharField(max_length=60, required=False, allow_blank=True)
    left_on = day(When.DUE, required=False, allow_null=True)
    custom = serializers.DictField(required=False)

    def validate_custom(self, value: dict[str, Any]) -> dict[str, Any]:
        """Custom fields of contacts by key, null to empty one: numbers, dates as 2027-01-31, persons by e-mail."""
        context: dict[str, Any] = cast("dict[str, Any]", self.context)
        if "cells" not in context:  # once per request: the rows of a list share their context
            known = cells(field_list(holder="contact")).values()
            context["cells"] = {cell.custom.key: cell for cell in known if cell.custom}
        return custom_read(value, context["cells"])


class TouchWriteSerializer(StrictSerializer):
    """One touch. `contacts` are external ids of contacts of the account; `step` with `step_due` makes a next step."""

    external_id = serializers.CharField(max_length=200)
    account_external_id = serializers.CharField(max_length=200, required=False)
    kind = serializers.ChoiceField(choices=Touch.Kind.choices, required=False)
    on = day(When.PAST, required=False)
    note = serializers.CharField(max_length=20_000, required=False)
    answered = serializers.BooleanField(required=False)
    level = serializers.ChoiceField(choices=Level.choices, required=False, allow_blank=True)
    contacts = serializers.ListField(child=serializers.CharField(max_length=200), required=False)
    step = serializers.CharField(max_length=300, required=False)
    step_due = day(When.DUE, required=False)


def customs_of(contacts: Sequence[Contact]) -> dict[int, dict[str, Any]]:
    """The custom fields of contacts by key, by the contact's number."""
    fields, ids = field_list(holder="contact"), [one.pk for one in contacts]
    held = values_of_ids(ids=ids, fields=fields, of_contacts=True) if fields else {}
    return {pk: {one.key: plain_value(held.get(pk, {}).get(one.pk)) for one in fields} for pk in ids}


def contact_row(contact: Contact, customs: Mapping[int, Mapping[str, Any]] | None = None) -> dict[str, Any]:
    """A contact as the API shows it."""
    customs = customs_of([contact]) if customs is None else customs
    names = ("title", "roles", "influence", "champion", "email", "phone", "left_on")
    above = contact.reports_to
    return {
        "id": contact.pk,
        "external_id": contact.external_id,
        "account_external_id": contact.account.external_id,
        "name": contact.name,
        **{name: getattr(contact, name) for name in names},
        "reports_to": above.external_id if above else None,
        "custom": customs[contact.pk],
    }


def touch_row(touch: Touch) -> dict[str, Any]:
    """A touch as the API shows it, with its next steps."""
    steps = [{"text": s.text, "due_on": s.due_on, "done": s.done_at is not None} for s in touch.steps.all()]
    return {
        "id": touch.pk,
        "external_id": touch.external_id,
        "account_external_id": touch.account.external_id,
        "kind": touch.kind,
        "on": touch.on,
        "note": touch.note,
        "two_way": touch.two_way,
        "level": touch.level,
        "author": touch.author.user.email if touch.author else None,
        "contacts": [{"id": one.pk, "external_id": one.external_id, "name": one.name} for one in touch.contacts.all()],
        "steps": steps,
    }


class RowsView(ScopedAPIView):
    """What the lists and the bulk upserts of both share."""

    many = "rows"

    def rows(self, request: Request, serializer: type[StrictSerializer], *, bulk: bool) -> list[dict[str, Any]]:
        """The checked rows of the request, one where it is no bulk."""
        data = request.data if bulk else [request.data]
        if not isinstance(data, list) or not 0 < len(data) <= BULK_MOST:
            raise serializers.ValidationError([f"Send a list of 1 to {BULK_MOST} {self.many}."])
        asked = serializer(data=data, many=True)
        asked.is_valid(raise_exception=True)
        found: list[dict[str, Any]] = [dict(row) for row in asked.validated_data]
        return self.with_accounts(found)

    def with_accounts(self, found: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """Put the account in the place of its external id; a list of faults by row where one is unknown."""
        ids = {row["account_external_id"] for row in found if "account_external_id" in row}
        held = {one.external_id: one for one in Account.objects.filter(external_id__in=ids, archived_at=None)}
        faults = [
            {"account_external_id": ["No live account has this external id."]}
            if row.get("account_external_id", "") not in held and "account_external_id" in row
            else {}
            for row in found
        ]
        if any(faults):
            raise serializers.ValidationError(faults)
        for row in found:
            if "account_external_id" in row:
                row["account"] = held[row.pop("account_external_id")]
        return found

    def listed(self, request: Request, rows: QuerySet[Any], shown: Any, read: Any = None) -> Response:
        """A page of a list, filtered by `account` and `external_id`. `read`: what `shown` needs of the whole page."""
        for name, field in (("account", "account__external_id"), ("external_id", "external_id")):
            if wanted := request.query_params.get(name):
                rows = rows.filter(**{field: wanted})
        pages = RowPages()
        page: list[Any] = pages.paginate_queryset(rows, request, view=self) or []
        more = [] if read is None else [read(page)]
        return pages.get_paginated_response([shown(row, *more) for row in page])


def faults_of(fault: ValidationError, count: int) -> serializers.ValidationError:
    """A service's `{row: reasons}` as the list of faults that every bulk answer has."""
    by_row = {int(number): messages for number, messages in fault.message_dict.items()}
    return serializers.ValidationError([{"row": by_row[place]} if place in by_row else {} for place in range(count)])


def answer(done: Sequence[tuple[str, Any]]) -> Response:
    """What became of each row of a bulk upsert."""
    counts = {what: sum(1 for fate, _one in done if fate == what) for what in ("created", "changed", "unchanged")}
    if erased := sum(1 for fate, _one in done if fate == "erased"):
        counts["erased"] = erased  # persons who were erased: passed over, nothing of the row is kept
    results = [
        {"external_id": one.external_id, "id": one.pk, "result": fate} if one is not None else {"result": fate}
        for fate, one in done
    ]
    return Response({**counts, "results": results}, status=status.HTTP_200_OK)


def one_made(done: Sequence[tuple[str, Any]], rows: QuerySet[Any], shown: Any) -> Response:
    """The row that was made, as the API shows it; 400 where it was an erased person's, answered and not raised, so that
    the refusal stays counted.
    """
    [(_fate, made)] = done
    if made is None:
        said = {"code": "erased", "message": str(TURNED_AWAY)}
        return Response({"error": said}, status=status.HTTP_400_BAD_REQUEST)
    return Response(shown(rows.get(pk=made.pk)), status=status.HTTP_201_CREATED)


def all_contacts() -> QuerySet[Contact]:
    """The contacts of live accounts."""
    return Contact.objects.filter(account__archived_at=None).select_related("account", "reports_to")


def all_touches() -> QuerySet[Touch]:
    """The touches of live accounts."""
    touches = Touch.objects.filter(account__archived_at=None).select_related("account", "author__user")
    return touches.prefetch_related("contacts", "steps")


class ContactList(RowsView):
    """`GET|POST /api/v1/contacts/`."""

    scopes = {"GET": "contacts:read", "POST": "contacts:write"}
    takes = {"GET": FILTERS}

    @extend_schema(responses=OpenApiTypes.OBJECT)
    def get(self, request: Request) -> Response:
        """Contacts, oldest first, by pages."""
        return self.listed(request, all_contacts(), contact_row, customs_of)

    @extend_schema(request=ContactWriteSerializer, responses=OpenApiTypes.OBJECT)
    def post(self, request: Request) -> Response:
        """Create a contact; 400 when its external id is taken."""
        rows = self.rows(request, ContactWriteSerializer, bulk=False)
        if Contact.objects.filter(external_id=rows[0]["external_id"]).exists():
            raise serializers.ValidationError({"external_id": ["Another contact has this id. Send it to /bulk/."]})
        return one_made(upsert_contacts(rows, self), all_contacts(), contact_row)


class ContactBulk(RowsView):
    """`POST /api/v1/contacts/bulk/`."""

    scopes = {"POST": "contacts:write"}
    many = "contacts"

    @extend_schema(request=ContactWriteSerializer(many=True), responses=OpenApiTypes.OBJECT)
    def post(self, request: Request) -> Response:
        """Create or change up to 1,000 contacts by external id, all or none. Twice is the same as once."""
        return answer(upsert_contacts(self.rows(request, ContactWriteSerializer, bulk=True), self))


def upsert_contacts(rows: Rows, view: ScopedAPIView) -> list[tuple[str, Contact | None]]:
    """The service's upsert; its faults as those of the rows, and nothing applied."""
    try:
        with transaction.atomic():
            return contacts_upsert(tenant=view.tenant, rows=rows, at=now(), by=None, label=str(view.key))
    except ValidationError as fault:
        raise faults_of(fault, len(rows)) from fault


class TouchList(RowsView):
    """`GET|POST /api/v1/touches/`."""

    scopes = {"GET": "touches:read", "POST": "touches:write"}
    takes = {"GET": FILTERS}

    @extend_schema(responses=OpenApiTypes.OBJECT)
    def get(self, request: Request) -> Response:
        """Touches, oldest first, by pages."""
        return self.listed(request, all_touches(), touch_row)

    @extend_schema(request=TouchWriteSerializer, responses=OpenApiTypes.OBJECT)
    def post(self, request: Request) -> Response:
        """Log a touch; 400 when its external id is taken."""
        rows = self.rows(request, TouchWriteSerializer, bulk=False)
        if Touch.objects.filter(external_id=rows[0]["external_id"]).exists():
            raise serializers.ValidationError({"external_id": ["Another touch has this id. Send it to /bulk/."]})
        return one_made(upsert_touches(rows, self), all_touches(), touch_row)


class TouchBulk(RowsView):
    """`POST /api/v1/touches/bulk/`."""

    scopes = {"POST": "touches:write"}
    many = "touches"

    @extend_schema(request=TouchWriteSerializer(many=True), responses=OpenApiTypes.OBJECT)
    def post(self, request: Request) -> Response:
        """Create or change up to 1,000 touches by external id, all or none. Twice is the same as once."""
        return answer(upsert_touches(self.rows(request, TouchWriteSerializer, bulk=True), self))


def upsert_touches(rows: list[dict[str, Any]], view: ScopedAPIView) -> list[tuple[str, Touch | None]]:
    """The service's upsert with contacts looked up; its faults as those of the rows, and nothing applied."""
    wanted = {own_id for row in rows for own_id in row.get("contacts", ())}
    held = {one.external_id: one for one in Contact.objects.filter(external_id__in=wanted)}
    gone = blocked(CONTACT, wanted - set(held))
    for row in rows:
        if "contacts" in row:
            row["contacts"] = [own_id for own_id in row["contacts"] if own_id not in gone]
    faults = [[own_id for own_id in row.get("contacts", ()) if own_id not in held] for row in rows]
    if any(faults):
        raise serializers.ValidationError(
            [{"contacts": [f"No contact has the external id {own_id}." for own_id in gone]} for gone in faults]
        )
    for row in rows:
        if "contacts" in row:
            row["contacts"] = [held[own_id] for own_id in row["contacts"]]
    try:
        with transaction.atomic():
            return touches_upsert(tenant=view.tenant, rows=rows, at=now(), by=None, label=str(view.key))
    except ValidationError as fault:
        raise faults_of(fault, len(rows)) from fault
