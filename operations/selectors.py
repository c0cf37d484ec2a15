"""Reads the ledger: which day a tenant sees, and how its nights went."""

from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Exists, Max, OuterRef, Q, QuerySet
from django.http import HttpRequest

from operations.models import Night, ProvisionalDay
from tenants.models import Tenant

SHOWING_JOB = "alerts"  # once this step is done, everything a page shows of the night is there


@dataclass(frozen=True)
class ShownDay:
    """The day whose figures the pages show: closed, or provisional while it still runs. `computed_at`: when."""

    day: date
    provisional: bool
    computed_at: datetime | None


def closed_day(*, tenant: Tenant) -> date | None:
    """The last local date whose night is complete; None before the first."""
    done = Night.objects.filter(tenant=tenant, job=SHOWING_JOB, state=Night.State.DONE)
    found: date | None = done.aggregate(last=Max("local_date"))["last"]
    return found


def shown_day(*, tenant: Tenant) -> ShownDay | None:
    """The day to show: the last closed one, or a later provisional one. A tenant sees yesterday's complete night until
    today's is complete."""
    closed = (
        Night.objects.filter(tenant=tenant, job=SHOWING_JOB, state=Night.State.DONE).order_by("-local_date").first()
    )
    provisional = ProvisionalDay.objects.filter(tenant=tenant).first()
    if provisional and (closed is None or provisional.local_date > closed.local_date):
        return ShownDay(provisional.local_date, provisional=True, computed_at=provisional.computed_at)
    return ShownDay(closed.local_date, provisional=False, computed_at=closed.finished_at) if closed else None


def day_of_request(request: HttpRequest, tenant: Tenant) -> ShownDay | None:
    """The day that the request's tenant sees, looked up once: a page and its head line speak of the same one."""
    held = vars(request)
    if "shown_day" not in held:
        held["shown_day"] = shown_day(tenant=tenant)
    found: ShownDay | None = held["shown_day"]
    return found


def last_planned_day(*, tenant: Tenant) -> date | None:
    """The last local date that stands in the ledger."""
    found: date | None = Night.objects.filter(tenant=tenant).aggregate(last=Max("local_date"))["last"]
    return found


def claimable_nights(*, at: datetime, tenant: Tenant | None = None) -> QuerySet[Night]:
    """Steps that may run now: due, with every earlier step of their date done and no earlier date still to do."""
    same = Night.objects.filter(tenant=OuterRef("tenant"))
    earlier_step = same.filter(local_date=OuterRef("local_date"), position__lt=OuterRef("position")).exclude(
        state=Night.State.DONE
    )
    earlier_date = same.filter(local_date__lt=OuterRef("local_date"), state=Night.State.PENDING).filter(
        ~Exists(
            Night.objects.filter(tenant=OuterRef("tenant"), local_date=OuterRef("local_date"), state=Night.State.FAILED)
        )
    )
    nights = Night.objects.filter(state=Night.State.PENDING, not_before__lte=at)
    if tenant is not None:
        nights = nights.filter(tenant=tenant)
    return nights.filter(~Exists(earlier_step) & ~Exists(earlier_date)).order_by("local_date", "tenant", "position")


def nights_of(*, tenant: Tenant, limit: int = 30) -> list[list[Night]]:
    """The steps of the last nights, newest date first, one list per date."""
    dates = (
        Night.objects.filter(tenant=tenant).order_by("-local_date").values_list("local_date", flat=True).distinct()
    )[:limit]
    steps = Night.objects.filter(tenant=tenant, local_date__in=list(dates)).order_by("-local_date", "position", "shard")
    by_date: dict[date, list[Night]] = {}
    for step in steps:
        by_date.setdefault(step.local_date, []).append(step)
    return list(by_date.values())


def overdue_nights(*, before: datetime) -> int:
    """How many steps have been due since before the given instant."""
    return Night.objects.filter(Q(state=Night.State.PENDING) & Q(not_before__lt=before)).count()
