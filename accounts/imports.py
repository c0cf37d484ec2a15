"""The import of accounts: planned row by row against what is held, applied only when confirmed.

A plan is made anew each time it is shown or applied, so that it never tells of a state that has passed.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from accounts.cells import Cell, cells
from accounts.models import Account, LifecycleStage
from accounts.selectors.fields import values_of
from accounts.services import accounts_upsert, terms_refused
from accounts.sheet import Sheet, SheetRow
from accounts.values import ValueRefused
from common.locks import ACCOUNT_IDS, transaction_lock
from operations.days import local_date
from operations.models import Run
from operations.services import run_finish, run_start
from tenants.models import Member, Role, Tenant

KIND = "account_import"
OWNERS = (Role.CSM, Role.MANAGER, Role.ADMIN)


@dataclass(frozen=True)
class PlannedRow:
    """What a row will do: create, change, same or refuse. `changes`: field, old, new."""

    line: int
    external_id: str
    name: str
    action: str
    changes: list[tuple[str, Any, Any]] = field(default_factory=list)
    reasons: list[str] = field(default_factory=list)
    values: Mapping[str, Any] = field(default_factory=dict)


def import_start(*, sheet: Sheet, filename: str, by: Member, at: datetime) -> Run:
    """Keep an upload, to be shown and confirmed. Nothing of it is applied."""
    rows = [{"line": r.line, "values": _stored(r.values), "reasons": r.reasons} for r in sheet.rows]
    params = {"rows": rows, "ignored": sheet.ignored}
    return run_start(kind=KIND, title=filename[:200], by=by, params=params, at=at)


def _stored(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: str(value) if isinstance(value, date | Decimal) else value for name, value in values.items()}


def _read(values: Mapping[str, Any]) -> dict[str, Any]:
    found = dict(values)
    for name in ("contract_start", "renewal_date"):
        if name in found:
            found[name] = date.fromisoformat(found[name])
    if "arr" in found:
        found["arr"] = Decimal(found["arr"])
    return found


def import_plan(*, run: Run, today: date) -> list[PlannedRow]:
    """What each row of an upload would do on the tenant's day `today`."""
    rows = [SheetRow(row["line"], _read(row["values"]), list(row["reasons"])) for row in run.params["rows"]]
    ids = [row.values["external_id"] for row in rows if "external_id" in row.values]
    held = {a.external_id: a for a in Account.objects.filter(external_id__in=ids).select_related("csm__user")}
    owners = _owners()
    named = {name for row in rows for name in row.values if name.startswith("c.")}
    custom = {key: cell for key, cell in cells().items() if key in named} if named else {}
    fields = [cell.custom for cell in custom.values() if cell.custom]
    values = values_of(holders=held.values(), fields=fields)
    return [_with_custom(_plan(row, held, owners, today), row, custom, held, values) for row in rows]


def custom_heads() -> dict[str, Cell]:
    """The tenant's fields by what a header may call them: label or key, whatever the case."""
    found = {cell.custom.key: cell for cell in cells().values() if cell.custom}
    return {**{str(cell.label).strip().lower(): cell for cell in found.values()}, **found}


def _with_custom(
    plan: PlannedRow,
    row: SheetRow,
    custom: Mapping[str, Cell],
    held: Mapping[str, Account],
    values: Mapping[int, Mapping[int, Any]],
) -> PlannedRow:
    """The plan of a row with its custom fields; refused where one cannot be read any more."""
    wanted = {name: text for name, text in row.values.items() if name.startswith("c.")}
    if not wanted or plan.action == "refuse":
        return plan
    account, typed, changes = held.get(plan.external_id), {}, list(plan.changes)
    for name, text in wanted.items():
        try:
            cell = custom[name]
            typed[name.removeprefix("c.")] = value = cell.typed(text)
        except (KeyError, ValueRefused) as error:
            reason = str(error) if isinstance(error, ValueRefused) else _("The field of a column is gone.")
            return replace(plan, action="refuse", reasons=[reason], changes=[], values={})
        before = values.get(account.pk, {}).get(cell.custom.pk) if account and cell.custom else None
        if before != value:
            changes.append((name, before, value))
    action = plan.action if plan.action == "create" or not changes else "change"
    return replace(plan, action=action, changes=changes, values={**plan.values, "custom": typed})


