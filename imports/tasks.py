"""What the workers do for imports. Any of it may be lost: the import itself says what is still to do."""

import logging

from celery import current_app, shared_task
from django.utils.timezone import now

from imports.selectors import imports_stalled
from imports.services import import_advance
from tenants.models import Tenant
from tenants.scope import tenant_scope
from tenants.selectors import tenant_list

logger = logging.getLogger(__name__)


@shared_task
def import_work(tenant_id: int, pk: int) -> None:
    """Do what an import waits for."""
    tenant = Tenant.objects.filter(pk=tenant_id, is_active=True).first()
    if tenant:
        import_advance(tenant=tenant, pk=pk, clock=now)


@shared_task
def imports_tick() -> None:
    """Twice a minute: go on with imports whose worker is gone, or whose hint was lost."""
    for tenant in tenant_list():
        with tenant_scope(tenant):
            stalled = imports_stalled(at=now())
        for pk in stalled:
            import_advance(tenant=tenant, pk=pk, clock=now)


def import_hint(tenant_id: int, pk: int) -> None:
    """Tell the workers that an import waits. It may be lost: the tick finds it."""
    try:
        current_app.send_task("imports.tasks.import_work", [tenant_id, pk], retry=False, ignore_result=True)
    except Exception as error:
        logger.warning("no hint to the workers (%s); they look for themselves", type(error).__name__)
