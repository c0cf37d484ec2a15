"""What the workers do for back-tests and rescorings. Any of it may be lost: the work itself says that it waits."""

import logging

from celery import current_app, shared_task
from django.utils.timezone import now

from health.services import backtest_run, backtests_left, rescoring_run, rescorings_left
from tenants.models import Tenant
from tenants.scope import tenant_scope
from tenants.selectors import tenant_list

logger = logging.getLogger(__name__)


@shared_task
def backtest_work(tenant_id: int, pk: int) -> None:
    """Do a back-test that waits."""
    tenant = Tenant.objects.filter(pk=tenant_id, is_active=True).first()
    if tenant:
        backtest_run(tenant=tenant, pk=pk, clock=now)


@shared_task
def backtests_tick() -> None:
    """Every minute: do what no worker does, because it is gone or the hint was lost."""
    for tenant in tenant_list():
        with tenant_scope(tenant):
            left = backtests_left(at=now())
        for pk in left:
            backtest_run(tenant=tenant, pk=pk, clock=now)


def backtest_hint(tenant_id: int, pk: int) -> None:
    """Tell the workers that a back-test waits. It may be lost: the tick finds it."""
    _hint("health.tasks.backtest_work", tenant_id, pk)


def _hint(task: str, tenant_id: int, pk: int) -> None:
    try:
        current_app.send_task(task, [tenant_id, pk], retry=False, ignore_result=True)
    except Exception as error:
        logger.warning("no hint to the workers (%s); they look for themselves", type(error).__name__)


@shared_task
def rescoring_work(tenant_id: int, pk: int) -> None:
    """Do a rescoring that waits, or clear one that was removed."""
    tenant = Tenant.objects.filter(pk=tenant_id, is_active=True).first()
    if tenant:
        rescoring_run(tenant=tenant, pk=pk, clock=now)


@shared_task
def rescorings_tick() -> None:
    """Every minute: take up rescorings that no worker does, and clear removed ones."""
    for tenant in tenant_list():
        with tenant_scope(tenant):
            left = rescorings_left(at=now())
        for pk in left:
            rescoring_run(tenant=tenant, pk=pk, clock=now)


def rescoring_hint(tenant_id: int, pk: int) -> None:
    """Tell the workers that a rescoring waits or was removed. It may be lost: the tick finds it."""
    _hint("health.tasks.rescoring_work", tenant_id, pk)
