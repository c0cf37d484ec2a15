"""Customers that left: the outcome of the contract lines that ran on that day."""

import json
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accounts.importing import parts
from accounts.importing.lines import line_key, line_state, lines_by_key, lines_running, rows_of_lines
from accounts.models import ContractLine, CustomField
from accounts.selectors.fields import field_list, values_of_ids
from accounts.services import contracts_upsert
from common.plausible import When
from imports.cleaning import Refused, fold, read_flag
from imports.registry import CHANGED, REFUSED, UNCHANGED, Field, Past, Plan, Row, Target, Work, plain

FIELDS = ("end", "outcome", "outcome_date", "reason")
FLAGGED = ("churn", "lost", "cancel", "流失", "退订")


class LossTarget(Target):
    """A row says that an account left on a day: its lines that ran then ended so, and are lost."""

    key = "losses"
    label = gettext_lazy("Losses")
    about = gettext_lazy("One row per customer that left: the day and the reason. Its running contract lines are lost.")
    icon = "warning"

    def fields(self) -> list[Field]:
        """Account, day, reason."""
        return [
            parts.account_field(required=True),
            Field("on", gettext_lazy("Lost on"), "date", (
                "churn date", "lost on", "churned at", "cancelled on", "cancellation date", "end date", "date",
                "流失日期",
                "流失时间", "退订日期", "日期"), required=True, by_value=True),
            Field("reason", gettext_lazy("Reason"), words=(
                "reason code", "churn reason", "reason", "流失原因", "原因"), longest=140),
            Field("note", gettext_lazy("In their words"), "note", (
                "feedback text", "feedback", "comment", "note", "客户反馈", "反馈", "备注", "说明")),
        ]  # fmt: skip

    def twin(self, row: Row) -> str | None:
        """An account leaves once a day."""
        return loss_key(row)

    def gather(self, rows: list[Row], work: Work) -> list[Row]:
        """In the order of time: a loss decides which lines the next one finds."""
        return sorted(rows, key=lambda row: (row.values.get("on") or date.max, row.line))

    def findings(self, rows: Sequence[Row], work: Work) -> list[str]:
        """What the accounts' own flags say otherwise, and who left several times."""
        fine = [row for row in rows if not row.reasons]
        left = {row.values["account"] for row in fine}
        again = len(fine) - len(left)
        found = []
        if again:
            said = ngettext(
                "%(n)d row is about an account that had left before. Each ends the lines that ran on its own day.",
                "%(n)d rows are about accounts that had left before. Each ends the lines that ran on its own day.",
                again,
            )
            found.append(said % {"n": again})
        return found + [self._contradiction(label, flagged, left) for label, flagged in flags() if flagged != left]

    def _contradiction(self, label: str, flagged: set[str], left: set[str]) -> str:
        return _(
            "The field “%(field)s” contradicts these losses: it marks %(flagged)d accounts, the file names %(left)d, "
            "and %(both)d are in both. The losses are taken as what happened; the field stays as it is."
        ) % {"field": label, "flagged": len(flagged), "left": len(left), "both": len(flagged & left)}

    def plan(self, rows: Sequence[Row], work: Work) -> list[Plan]:
        """Against the lines that ran on each day."""
        accounts = parts.accounts_named(row.values.get("account", "") for row in rows)
        lines = lines_running([account.pk for account in accounts.values()])
        plans = []
        for row in rows:
            account = parts.account_of(row, accounts)
            parts.believed(row, work, {"on": When.TERM})
            plan = Plan(row, loss_key(row) or "", str(account or ""), UNCHANGED, "loss")
            if account is not None and not row.reasons:
                self._lose(plan, lines.get(account.pk, []))
            plan.fate = REFUSED if row.reasons else CHANGED if plan.after else UNCHANGED
            plans.append(plan)
        return plans

    def _lose(self, plan: Plan, lines: Sequence[ContractLine]) -> None:
        """Note in the plan which lines are lost; they are, for the rows that follow."""
        values, on = plan.row.values, plan.row.values["on"]
        running = [
            line for line in lines if line.start <= on and (line.end is None or line.end > on) and not line.one_off
        ]
        told = [line for line in lines if line.outcome == "lost" and line.outcome_date == on]
        if not running and not told:
            plan.row.refuse(_("No contract line of this account ran on %(day)s.") % {"day": on.isoformat()})
        reason = _(": ").join(one for one in (values.get("reason"), values.get("note")) if one)[:300]
        for line in running:
            key = line_key(line.contract.external_id, line.external_id)
            plan.before[key] = _loss_state(line)
            line.end, line.outcome, line.outcome_date, line.reason = on, "lost", on, reason or line.reason
            plan.after[key] = _loss_state(line)

    def write(self, plans: Sequence[Plan], work: Work) -> list[Plan]:
        """One change a line: of several losses the last one."""
        self._set([plan.after for plan in plans], work)
        return []

    def _set(self, changes: Sequence[Mapping[str, Any]], work: Work) -> None:
        last = {key: values for change in changes for key, values in change.items()}
        held = lines_by_key(last)
        rows = rows_of_lines((line, last[key]) for key, line in held.items())
        contracts_upsert(tenant=work.tenant, rows=rows, at=work.at, by=work.by, label=work.label)

    def present(self, past: Sequence[Past], work: Work) -> dict[str, dict[str, Any]]:
        """The lines that each loss ended, as they are."""
        held = lines_by_key(key for one in past for key in one.after)
        return {one.key: {key: _loss_state(held[key]) for key in one.after if key in held} for one in past}

    def put_back(self, past: Sequence[Past], work: Work) -> dict[str, str]:
        """The lines run on as they did."""
        self._set([one.before for one in past], work)
        return {}


def loss_key(row: Row) -> str | None:
    """The name of a loss."""
    if not row.values.get("account") or not row.values.get("on"):
        return None
    return json.dumps([row.values["account"], plain(row.values["on"])], ensure_ascii=False)


def _loss_state(line: ContractLine) -> dict[str, Any]:
    state = line_state(line) if line.pk else {}
    return {name: state.get(name) for name in FIELDS}


def flags() -> list[tuple[str, set[str]]]:
    """Fields of accounts that seem to say who left: their labels, with the accounts that they mark."""
    from accounts.models import Account

    fields = [one for one in field_list() if any(word in fold(f"{one.key} {one.label}") for word in FLAGGED)]
    fields = [one for one in fields if one.kind in (CustomField.Kind.TEXT, CustomField.Kind.PICK)]
    if not fields:
        return []
    ids = dict(Account.objects.values_list("pk", "external_id"))
    held = values_of_ids(ids=list(ids), fields=fields)
    return [
        (one.label, {ids[pk] for pk, values in held.items() if _yes(values.get(one.pk))}) for one in fields
    ]  # fmt: skip


def _yes(text: Any) -> bool:
    try:
        return bool(text) and bool(read_flag(str(text)).value)
    except Refused:
        return False
