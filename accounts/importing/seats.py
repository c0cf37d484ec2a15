"""How many seats accounts have: on their running contract line, else in the account's own field."""

from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.importing import parts
from accounts.importing.accounts import HELD
from accounts.importing.lines import line_key, line_state, lines_by_key, lines_running, rows_of_lines
from accounts.models import Account, ContractLine
from accounts.services import accounts_hold, accounts_upsert, contracts_upsert
from imports.registry import Field, Past, Plan, Row, Target, Work, plain, planned

ACCOUNT, LINE = "account", "contractline"


class SeatTarget(Target):
    """A row is an account and its seats; of several running lines it says which by its contract."""

    key = "seats"
    label = gettext_lazy("Seats")
    about = gettext_lazy("One row per account: how many seats it has now.")
    icon = "columns"

    def fields(self) -> list[Field]:
        """Account, seats, and the contract where an account has several."""
        return [
            parts.account_field(required=True),
            Field("seats", gettext_lazy("Seats"), "count", (
                "seats", "licences", "licenses", "users", "quantity", "席位", "席位数", "账号数", "许可数", "数量"),
                required=True, by_value=True),
            Field("contract", gettext_lazy("Contract id"), words=(
                "contract id", "contract number", "contract", "subscription id", "合同编号", "合同号"), longest=120),
        ]  # fmt: skip

    def twin(self, row: Row) -> str | None:
        """Each account, or each of its contracts, stands in one row."""
        return "\x1f".join((row.values.get("account", ""), row.values.get("contract", "")))

    def plan(self, rows: Sequence[Row], work: Work) -> list[Plan]:
        """Against the lines that run today."""
        accounts = parts.accounts_named(row.values.get("account", "") for row in rows)
        running = lines_running([account.pk for account in accounts.values()], work.today)
        plans = []
        for row in rows:
            account = parts.account_of(row, accounts)
            line = self._line(row, running.get(account.pk, []), account) if account else None
            key = line_key(line.contract.external_id, line.external_id) if line else row.values.get("account", "")
            held = line_state(line) if line else {"seats": account.seats if account else None}
            values = {"seats": row.values.get("seats")}
            noun = LINE if line else ACCOUNT
            plan = planned(row, noun=noun, key=key, name=str(account or key), held=held, values=values)
            if account and line is None and plan.before:
                plan.before[HELD] = account.held_fields
            plans.append(plan)
        return plans

    def _line(self, row: Row, running: Sequence[ContractLine], account: Account) -> ContractLine | None:
        """The line that the row means; None where the account's own field holds."""
        wanted = row.values.get("contract")
        fitting = [one for one in running if wanted in (None, one.contract.external_id) and not one.one_off]
        if len(fitting) > 1:
            known = _(", ").join(sorted({one.contract.external_id for one in fitting}))
            said = _("%(n)d contract lines run for this account (%(known)s). Import the lines as contracts instead.")
            row.refuse(said % {"n": len(fitting), "known": known})
        if not fitting and (wanted or account.terms_from and account.terms_from <= account.created_at.date()):
            row.refuse(_("No contract line of this account runs today."))
        return fitting[0] if len(fitting) == 1 else None

    def write(self, plans: Sequence[Plan], work: Work) -> list[Plan]:
        """Lines and accounts through their services."""
        self._set(((plan.noun, plan.key, plan.after) for plan in plans), work)
        return []

    def _set(self, changes: Any, work: Work) -> None:
        found = list(changes)
        held = lines_by_key(key for noun, key, _values in found if noun == LINE)
        lines = [(held[key], values) for noun, key, values in found if noun == LINE and key in held]
        who: dict[str, Any] = {"at": work.at, "by": work.by, "label": work.label}
        if lines:
            contracts_upsert(tenant=work.tenant, rows=rows_of_lines(lines), **who)
        own = [{"external_id": key, **values} for noun, key, values in found if noun == ACCOUNT]
        if own:
            accounts_upsert(tenant=work.tenant, rows=own, **who)

    def present(self, past: Sequence[Past], work: Work) -> dict[str, dict[str, Any]]:
        """The seats as they are."""
        lines = lines_by_key(one.key for one in past if one.noun == LINE)
        accounts = parts.accounts_named(one.key for one in past if one.noun == ACCOUNT)
        own = {key: {"seats": plain(account.seats)} for key, account in accounts.items()}
        return {**own, **{key: line_state(line) for key, line in lines.items()}}

    def put_back(self, past: Sequence[Past], work: Work) -> dict[str, str]:
        """The seats that were before."""
        self._set(((one.noun, one.key, {"seats": one.before["seats"]}) for one in past), work)
        accounts_hold(held={one.key: one.before[HELD] for one in past if HELD in one.before})
        return {}
