"""What every page knows of where it is."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from tenants.models import Member
from tenants.permissions import GRANTED
from tenants.selectors import own_membership_list


def tenant(request: HttpRequest) -> dict[str, Any]:
    """The tenant, the member, and the names of the member's permissions; whether this is a demo, which mails nobody."""
    member = getattr(request, "member", None)
    may = {permission.value for permission in GRANTED[member.role]} if member else set()
    return {
        "tenant": getattr(request, "tenant", None),
        "member": member,
        "may": may,
        "is_demo": settings.DEMO,
        "my_tenants": SimpleLazyObject(lambda: [own.tenant for own in _memberships(request)]),
    }


def _memberships(request: HttpRequest) -> list[Member]:
    """As the middleware found them below a tenant's address; elsewhere they are asked for."""
    found: list[Member] | None = getattr(request, "memberships", None)
    return own_membership_list() if found is None else found
