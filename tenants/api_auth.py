"""Bearer keys, their scopes, and the one shape of an error of the API."""

from typing import Any, cast

from django.core.exceptions import ValidationError as CoreValidationError
from django.http import Http404
from django.utils.timezone import now
from rest_framework import exceptions, status
from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView, exception_handler

from tenants.models import Door, Key
from tenants.scope import request_scope
from tenants.selectors import door_of_token
from tenants.services import key_used


class ApiKeyAuthentication(BaseAuthentication):
    """`Authorization: Bearer ak_…`. The key's tenant becomes the scope of the view (see `ScopedAPIView`)."""

    def authenticate(self, request: Request) -> tuple[None, Key] | None:
        """The key, or None without a header; raises 401 for a key that is wrong or revoked."""
        parts = get_authorization_header(request).split()
        if not parts or parts[0].lower() != b"bearer":
            return None
        token = parts[1].decode("latin-1") if len(parts) == 2 else ""
        key = cast(ScopedAPIView, request.parser_context["view"]).key_of(token)
        if key is None:
            raise exceptions.AuthenticationFailed("The API key is wrong or was revoked.")
        return None, key

    def authenticate_header(self, request: Request) -> str:
        """Makes a missing key a 401 rather than a 403."""
        return "Bearer"


class HasScope(BasePermission):
    """The key must carry the scope that the view names for the method (`scopes = {"GET": …}`)."""

    def has_permission(self, request: Request, view: APIView) -> bool:
        """Raises 401 without a key; False (403) without the scope."""
        if not isinstance(request.auth, Key):
            raise exceptions.NotAuthenticated("Send an API key: Authorization: Bearer ak_…")
        method = "GET" if request.method in ("HEAD", "OPTIONS") else request.method
        return cast(ScopedAPIView, view).scopes.get(str(method), "") in request.auth.scopes


class ScopedAPIView(APIView):
    """An API view that runs in the scope of its key's tenant."""

    scopes: dict[str, str] = {}
    key: Key | None = None
    _scope: Any = None

    def key_of(self, token: str) -> Key | None:
        """The live API key with this secret; enters its tenant's scope for the rest of the request."""
        door = door_of_token(token=token, kind=Door.Kind.KEY) if token else None
        if door is None:
            return None
        self._scope = request_scope(tenant_id=door.tenant_id, user_id=None)
        self._scope.__enter__()
        self.key = Key.objects.filter(pk=door.object_id, kind=Key.Kind.API, revoked_at=None).first()
        if self.key:
            key_used(key=self.key, at=now())
            self.tenant = door.tenant
        return self.key

    def dispatch(self, request: Any, *args: Any, **kwargs: Any) -> Any:
        """Answer, and leave the scope whatever happened."""
        try:
            return super().dispatch(request, *args, **kwargs)
        finally:
            if self._scope is not None:
                self._scope.__exit__(None, None, None)


def _fields(detail: Any) -> Any:
    """DRF's details as plain text, per field where there are fields."""
    if isinstance(detail, dict):
        return {name: _fields(value) for name, value in detail.items()}
    if isinstance(detail, list):
        return [_fields(value) for value in detail]
    return str(detail)


def one_error_shape(error: Exception, context: dict[str, Any]) -> Response | None:
    """`{"error": {"code", "message", "fields"}}` for every refusal."""
    if isinstance(error, CoreValidationError):
        fields = error.message_dict if hasattr(error, "error_dict") else {"non_field_errors": error.messages}
        error = exceptions.ValidationError(fields)
    response = exception_handler(error, context)
    if response is None:
        return None
    code = "not_found" if isinstance(error, Http404) else getattr(error, "default_code", "error")
    body: dict[str, Any] = {"code": code, "message": str(getattr(error, "detail", error))}
    if response.status_code == status.HTTP_400_BAD_REQUEST and isinstance(error, exceptions.ValidationError):
        body = {
            "code": "invalid",
            "message": "Some values were refused; nothing was changed.",
            "fields": _fields(error.detail),
        }
    response.data = {"error": body}
    return response
