"""How fresh the figures of a page are."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import SimpleLazyObject
from django.utils.timezone import now

from common import formats
from operations.days import last_closable_day
from operations.models import Night
from operations.selectors import ShownDay, day_of_request
from tenants.models import Tenant
from tenants.permissions import Permission, is_allowed

LATE = timedelta(hours=1)


@dataclass(frozen=True)
class Freshness:
    """The day whose figures a page shows. `state`: ok, provisional, failed (a night is missing) or none."""

    state: str
    day: date | None = None
    place: str = ""
    started: datetime | None = None
    message: str = ""
    url: str = ""


def freshness_of(*, tenant: Tenant, shown: ShownDay | None, at: datetime, url: str = "") -> Freshness:
    """How fresh the tenant's figures of the shown day are at an instant."""
    if shown is None:
        return Freshness("none", url=url)
    place = formats.place(tenant.timezone)
    if shown.provisional:
        return Freshness("provisional", shown.day, place, shown.computed_at)
    due = last_closable_day(tenant.timezone, tenant.night_hour, at - LATE)
    failed = Night.objects.filter(tenant=tenant, state=Night.State.FAILED, local_date__gt=shown.day).exists()
    if shown.day < due or failed:
        return Freshness("failed", shown.day, place, shown.computed_at, url=url)
    return Freshness("ok", shown.day, place, shown.computed_at)


def freshness(request: HttpRequest) -> dict[str, Any]:
    """The freshness of the request's tenant, worked out only where a template asks for it."""
    member = getattr(request, "member", None)
    if member is None:
        return {"freshness": None}

    def look() -> Freshness:
        url = reverse("nights", args=[member.tenant.slug]) if is_allowed(member, Permission.MANAGE) else ""
        return freshness_of(tenant=member.tenant, shown=day_of_request(request, member.tenant), at=now(), url=url)

    return {"freshness": SimpleLazyObject(look)}
