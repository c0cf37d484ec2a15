"""The base of the API's views."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.dateparse import parse_date
from django.utils.timezone import now
from django.views import defaults
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter
from rest_framework.exceptions import NotFound, ValidationError
from rest_framework.pagination import CursorPagination
from rest_framework.request import Request
from rest_framework.views import APIView

from tenants.api_parser import text_fault
from tenants.models import Door, Key
from tenants.scope import request_scope
from tenants.selectors import door_of_token
from tenants.services import key_used

YES, NO = ("1", "true", "yes"), ("0", "false", "no", "")
LONGEST = 2000
BAD_CURSOR = "No page of this list gave this cursor. Take the address in next or previous as it is, or leave it out."


def _day(text: str) -> bool:
    try:
        return parse_date(text) is not None
    except ValueError:
        return False


def parameter_fault(parameter: OpenApiParameter, texts: Sequence[str]) -> str:
    """Why the values of a parameter are not taken; empty where they are. An empty value asks for nothing."""
    if len(texts) > 1 and not parameter.many:
        return "Send it once."
    for text in texts:
        if fault := "At most 2,000 characters." if len(text) > LONGEST else text_fault(text):
            return fault
        if not text:
            continue
        if parameter.type is OpenApiTypes.INT and not (text.isascii() and text.isdigit() and 0 < len(text) < 19):
            return "Send a whole number."
        if parameter.type is OpenApiTypes.BOOL and text.lower() not in (*YES, *NO):
            return "Send true or false."
        if parameter.type is OpenApiTypes.DATE and not _day(text):
            return "Send a date as 2027-01-31."
        if parameter.enum and text not in parameter.enum:
            return f"Choose one of: {', '.join(map(str, parameter.enum))}."
    return ""


class ScopedAPIView(APIView):
    """An API view that runs in the scope of its key's tenant. `takes`: the parameters of each method; others are
    refused, so that a mistyped filter does not look like an answer.
    """

    scopes: dict[str, str] = {}
    takes: Mapping[str, Sequence[OpenApiParameter]] = {}
    key: Key | None = None
    _scope: Any = None

    def key_of(self, token: str) -> Key | None:
        """The live API key with this secret; enters its tenant's scope for the rest of the request."""
        door = door_of_token(token=token, kind=Door.Kind.KEY) if token and not text_fault(token) else None
        if door is None:
            return None
        self._scope = request_scope(tenant_id=door.tenant_id, user_id=None)
        self._scope.__enter__()
        self.key = Key.objects.filter(pk=door.object_id, kind=Key.Kind.API, revoked_at=None).first()
        if self.key:
            key_used(key=self.key, at=now())
            self.tenant = door.tenant
        return self.key

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Who asks may ask, and asks for what there is."""
        super().initial(request, *args, **kwargs)
        method = "GET" if request.method == "HEAD" else str(request.method)
        if method == "OPTIONS" or not hasattr(self, method.lower()):
            return
        known = {one.name: one for one in self.takes.get(method, ())}
        faults: dict[str, list[str]] = {}
        for name, texts in request.query_params.lists():
            if name not in known:
                faults[_shown(name)] = [f"Unknown parameter. Known are: {', '.join(known) or 'none'}."]
            elif fault := parameter_fault(known[name], texts):
                faults[name] = [fault]
        if faults:
            raise ValidationError(faults)

    def flag(self, name: str) -> bool:
        """Whether a parameter says yes."""
        return self.request.query_params.get(name, "").lower() in YES

    def dispatch(self, request: Any, *args: Any, **kwargs: Any) -> Any:
        """Answer, and leave the scope whatever happened."""
        try:
            return super().dispatch(request, *args, **kwargs)
        finally:
            if self._scope is not None:
                self._scope.__exit__(None, None, None)


def _shown(name: str) -> str:
    return name[:80].replace("\x00", "\ufffd")


class RowPages(CursorPagination):
    """Rows of one kind by pages with a cursor, the oldest first."""

    ordering = "id"
    page_size = 100
    page_size_query_param = "limit"
    max_page_size = 1000

    def get_page_size(self, request: Request) -> int:
        """As many as asked for, 1,000 at most; 400 for none."""
        return page_size(request, usual=self.page_size, most=self.max_page_size)

    def decode_cursor(self, request: Request) -> Any:
        """The place in the list; 400 for a cursor that no page of ours gave."""
        try:
            cursor = super().decode_cursor(request)
        except NotFound as fault:
            raise ValidationError({"cursor": [BAD_CURSOR]}) from fault
        position = getattr(cursor, "position", None)
        if position is not None and not (position.isascii() and position.isdigit() and len(position) < 19):
            raise ValidationError({"cursor": [BAD_CURSOR]})
        return cursor


def page_size(request: Request, *, usual: int, most: int) -> int:
    """The rows of a page that `limit` asks for, cut to what is given at most. Raises 400 for none."""
    text = request.query_params.get("limit", "")
    if text and int(text) == 0:
        raise ValidationError({"limit": [f"Send a number from 1 to {most}."]})
    return min(int(text), most) if text else usual


def _error(code: str, message: str, status: int) -> HttpResponse:
    return JsonResponse({"error": {"code": code, "message": message}}, status=status)


def _of_api(request: HttpRequest) -> bool:
    return request.path.startswith("/api/")


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """400 before any view was asked: in the API's shape below its addresses, as a page elsewhere."""
    if _of_api(request):
        return _error("bad_request", "The request cannot be read.", 400)
    return defaults.bad_request(request, exception)


def page_not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """404 for an address that does not exist: in the API's shape below its addresses, as a page elsewhere."""
    if _of_api(request):
        said = "There is no such address. They begin with /api/v1/ and end with a slash; /api/v1/docs/ lists them."
        return _error("not_found", said, 404)
    return defaults.page_not_found(request, exception)


def server_error(request: HttpRequest) -> HttpResponse:
    """500, our fault: in the API's shape below its addresses, as a page elsewhere."""
    if _of_api(request):
        return _error("server_error", "Something failed here; nothing was changed.", 500)
    return defaults.server_error(request)
