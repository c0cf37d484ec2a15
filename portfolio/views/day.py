"""Which day a page shows."""

from dataclasses import dataclass
from datetime import date, datetime

from django.utils.timezone import now

from operations.days import local_date
from operations.selectors import day_of_request
from tenants.models import Tenant
from tenants.permissions import TenantRequest


@dataclass(frozen=True)
class PageDay:
    """The day whose figures a page shows; `known` is false before the first night, when it is the tenant's today.

    `computed_at`: when the figures were computed.
    """

    day: date
    provisional: bool
    known: bool
    computed_at: datetime | None = None


def page_day(request: TenantRequest) -> PageDay:
    """The last closed or provisional day; before the first, today, without figures."""
    shown = day_of_request(request, request.tenant)
    if shown is None:
        return PageDay(local_date(request.tenant.timezone, now()), provisional=False, known=False)
    return PageDay(shown.day, provisional=shown.provisional, known=True, computed_at=shown.computed_at)


def today_of(tenant: Tenant) -> date:
    """The tenant's local date now."""
    return local_date(tenant.timezone, now())
