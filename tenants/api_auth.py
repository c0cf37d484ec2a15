"""Bearer keys, their scopes, and the one shape of an error of the API."""

from typing import TYPE_CHECKING, Any, cast

from django.core.exceptions import RequestDataTooBig
from django.core.exceptions import ValidationError as CoreValidationError
from django.http import Http404
from rest_framework import exceptions, status
from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.response import Response

from common.faults import is_at_once, is_nul_error
from tenants.api_parser import BodyTooLarge
from tenants.models import Key

if TYPE_CHECKING:  # rest_framework.views reads the settings that name this module, so it cannot be imported here
    from rest_framework.views import APIView

    from tenants.api_views import ScopedAPIView


class ApiKeyAuthentication(BaseAuthentication):
    """`Authorization: Bearer ak_…`. The key's tenant becomes the scope of the view (see `ScopedAPIView`)."""

    def authenticate(self, request: Request) -> tuple[None, Key] | None:
        """The key, or None without a header; raises 401 for a key that is wrong or revoked."""
        parts = get_authorization_header(request).split()
        if not parts or parts[0].lower() != b"bearer":
            return None
        token = parts[1].decode("latin-1") if len(parts) == 2 else ""
        key = cast("ScopedAPIView", request.parser_context["view"]).key_of(token)
        if key is None and token.startswith("wk_"):
            raise exceptions.AuthenticationFailed("This is a write key, which sends events. Send an API key: ak_…")
        if key is None:
            raise exceptions.AuthenticationFailed("The API key is wrong or was revoked.")
        return None, key

    def authenticate_header(self, request: Request) -> str:
        """Makes a missing key a 401 rather than a 403."""
        return "Bearer"


class ChangedAtOnce(exceptions.APIException):
    """Another transaction wrote the same row in the same moment; what was sent meets it when it is sent again."""

    status_code = status.HTTP_409_CONFLICT
    default_code = "conflict"
    default_detail = "Somebody else wrote the same in the same moment. Nothing was changed; send it again."


class HasScope(BasePermission):
    """The key must carry the scope that the view names for the method (`scopes = {"GET": …}`)."""

    def has_permission(self, request: Request, view: "APIView") -> bool:
        """Raises 401 without a key, 405 for a method that the view does not have, 403 naming the missing scope."""
        if not isinstance(request.auth, Key):
            raise exceptions.NotAuthenticated("Send an API key: Authorization: Bearer ak_…")
        scopes = cast("ScopedAPIView", view).scopes
        method = "GET" if request.method == "HEAD" else str(request.method)
        needed = next(iter(scopes.values())) if method == "OPTIONS" else scopes.get(method)
        if needed is None:
            raise exceptions.MethodNotAllowed(method)
        if needed not in request.auth.scopes:
            raise exceptions.PermissionDenied(f"This key lacks the scope {needed}.")
        return True


def _by_field(detail: Any) -> dict[str, Any]:
    """The framework's details as plain text by field, of a list by the place of the row; rows without a fault are left
    out.
    """
    found = _plain(detail)
    return found if isinstance(found, dict) else {"non_field_errors": found if isinstance(found, list) else [found]}


def _plain(detail: Any) -> Any:
    if isinstance(detail, dict):
        return {str(name): _plain(value) for name, value in detail.items()}
    if isinstance(detail, list | tuple):
        if any(isinstance(one, dict) for one in detail):
            return {str(place): _plain(one) for place, one in enumerate(detail) if one}
        return [_plain(one) for one in detail]
    return str(detail)


def one_error_shape(error: Exception, context: dict[str, Any]) -> Response | None:
    """`{"error": {"code", "message", "fields"}}` for every refusal."""
    from rest_framework.views import exception_handler

    if isinstance(error, CoreValidationError):
        fields = error.message_dict if hasattr(error, "error_dict") else {"non_field_errors": error.messages}
        error = exceptions.ValidationError(fields)
    if isinstance(error, RecursionError):
        error = exceptions.ParseError("The JSON is nested too deeply.")
    if is_nul_error(error):
        error = exceptions.ParseError("A text holds the character NUL (U+0000), which cannot be stored.")
    if is_at_once(error):
        error = ChangedAtOnce()
    if isinstance(error, RequestDataTooBig):
        error = BodyTooLarge()
    response = exception_handler(error, context)
    if response is None:
        return None
    code = "not_found" if isinstance(error, Http404) else getattr(error, "default_code", "error")
    body: dict[str, Any] = {"code": code, "message": str(getattr(error, "detail", error))}
    if response.status_code == status.HTTP_400_BAD_REQUEST and isinstance(error, exceptions.ValidationError):
        body = {
            "code": "invalid",
            "message": "Some values were refused; nothing was changed.",
            "fields": _by_field(error.detail),
        }
    response.data = {"error": body}
    return response
