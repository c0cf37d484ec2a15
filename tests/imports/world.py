"""A file brought in from start to end, as pages and workers do it."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.apps import apps

from imports.models import Import
from imports.registry import target_of
from imports.services import import_accept, import_advance, import_go, import_map, import_start, import_undo
from tenants.models import Member, Tenant
from tests.factories import AT

ACCOUNTS = 'External id,Name,Industry,ARR,Renewal date,Seats\nh1,Harbor,Ships,"1,200.50",2027-01-31,40\nh2,Inland,,,,\n'


def start(target: str, text: str | bytes, *, by: Member, name: str = "file.csv", at: datetime = AT) -> Import:
    """The file kept and its columns guessed."""
    found = target_of(target)
    assert found is not None
    raw = text if isinstance(text, bytes) else text.encode()
    return import_start(target=found, filename=name, raw=raw, by=by, at=at)


def check(
    tenant: Tenant, target: str, text: str | bytes, *, by: Member, mapping: Mapping[int, str] | None = None,
    accept: bool = False, at: datetime = AT, name: str = "file.csv",
) -> Import:  # fmt: skip
    """The file checked, with the guessed columns and `mapping` over them; `accept`: everything suggested."""
    of = start(target, text, by=by, name=name, at=at)
    chosen = {**{int(number): key for number, key in of.mapping.items()}, **(mapping or {})}
    import_map(of=of, mapping=chosen, tenant=tenant, at=at, by=by)
    import_advance(tenant=tenant, pk=of.pk, clock=lambda: at)
    if accept:
        of.refresh_from_db()
        keys = [one["key"] for one in of.suggestions if not one["other"]]
        import_accept(of=of, keys=keys, at=at, by=by)
        import_advance(tenant=tenant, pk=of.pk, clock=lambda: at)
    of.refresh_from_db()
    assert of.state == Import.State.READY, of.error
    return of


def run(tenant: Tenant, of: Import, *, by: Member, at: datetime = AT) -> Import:
    """The checked file imported."""
    import_go(of=of, at=at, by=by)
    import_advance(tenant=tenant, pk=of.pk, clock=lambda: at)
    of.refresh_from_db()
    assert of.state == Import.State.DONE, of.error
    return of


def bring(tenant: Tenant, target: str, text: str | bytes, *, by: Member, at: datetime = AT, **more: Any) -> Import:
    """The file checked and imported."""
    return run(tenant, check(tenant, target, text, by=by, at=at, **more), by=by, at=at)


def undo(tenant: Tenant, of: Import, *, by: Member, at: datetime = AT) -> Import:
    """The import put back."""
    import_undo(of=of, at=at, by=by)
    import_advance(tenant=tenant, pk=of.pk, clock=lambda: at)
    of.refresh_from_db()
    assert of.state == Import.State.UNDONE, of.error
    return of


# What only tells of the past, counts edits, or is written beside the thing itself.
_BESIDE = {"imports", "operations", "tenants"}
_HISTORY = {
    "accounts.AccountFieldHistory",
    "usage.Mark",
    "usage.EventName",
    "usage.Group",
    "usage.StaleMetric",
    "usage.OpenEpoch",
}
_COUNTERS = {"id", "pk", "version", "created_at", "name_key"}


def everything() -> dict[str, list[Any]]:
    """Every row of the tenant in scope that says something now, without numbers that only count."""
    found: dict[str, list[Any]] = {}
    for model in apps.get_models():
        label = model._meta.label
        names = {field.name for field in model._meta.local_fields}
        if "tenant" not in names or model._meta.app_label in _BESIDE or label in _HISTORY or label == "usage.Event":
            continue
        fields = [f.attname for f in model._meta.local_concrete_fields if f.attname not in _COUNTERS]
        manager: Any = model.objects  # type: ignore[attr-defined]
        found[label] = sorted(map(repr, manager.values_list(*fields)))
    return found
