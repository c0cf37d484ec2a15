"""What each role may do, and the one decorator through which every page of a tenant passes."""

from collections.abc import Callable
from enum import Enum
from functools import wraps
from typing import Any, cast

from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.utils.timezone import now

from tenants.models import Member, Role, Tenant
from tenants.services import member_seen


class TenantRequest(HttpRequest):
    """A request inside `/t/<slug>/` of a signed-in member."""

    tenant: Tenant
    member: Member


class Permission(Enum):
    """A kind of act. Roles map to these; code asks for these, never for a role."""

    READ = "read"
    FILL = "fill"  # hand-overs of accounts that one sees
    WORK = "work"
    MANAGE = "manage"
    ADMINISTER = "administer"


_READERS = {Permission.READ}
GRANTED: dict[str, frozenset[Permission]] = {
    Role.VIEWER: frozenset(_READERS),
    Role.CONTRIBUTOR: frozenset(_READERS | {Permission.FILL}),
    Role.CSM: frozenset(_READERS | {Permission.FILL, Permission.WORK}),
    Role.MANAGER: frozenset(_READERS | {Permission.FILL, Permission.WORK, Permission.MANAGE}),
    Role.ADMIN: frozenset(Permission),
}

View = Callable[..., HttpResponseBase]


def is_allowed(member: Member, permission: Permission) -> bool:
    """Whether the member's role carries the permission."""
    return permission in GRANTED[member.role]


def member_required(permission: Permission) -> Callable[[View], View]:
    """Let a view run for members with the permission.

    Signed out: to the sign-in page. No member of this tenant (or a deactivated one): 404, as if it did not exist.
    A member without the permission: 403.
    """

    def decorate(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, slug: str, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if not request.user.is_authenticated:
                return cast(HttpResponse, redirect_to_login(request.get_full_path()))
            member = getattr(request, "member", None)
            if member is None:
                raise Http404
            if not is_allowed(member, permission):
                raise PermissionDenied
            member_seen(member=member, at=now())
            return view(cast(TenantRequest, request), *args, **kwargs)

        guarded.permission = permission  # type: ignore[attr-defined]  # read by the guard test of every URL
        return guarded

    return decorate
