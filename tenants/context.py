"""What every page knows of where it is."""

from typing import Any

from django.http import HttpRequest

from tenants.permissions import GRANTED


def tenant(request: HttpRequest) -> dict[str, Any]:
    """The tenant, the member, and the names of the member's permissions."""
    member = getattr(request, "member", None)
    may = {permission.value for permission in GRANTED[member.role]} if member else set()
    return {"tenant": getattr(request, "tenant", None), "member": member, "may": may}
