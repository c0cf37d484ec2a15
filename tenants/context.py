"""What every page knows of where it is."""

from typing import Any

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from tenants.permissions import GRANTED
from tenants.selectors import own_membership_list


def tenant(request: HttpRequest) -> dict[str, Any]:
    """The tenant, the member, and the names of the member's permissions."""
    member = getattr(request, "member", None)
    may = {permission.value for permission in GRANTED[member.role]} if member else set()
    return {
        "tenant": getattr(request, "tenant", None),
        "member": member,
        "may": may,
        "my_tenants": SimpleLazyObject(lambda: [own.tenant for own in own_membership_list()]),
    }
