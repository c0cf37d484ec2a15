"""Contract lines as imports name them: by contract and line, with every value plain."""

import json
from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Q

from accounts.models import Contract, ContractLine
from imports.registry import plain

STATE = ("product", "plan", "seats", "amount", "billing_months", "one_off", "start", "end", "outcome", "outcome_date",
         "reason")  # fmt: skip
DAYS = ("start", "end", "outcome_date")


def line_key(contract: str, line: str) -> str:
    """The name of a line."""
    return json.dumps([contract, line], ensure_ascii=False)


def lines_by_key(keys: Iterable[str]) -> dict[str, ContractLine]:
    """Lines by their names."""
    wanted = {key: json.loads(key) for key in keys}
    contracts = {contract for contract, _line in wanted.values()}
    lines = ContractLine.objects.filter(contract__external_id__in=contracts)
    found = {line_key(one.contract.external_id, one.external_id): one for one in _with(lines)}
    return {key: found[key] for key in wanted if key in found}


def _with(lines: Any) -> Any:
    return lines.select_related("contract__account", "product", "plan").order_by("id")


def lines_of(contracts: Iterable[Contract]) -> list[ContractLine]:
    """The lines of some contracts."""
    return list(_with(ContractLine.objects.filter(contract__in=[one.pk for one in contracts])))


def lines_running(account_ids: Iterable[int], on: date | None = None) -> dict[int, list[ContractLine]]:
    """Lines of accounts, those that run on a day where one is given; by account."""
    lines = ContractLine.objects.filter(contract__account__in=list(account_ids))
    if on is not None:
        lines = lines.filter(Q(end=None) | Q(end__gt=on), start__lte=on)
    found: dict[int, list[ContractLine]] = {}
    for line in _with(lines):
        found.setdefault(line.contract.account_id, []).append(line)
    return found


def line_state(line: ContractLine) -> dict[str, Any]:
    """What a line holds, plainly; product and plan by key, with its contract's currency and notes."""
    own = {name: plain(getattr(line, name)) for name in STATE if name not in ("product", "plan")}
    more = {"product": line.product.key, "plan": line.plan.key if line.plan else None}
    return {**own, **more, "currency": line.contract.currency, "notes": line.contract.notes}


def typed(values: Mapping[str, Any]) -> dict[str, Any]:
    """Plain values of a line as services take them."""
    found = dict(values)
    for name in DAYS:
        if isinstance(found.get(name), str):
            found[name] = date.fromisoformat(found[name])
    if isinstance(found.get("amount"), str):
        found["amount"] = Decimal(found["amount"])
    return found


def rows_of_lines(changes: Iterable[tuple[ContractLine, Mapping[str, Any]]]) -> list[dict[str, Any]]:
    """Changes of lines as `contracts_upsert` takes them."""
    rows: dict[str, dict[str, Any]] = {}
    for line, values in changes:
        contract = line.contract
        row = rows.setdefault(
            contract.external_id,
            {"external_id": contract.external_id, "account_external_id": contract.account.external_id, "lines": []},
        )
        of_contract = {name: values[name] for name in ("currency", "notes") if name in values}
        row.update(of_contract)
        own = {name: value for name, value in values.items() if name not in of_contract}
        row["lines"].append({"external_id": line.external_id, **typed(own)})
    return list(rows.values())
