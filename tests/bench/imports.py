"""Importing 10,000 accounts by the import's own steps: checked, run with its progress, the same file again, undone."""

import os
import time
from datetime import date, timedelta

from accounts.models import Account
from accounts.services import custom_field_save
from imports.models import Import
from imports.registry import target_of
from imports.services import import_accept, import_advance, import_go, import_map, import_start, import_undo
from operations.models import Run
from tenants.models import Member, Tenant
from tenants.scope import tenant_scope
from tests.bench.results import Result
from tests.factories import AT, make_tenant

ACCOUNTS = int(os.environ.get("BENCH_ACCOUNTS", "10000"))
MOST_S = 60
HEAD = "External id,Name,Industry,Segment,Stage,Seats,Contract start,Renewal date,ARR,Colour,Score\n"


def run() -> list[Result]:
    """Time every step of one file."""
    made = make_tenant("imports-bench")
    tenant, raw = made.tenant, _file(ACCOUNTS)
    with tenant_scope(tenant):
        for label, kind in (("Colour", "text"), ("Score", "number")):
            custom_field_save(values={"label": label, "kind": kind}, at=AT, by=made.admin)
    first = _whole(tenant, made.admin, raw)
    again = _whole(tenant, made.admin, raw)
    with tenant_scope(tenant):
        kept, held = Account.objects.count(), Import.objects.get(pk=first[0])
        import_undo(of=held, at=AT, by=made.admin)
    back = _spent(tenant, first[0])
    with tenant_scope(tenant):
        left = Account.objects.count()
    if (kept, left) != (ACCOUNTS, 0):
        raise RuntimeError(f"{kept} accounts came in and {left} stayed")
    return [
        Result("import of 10,000 accounts: read and checked", first[1], "s"),
        Result("import of 10,000 accounts: written", first[2], "s"),
        Result("import of 10,000 accounts, from upload to result", first[1] + first[2], "s", MOST_S, at_least=False),
        Result("the same file again, from upload to result", again[1] + again[2], "s", MOST_S, at_least=False),
        Result("undoing it", back, "s", MOST_S, at_least=False),
        Result("steps of progress that a page could see", first[3], "steps", 10),
    ]


def _file(count: int) -> bytes:
    """Accounts with dates as people write them, day first, and a few mistyped stages."""
    stages = ("Training", "go live", "after sales", "Configuration", "Trainnig")
    lines = [HEAD]
    for n in range(count):
        start = date(2024, 1, 1) + timedelta(days=n % 700)
        cells = (
            f"a-{n}", f"Company {n} Ltd.", ("Ships", "Rail", "Food")[n % 3], "mid", stages[n % 5], str(n % 300),
            f"{start:%d.%m.%Y}", f"{start + timedelta(days=800):%d.%m.%Y}",
            f'"€{n % 900},{n % 1000:03d}.50"', f"c{n % 40}",
            str(n % 100),
        )  # fmt: skip
        lines.append(",".join(cells) + "\n")
    return "".join(lines).encode()


def _whole(tenant: Tenant, by: Member, raw: bytes) -> tuple[int, float, float, int]:
    """The import's number, seconds until it was ready and until it was done, and how often its progress moved."""
    target = target_of("accounts")
    if target is None:
        raise RuntimeError("nothing registers accounts")
    start = time.perf_counter()
    with tenant_scope(tenant):
        of = import_start(target=target, filename="bench.csv", raw=raw, by=by, at=AT)
        mapping = {int(number): key for number, key in of.mapping.items()}
        import_map(of=of, mapping=mapping, tenant=tenant, at=AT, by=by)
    _spent(tenant, of.pk)
    with tenant_scope(tenant):
        of.refresh_from_db()
        if of.suggestions and not set(of.accepted) >= {one["key"] for one in of.suggestions}:
            import_accept(of=of, keys=[one["key"] for one in of.suggestions if not one["other"]], at=AT, by=by)
    _spent(tenant, of.pk)
    checked = time.perf_counter() - start
    with tenant_scope(tenant):
        import_go(of=of, at=AT, by=by)
    seen: set[int] = set()
    spent = _spent(tenant, of.pk, seen)
    return of.pk, checked, spent, len(seen)


def _spent(tenant: Tenant, pk: int, seen: set[int] | None = None) -> float:
    """Work an import off; seconds. `seen`: every count that its progress showed."""
    from imports.services import advance

    original = advance._beat

    def beat(of: Import, done: int, total: int, at: object) -> None:
        original(of, done, total, AT)
        if seen is not None and of.run_id:
            seen.update(Run.objects.filter(pk=of.run_id).values_list("done", flat=True))

    advance._beat = beat
    start = time.perf_counter()
    try:
        import_advance(tenant=tenant, pk=pk, clock=lambda: AT)
    finally:
        advance._beat = original
    with tenant_scope(tenant):
        of = Import.objects.get(pk=pk)
    if of.state == Import.State.FAILED:
        raise RuntimeError(of.error)
    return time.perf_counter() - start
