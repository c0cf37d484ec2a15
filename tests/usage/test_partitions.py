"""Partitions: made by the owner, strays moved in, old ones dropped."""

from datetime import UTC, date, datetime

import pytest

from tenants.scope import tenant_scope
from tests.usage.world import call, make_tenant, send
from usage.partitions import partition_number, partitions_drop, partitions_ensure
from usage.sql import rows

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "owner"])
LONG_AGO = datetime(2019, 6, 15, 12, tzinfo=UTC)
WHERE = "SELECT DISTINCT tableoid::regclass::text FROM usage_event WHERE tenant_id = %(tenant)s"


def test_an_event_without_a_partition_is_kept_and_moves_into_its_own_once_that_is_made() -> None:
    tenant = make_tenant("strays")
    send(tenant, call("track", "u", LONG_AGO.isoformat()), at=LONG_AGO)
    with tenant_scope(tenant):
        assert rows(WHERE) == [("usage_event_default",)]
    try:
        assert partitions_ensure(today=LONG_AGO.date()) > 30
        assert partitions_ensure(today=LONG_AGO.date()) == 0
        with tenant_scope(tenant):
            assert rows(WHERE) == [(f"usage_event_p{partition_number(LONG_AGO.date())}",)]
            [forced] = rows(
                "SELECT relforcerowsecurity FROM pg_class WHERE oid = 'usage_event_default'::regclass AND %(tenant)s "
                "> 0"
            )
            assert forced == (True,)
    finally:
        assert partitions_drop(before=date(2021, 1, 1)) > 30
    with tenant_scope(tenant):
        assert rows(WHERE) == []


def test_only_partitions_that_are_wholly_older_are_dropped() -> None:
    first = partitions_ensure(today=date(2018, 6, 1))
    number = partition_number(date(2018, 6, 1))
    keep = date.fromordinal(date(1970, 1, 1).toordinal() + number * 14)
    dropped = partitions_drop(before=keep)
    assert 0 < dropped < first
    assert partitions_drop(before=keep) == 0
    partitions_drop(before=date(2021, 1, 1))
