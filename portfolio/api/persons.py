"""One person over the API: what is held, a copy, erasure. Asked by POST, so that no address stands in a URL."""

from typing import Any

from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.utils.timezone import now
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response

from portfolio.api.people import StrictSerializer
from tenants.api_views import ScopedAPIView
from tenants.personal import Found, keys_unknown, person_erase, person_export, person_find


class PersonSerializer(StrictSerializer):
    """Who is meant: at least one of the three. `leave_out`: keys of `known_as` that are somebody else."""

    email = serializers.CharField(max_length=320, required=False, default="")
    contact_external_id = serializers.CharField(max_length=200, required=False, default="")
    user_id = serializers.CharField(max_length=500, required=False, default="")
    leave_out = serializers.ListField(child=serializers.CharField(max_length=60), required=False, default=list)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Somebody has to be named."""
        if not (attrs["email"] or attrs["contact_external_id"] or attrs["user_id"]):
            raise serializers.ValidationError("Send email, contact_external_id or user_id.")
        return attrs


class EraseSerializer(PersonSerializer):
    """Who, why, and what about the places that somebody has to decide on (keys of `decide`): texts that are `chosen`
    are blacked out but for those in `keep`; others (no more than their name, elsewhere) only if they stand in `also`;
    files go that stand in `delete`.
    """

    reason = serializers.CharField(max_length=500)
    keep = serializers.ListField(child=serializers.CharField(max_length=120), required=False, default=list)
    also = serializers.ListField(child=serializers.CharField(max_length=120), required=False, default=list)
    delete = serializers.ListField(child=serializers.CharField(max_length=120), required=False, default=list)


class PersonView(ScopedAPIView):
    """What the three share."""

    scopes = {"POST": "persons:erase"}

    def found(self, asked: dict[str, Any]) -> Found:
        """The person; 404 where nothing is held."""
        found = person_find(
            mail=asked["email"],
            contact=asked["contact_external_id"],
            user=asked["user_id"],
            left_out=asked["leave_out"],
        )
        if found.is_empty:
            raise NotFound("Nothing is held of such a person.")
        texts = [*asked.get("keep", ()), *asked.get("also", ())]
        if wrong := keys_unknown(found, texts=texts, things=asked.get("delete", ())):
            raise serializers.ValidationError([f"Nothing was found under the key {', '.join(wrong)}."])
        return found

    def asked(self, request: Request, serializer: type[StrictSerializer]) -> dict[str, Any]:
        """The checked request."""
        sent = serializer(data=request.data)
        sent.is_valid(raise_exception=True)
        return dict(sent.validated_data)


class PersonFind(PersonView):
    """`POST /api/v1/persons/find/`."""

    @extend_schema(request=PersonSerializer, responses=OpenApiTypes.OBJECT)
    def post(self, request: Request) -> Response:
        """Who the person is known as, what is held where, and the places to decide on."""
        found = self.found(self.asked(request, PersonSerializer))
        known = [
            {"key": key, "kind": one.kind, "name": one.name, "detail": one.detail, "account": one.where}
            for key, one in found.person.identities.items()
        ]
        decide = [
            {"key": one.key, "kind": one.kind, "place": one.place, "account": one.where, "text": one.excerpt,
             "chosen": one.chosen}
            for one in found.choices
        ]  # fmt: skip
        return Response({"known_as": known, "held": {key: n for key, _label, n in found.held}, "decide": decide})


class PersonExport(PersonView):
    """`POST /api/v1/persons/export/`."""

    @extend_schema(request=PersonSerializer, responses={(200, "application/zip"): OpenApiTypes.BINARY})
    def post(self, request: Request) -> HttpResponse:
        """A zip file with `person.json` and a CSV file per place."""
        found = self.found(self.asked(request, PersonSerializer))
        data = person_export(found=found, at=now(), by=None, label=str(self.key))
        return HttpResponse(data, content_type="application/zip", headers={"Cache-Control": "no-store"})


class PersonErase(PersonView):
    """`POST /api/v1/persons/erase/`."""

    @extend_schema(request=EraseSerializer, responses=OpenApiTypes.OBJECT)
    def post(self, request: Request) -> Response:
        """Erase the person, all or nothing; what comes in of them later is turned away and counted."""
        asked = self.asked(request, EraseSerializer)
        found = self.found(asked)
        try:
            done = person_erase(
                tenant=self.tenant, person=found.person, reason=asked["reason"], at=now(), by=None, keep=asked["keep"],
                delete=asked["delete"], also=asked["also"], label=str(self.key),
            )  # fmt: skip
        except ValidationError as fault:
            raise serializers.ValidationError(getattr(fault, "message_dict", fault.messages)) from fault
        return Response({"reference": done.erasure.reference, "erased": done.counts})
