"""The base of the API's views."""

from typing import Any

from django.utils.timezone import now
from rest_framework.exceptions import NotFound
from rest_framework.pagination import CursorPagination
from rest_framework.request import Request
from rest_framework.views import APIView

from tenants.models import Door, Key
from tenants.scope import request_scope
from tenants.selectors import door_of_token
from tenants.services import key_used


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


class RowPages(CursorPagination):
    """Rows of one kind by pages with a cursor, the oldest first."""

    ordering = "id"
    page_size = 100
    page_size_query_param = "limit"
    max_page_size = 1000

    def decode_cursor(self, request: Request) -> Any:
        """The place in the list; 404 for a cursor that no page of ours gave."""
        cursor = super().decode_cursor(request)
        position = getattr(cursor, "position", None)
        if position is not None and not (position.isascii() and position.isdigit() and len(position) < 19):
            raise NotFound("Invalid cursor")
        return cursor
