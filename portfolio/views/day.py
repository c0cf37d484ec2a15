"""Which day a page shows."""

from dataclasses import dataclass
from datetime import date

from django.utils.timezone import now

from operations.days import local_date
from operations.selectors import shown_day
from tenants.models import Tenant


@dataclass(frozen=True)
class PageDay:
    """The day whose figures a page shows; `known` is false before the first night, when it is the tenant's today."""

    day: date
    provisional: bool
    known: bool


def page_day(tenant: Tenant) -> PageDay:
    """The last closed or provisional day; before the first, today, without figures."""
    shown = shown_day(tenant=tenant)
    if shown is None:
        return PageDay(local_date(tenant.timezone, now()), provisional=False, known=False)
    return PageDay(shown.day, provisional=shown.provisional, known=True)


def today_of(tenant: Tenant) -> date:
    """The tenant's local date now."""
    return local_date(tenant.timezone, now())
