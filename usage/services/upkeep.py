"""Keeps the event table in shape: partitions ahead, old ones dropped, strays moved out of the default partition."""

import logging
from datetime import date, datetime, timedelta

from django.conf import settings

from tenants.models import Tenant
from usage.partitions import partitions_drop, partitions_ensure
from usage.services.slices import slices_mark_all
from usage.services.unpack import RETENTION_DAYS

logger = logging.getLogger(__name__)


def partitions_keep(*, at: datetime) -> int:
    """Make the partitions of the coming weeks and drop those older than the retention, as the owner; returns how many
    made.

    Where this process has no owner's address, it says so in the log: the migration job then has to do it.
    """
    if not settings.DATABASE_OWNER_URL:
        logger.error(
            "DATABASE_OWNER_URL is not set here: run `manage.py migrate --database owner` before partitions run out"
        )
        return 0
    partitions_drop(before=at.date() - timedelta(days=RETENTION_DAYS + 1))
    return partitions_ensure(today=at.date())


def zone_changed(*, tenant: Tenant, last: date) -> int:
    """The tenant's days begin at other instants now: mark all of the retention, so that they are built again."""
    return slices_mark_all(tenant=tenant, first=last - timedelta(days=RETENTION_DAYS), last=last + timedelta(days=1))