def _owners() -> dict[str, Member]:
    """Members who may look after accounts, by e-mail and by name where only one has it."""
    members = list(Member.objects.filter(is_active=True, role__in=OWNERS).select_related("user"))
    names = [member.user.name.lower() for member in members]
    found = {m.user.name.lower(): m for m in members if m.user.name and names.count(m.user.name.lower()) == 1}
    return {**found, **{member.user.email.lower(): member for member in members}}


def _plan(row: SheetRow, held: Mapping[str, Account], owners: Mapping[str, Member], today: date) -> PlannedRow:
    values = {name: value for name, value in row.values.items() if not name.startswith("c.")}
    reasons = list(row.reasons)
    external_id = str(values.pop("external_id", ""))
    if "csm" in values:
        owner = owners.get(str(values["csm"]).lower())
        if owner is None:
            reasons.append(_("Nobody who may look after accounts is called “%(name)s”.") % {"name": values["csm"]})
        values["csm"] = owner
    account = held.get(external_id)
    if account is not None and account.archived_at is not None:
        reasons.append(_("This account is archived; restore it first."))
    reasons += _order(values, account)
    if account is not None:
        reasons += terms_refused(account=account, values=values, today=today).values()
    name = str(values.get("name") or (account.name if account else external_id))
    if reasons:
        return PlannedRow(row.line, external_id, name, "refuse", reasons=reasons)
    changes = _changes(values, account)
    action = "create" if account is None else ("change" if changes else "same")
    return PlannedRow(
        row.line, external_id, name, action, changes=changes, values={"external_id": external_id, **values}
    )


def _order(values: Mapping[str, Any], account: Account | None) -> list[str]:
    """The renewal must lie after the start, whichever of the two the row brings."""
    start = values.get("contract_start") or (account.contract_start if account else None)
    end = values.get("renewal_date") or (account.renewal_date if account else None)
    brings = "contract_start" in values or "renewal_date" in values
    return [_("The renewal lies after the contract's start.")] if brings and start and end and end <= start else []


def _changes(values: Mapping[str, Any], account: Account | None) -> list[tuple[str, Any, Any]]:
    if account is None:
        return [(name, None, value) for name, value in values.items()]
    found = [(name, getattr(account, name), value) for name, value in values.items()]
    return [change for change in found if change[1] != change[2]]


def import_apply(*, run: Run, tenant: Tenant, by: Member, at: datetime) -> dict[str, Any]:
    """Apply what the upload plans now, once; refused rows are left out. Keeps and returns counts and fates of rows."""
    locked = Run.objects.select_for_update().get(pk=run.pk)
    if locked.state == Run.State.DONE:
        return dict(locked.result)
    transaction_lock(ACCOUNT_IDS, tenant.pk)  # what is planned now is what is applied
    plan = import_plan(run=locked, today=local_date(tenant.timezone, at))
    accounts_upsert(tenant=tenant, rows=[p.values for p in plan if p.action in ("create", "change")], at=at, by=by)
    result = {"counts": counts(plan), "rows": [_told(planned) for planned in plan]}
    Run.objects.filter(pk=run.pk).update(total=len(plan), done=len(plan), started_at=at)
    run_finish(run=locked, result=result, at=at)
    return result


def counts(plan: Sequence[PlannedRow]) -> dict[str, int]:
    """How many rows do what."""
    return {action: sum(1 for row in plan if row.action == action) for action in ("create", "change", "same", "refuse")}


def _told(row: PlannedRow) -> dict[str, Any]:
    changes = [[name, plain(name, old), plain(name, new)] for name, old, new in row.changes]
    told = {"line": row.line, "external_id": row.external_id, "name": row.name, "action": row.action}
    return {**told, "changes": changes, "reasons": row.reasons}


def plain(name: str, value: Any) -> str:
    """A field's value in words, empty for none."""
    if value in (None, ""):
        return ""
    if name == "lifecycle_stage":
        return str(dict(LifecycleStage.choices).get(value, value))
    return f"{value:f}" if isinstance(value, Decimal) else str(value)
