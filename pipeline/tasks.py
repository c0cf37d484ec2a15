"""What beat and intake ask the workers to do. All of it may be lost: the ledger and the marks hold what is to be
done.
"""

import logging
from collections.abc import Callable

from celery import shared_task
from django.conf import settings
from django.utils.timezone import now

from operations.services import nights_plan
from pipeline.selectors import worker_sign
from pipeline.services import JOBS, nights_run, refresh
from tenants.models import Tenant
from tenants.selectors import tenant_list
from usage.services import partitions_keep

logger = logging.getLogger(__name__)


@shared_task
def tick() -> None:
    """Every minute: plan the nights that are due, run what may run, and work off what has come in."""
    at = now()
    worker_sign(settings.REDIS_URL)
    _for_each_tenant(lambda tenant: nights_plan(tenant=tenant, jobs=JOBS, at=at))
    nights_run(at=at)
    _for_each_tenant(lambda tenant: refresh(tenant=tenant, at=at))


def _for_each_tenant(work: Callable[[Tenant], object]) -> None:
    """Do the work of every tenant; one tenant's failure stops no other."""
    for tenant in tenant_list():
        try:
            work(tenant)
        except Exception:
            logger.exception("the minute's work of %s failed; it is tried again in the next", tenant.slug)


@shared_task
def refresh_tenant(tenant_id: int) -> None:
    """Intake's hint: something has come in for this tenant."""
    tenant = Tenant.objects.filter(pk=tenant_id, is_active=True).first()
    if tenant:
        refresh(tenant=tenant, at=now())


@shared_task
def partitions() -> None:
    """Every day: make the event partitions of the coming weeks."""
    partitions_keep(at=now())
