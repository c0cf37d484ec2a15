"""Tickets over the API."""

from typing import Any

from django.utils.timezone import now
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from service.models import Channel, Priority, Ticket
from service.services import RefusedTickets, tickets_upsert
from tenants.api_fields import instant
from tenants.api_schema import PAGES
from tenants.api_views import RowPages, ScopedAPIView
from tenants.models import Member

BULK_MOST = 1000


class TicketSerializer(serializers.Serializer[Any]):
    """A ticket. `assignee` is the e-mail of a member; times are instants with their zone; null where not yet."""

    external_id = serializers.CharField(max_length=200)
    account_external_id = serializers.CharField(max_length=200, source="account.external_id")
    subject = serializers.CharField(max_length=300)
    channel = serializers.ChoiceField(choices=Channel.choices)
    priority = serializers.ChoiceField(choices=Priority.choices)
    requester = serializers.CharField(max_length=200)
    assignee = serializers.EmailField(source="assignee.user.email", allow_null=True, default=None)
    opened_at = serializers.DateTimeField()
    first_response_at = serializers.DateTimeField(allow_null=True)
    closed_at = serializers.DateTimeField(allow_null=True)
    satisfaction = serializers.IntegerField(min_value=1, max_value=5, allow_null=True)
    basic = serializers.BooleanField()
    deflected = serializers.BooleanField()


class TicketWriteSerializer(serializers.Serializer[Any]):
    """A ticket as it is sent: fields left out stay as they are."""

    external_id = serializers.CharField(max_length=200)
    account_external_id = serializers.CharField(max_length=200)
    subject = serializers.CharField(max_length=300, required=False)
    channel = serializers.ChoiceField(choices=Channel.choices, required=False)
    priority = serializers.ChoiceField(choices=Priority.choices, required=False)
    requester = serializers.CharField(max_length=200, required=False, allow_blank=True)
    assignee = serializers.EmailField(required=False, allow_null=True)
    opened_at = instant(required=False)
    first_response_at = instant(required=False, allow_null=True)
    closed_at = instant(required=False, allow_null=True)
    satisfaction = serializers.IntegerField(min_value=1, max_value=5, required=False, allow_null=True)
    basic = serializers.BooleanField(required=False)
    deflected = serializers.BooleanField(required=False)

    def validate_assignee(self, email: str | None) -> Member | None:
        """The member with this e-mail."""
        if email is None:
            return None
        member: Member | None = self.context["members"].get(email.lower())
        if member is None:
            raise serializers.ValidationError("No member of this tenant has this e-mail. Send one who has, or null.")
        return member


class TicketList(ScopedAPIView):
    """`GET /api/v1/tickets/`."""

    scopes = {"GET": "tickets:read"}
    takes = {"GET": (OpenApiParameter("account_external_id", OpenApiTypes.STR), *PAGES)}

    @extend_schema(responses=TicketSerializer(many=True), operation_id="tickets_list")
    def get(self, request: Request) -> Response:
        """Tickets by pages; `account_external_id` chooses an account's."""
        tickets = Ticket.objects.select_related("account", "assignee__user")
        if wanted := request.query_params.get("account_external_id"):
            tickets = tickets.filter(account__external_id=wanted)
        pages = RowPages()
        page = pages.paginate_queryset(tickets, request, view=self)
        return pages.get_paginated_response(TicketSerializer(page or [], many=True).data)


class TicketBulk(ScopedAPIView):
    """`POST /api/v1/tickets/bulk/`."""

    scopes = {"POST": "tickets:write"}

    @extend_schema(request=TicketWriteSerializer(many=True), responses=None)
    def post(self, request: Request) -> Response:
        """Create or change up to 1,000 tickets by external id, all or none. Twice is the same as once."""
        if not isinstance(request.data, list) or not 0 < len(request.data) <= BULK_MOST:
            raise serializers.ValidationError([f"Send a list of 1 to {BULK_MOST} tickets."])
        members = {member.user.email.lower(): member for member in Member.objects.select_related("user")}
        asked = TicketWriteSerializer(data=request.data, many=True, context={"members": members})
        asked.is_valid(raise_exception=True)
        rows = asked.validated_data
        try:
            done = tickets_upsert(rows=rows, at=now(), by=None, label=str(self.key))
        except RefusedTickets as fault:
            faults = [{"ticket": fault.by_row[n]} if n in fault.by_row else {} for n in range(len(rows))]
            raise serializers.ValidationError(faults) from fault
        counts = {what: done.count(what) for what in ("created", "changed", "unchanged")}
        results = [{"external_id": row["external_id"], "result": said} for row, said in zip(rows, done, strict=True)]
        return Response({**counts, "results": results})
