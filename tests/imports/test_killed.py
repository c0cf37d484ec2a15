"""The process that imports is killed again and again; the next one goes on, nothing comes twice and nothing is lost."""

import os
import signal
import time
from datetime import UTC, datetime

import pytest
from django.db import connections

from accounts.models import Account, AccountFieldHistory
from imports.models import Import, ImportRow
from imports.services import advance, import_advance, import_go, import_undo
from tenants.models import AuditEntry, Tenant
from tenants.scope import tenant_scope
from tests.factories import AT, make_tenant
from tests.imports.world import check, everything

pytestmark = pytest.mark.django_db(transaction=True)
ROWS = 400
TEXT = "External id,Name,Industry,Seats\n" + "".join(f"a{n},Company {n},Steel,{n}\n" for n in range(ROWS))


def work_and_be_killed(tenant: Tenant, of: Import, *, after: int) -> bool:
    """Let a process of its own go on with the import, and kill -9 it once some more rows are done; whether it was."""
    start = position(tenant, of)
    pid = os.fork()
    if pid == 0:
        held = [connection.connection for connection in connections.all()]  # the parent's: kept, never closed
        for connection in connections.all():
            connection.connection = None
        try:
            import_advance(tenant=tenant, pk=of.pk, clock=lambda: datetime.now(UTC))
        finally:
            os._exit(0 if held else 1)
    until = time.monotonic() + 60
    while True:
        if time.monotonic() > until:
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)
            pytest.fail("the import made no progress for a minute")
        done, _status = os.waitpid(pid, os.WNOHANG)
        if done:
            return False
        if position(tenant, of) - start >= after:
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)
            return True
        time.sleep(0.002)


def position(tenant: Tenant, of: Import) -> int:
    """How many rows are done, of the import or of its undoing."""
    with tenant_scope(tenant):
        now = Import.objects.get(pk=of.pk)
        return (
            now.position if now.state == Import.State.RUNNING else sum(now.counts.get(n, 0) for n in ("back", "kept"))
        )


def test_an_import_killed_at_any_moment_ends_whole_and_can_be_undone_under_kills(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(advance, "AT_ONCE", 15)
    made = make_tenant("killed")
    with tenant_scope(made.tenant):
        before = everything()
        of = check(made.tenant, "accounts", TEXT, by=made.admin)
        import_go(of=of, at=AT, by=made.admin)
    kills = sum(work_and_be_killed(made.tenant, of, after=rows) for rows in (1, 40, 16, 90, 1))
    import_advance(tenant=made.tenant, pk=of.pk, clock=lambda: AT)
    assert kills >= 3
    with tenant_scope(made.tenant):
        of.refresh_from_db()
        assert (of.state, of.counts["created"], of.position) == (Import.State.DONE, ROWS, ROWS)
        assert Account.objects.count() == ROWS
        assert ImportRow.objects.filter(of=of).count() == ROWS
        assert AuditEntry.objects.filter(noun="account", action="create").count() == ROWS
        assert AccountFieldHistory.objects.filter(field="segment").count() in (0, ROWS)
        import_undo(of=of, at=AT, by=made.admin)
    kills = sum(work_and_be_killed(made.tenant, of, after=rows) for rows in (1, 60, 30))
    import_advance(tenant=made.tenant, pk=of.pk, clock=lambda: AT)
    assert kills >= 2
    with tenant_scope(made.tenant):
        of.refresh_from_db()
        assert (of.state, of.counts["back"], of.counts["kept"]) == (Import.State.UNDONE, ROWS, 0)
        assert everything() == before
