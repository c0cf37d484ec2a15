"""How the nights go, and whether the services are there."""

from datetime import date, datetime, timedelta
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.db import DatabaseError, connection, transaction
from django.http import HttpRequest, HttpResponseBase, JsonResponse
from django.shortcuts import redirect, render
from django.utils.timezone import now
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from operations.days import last_closable_day
from operations.selectors import closed_day, nights_of, overdue_nights
from operations.services import night_reopen, night_retry
from pipeline.selectors import backlog_of, worker_seen
from pipeline.services import JOBS
from tenants.permissions import Permission, TenantRequest, member_required
from tenants.selectors import tenant_list


@require_GET
@member_required(Permission.MANAGE)
def nights(request: TenantRequest) -> HttpResponseBase:
    """Per date and step of the tenant's nights: done, failed, waiting, how long, how much."""
    at = now()
    context = {
        "nights": nights_of(tenant=request.tenant),
        "jobs": JOBS,
        "due": last_closable_day(request.tenant.timezone, request.tenant.night_hour, at),
        "closed": closed_day(tenant=request.tenant),
        "backlog": backlog_of(tenant=request.tenant),
    }
    return render(request, "pipeline/nights.html", context)


@require_POST
@member_required(Permission.ADMINISTER)
def night_again(request: TenantRequest, day: date) -> HttpResponseBase:
    """Make the steps of a date that failed pending again; all of them where the last closed day has none that did, so
    that what came in since counts. The workers take them up within a minute.
    """
    if not night_retry(tenant=request.tenant, day=day, at=now()) and day == closed_day(tenant=request.tenant):
        night_reopen(tenant=request.tenant, day=day, jobs=JOBS)
        messages.success(
            request, _("The night runs again within a minute. Until it is done, pages show the day before.")
        )
    return redirect("nights", request.tenant.slug)


@require_GET
@transaction.non_atomic_requests
def healthz(request: HttpRequest) -> JsonResponse:
    """200 while the product answers, with the state of the database, Redis, workers and the last night."""
    at = now()
    states: dict[str, Any] = {"database": _database(), "redis": "unknown", "worker": "unknown", "last_night": None}
    states["redis"], states["worker"] = _redis_and_worker()
    if states["database"] == "ok":
        states["last_night"] = _last_night(at)
    states["status"] = "ok" if states["database"] == "ok" else "degraded"
    return JsonResponse(states)


def _database() -> str:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return "away"
    return "ok"


def _redis_and_worker() -> tuple[str, str]:
    """Whether Redis answers, and whether a worker has written its sign of life lately."""
    from redis import Redis, RedisError

    try:
        client = Redis.from_url(settings.REDIS_URL, socket_timeout=1, socket_connect_timeout=1)
        client.ping()
        return "ok", "ok" if worker_seen(client) else "away"
    except (RedisError, ValueError):
        return "away", "unknown"


def _last_night(at: datetime) -> dict[str, Any]:
    """The oldest of the tenants' last closed days, and how many steps are more than an hour late."""
    days = [closed_day(tenant=tenant) for tenant in tenant_list()]
    closed = [day for day in days if day]
    return {
        "oldest_closed_day": min(closed).isoformat() if closed else None,
        "tenants_without": len(days) - len(closed),
        "overdue_steps": overdue_nights(before=at - timedelta(hours=1)),
    }
