"""Takes many contract lines out at once, as if they had never been entered."""

from collections.abc import Sequence
from datetime import date, datetime

from accounts.models import Account, Contract, ContractLine
from accounts.services.terms import terms_refill
from accounts.signals import terms_changed
from common.locks import CONTRACT_IDS, transaction_lock
from operations.days import local_date
from tenants.models import Member, Tenant
from tenants.services import audit_entry, audits_add


def lines_remove(
    *, tenant: Tenant, lines: Sequence[ContractLine], at: datetime, by: Member | None, label: str = ""
) -> None:
    """Delete lines, and their contracts where nothing is left in them; the accounts' terms follow once."""
    if not lines:
        return
    transaction_lock(CONTRACT_IDS, tenant.pk)
    contracts = {line.contract_id: line.contract for line in lines}
    gone: dict[int, list[str]] = {}
    firsts: dict[int, date] = {}
    for line in lines:
        gone.setdefault(line.contract_id, []).append(line.external_id)
        account_id = contracts[line.contract_id].account_id
        if line.plan_id:
            firsts[account_id] = min(firsts.get(account_id, line.start), line.start)
    ContractLine.objects.filter(pk__in=[line.pk for line in lines]).delete()
    left = set(ContractLine.objects.filter(contract__in=list(contracts)).values_list("contract_id", flat=True))
    audits_add(
        [
            audit_entry(actor=by, action="change" if pk in left else "delete", target=contracts[pk], at=at,
                        changes={"lines": [ids, None]}, label=label or None)
            for pk, ids in gone.items()
        ]
    )  # fmt: skip
    Contract.objects.filter(pk__in=set(contracts) - left).delete()
    accounts = sorted({contract.account_id for contract in contracts.values()})
    terms_refill(tenant=tenant, today=local_date(tenant.timezone, at), account_ids=accounts)
    if firsts:
        terms_changed.send(sender=Account, firsts=firsts)
