"""Payments received, as imports bring them."""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.importing import parts
from accounts.models import Payment
from accounts.services.payments import DAYS, PAYMENT_FIELDS, payment_delete, payments_upsert
from imports.registry import CREATED, Field, Past, Plan, Row, Target, Work, plain, planned, row_key


class PaymentTarget(Target):
    """A row is a payment; a refund is below zero. Without an id of its own, account, day, amount and note name it."""

    key = "payments"
    label = gettext_lazy("Payments")
    about = gettext_lazy("One row per payment, with its day and amount; a refund is an amount below zero.")
    icon = "money"
    tables = ("accounts_payment",)

    def fields(self) -> list[Field]:
        """The payment's fields."""
        return [
            Field("external_id", gettext_lazy("External id"), words=(
                "payment external id", "payment id", "payment number", "receipt number", "id", "回款编号", "流水号",
                "编号")),
            parts.account_field(required=True),
            Field("amount", gettext_lazy("Amount"), "refundable", (
                "amount", "payment amount", "paid", "collected", "received", "回款金额", "回款", "到账金额", "金额"),
                required=True),
            Field("currency", gettext_lazy("Currency"), words=("currency", "币种", "货币"), longest=3),
            Field("paid_on", gettext_lazy("Paid on"), "date", (
                "paid on", "payment date", "received on", "date", "回款日期", "到账日期", "日期"), required=True),
            Field("note", gettext_lazy("Note"), "note", ("note", "notes", "memo", "purpose", "备注", "摘要", "用途")),
        ]  # fmt: skip

    def twin(self, row: Row) -> str | None:
        """Each payment stands in one row."""
        return payment_key(row)

    def plan(self, rows: Sequence[Row], work: Work) -> list[Plan]:
        """Against the payments that stand now."""
        accounts = parts.accounts_named(row.values.get("account", "") for row in rows)
        keys = [payment_key(row) for row in rows]
        states = payment_states(keys)
        plans = []
        for row, key in zip(rows, keys, strict=True):
            account = parts.account_of(row, accounts)
            parts.believed(row, work, DAYS)
            held = states.get(key)
            if row.values.get("amount") == 0:
                row.refuse(_("A payment is more than nothing; a refund is negative."))
            if account and held and held["account"] != account.external_id:
                said = _("This payment belongs to the account “%(id)s”; a payment stays with its account.")
                row.refuse(said % {"id": held["account"]})
            values = {name: row.values[name] for name in ("account", *PAYMENT_FIELDS) if name in row.values}
            name = f"{account.name if account else ''} {plain(values.get('paid_on', ''))}".strip()
            plans.append(planned(row, noun="payment", key=key, name=name, held=held, values=values))
        return plans

    def write(self, plans: Sequence[Plan], work: Work) -> list[Plan]:
        """All at once."""
        rows = [_service_row(plan.key, plan.row.values) for plan in plans]
        payments_upsert(tenant=work.tenant, rows=rows, at=work.at, by=work.by, label=work.label)
        return []

    def present(self, past: Sequence[Past], work: Work) -> dict[str, dict[str, Any]]:
        """The payments as they are."""
        return payment_states([one.key for one in past])

    def put_back(self, past: Sequence[Past], work: Work) -> dict[str, str]:
        """New payments go; the others say again what they said."""
        held = {payment.external_id: payment for payment in _held([one.key for one in past])}
        rows = []
        for one in past:
            if one.key not in held:
                continue
            if one.fate == CREATED:
                payment_delete(payment=held[one.key], at=work.at, by=work.by, label=work.label)
            else:
                rows.append({"external_id": one.key, **_typed(one.before)})
        payments_upsert(tenant=work.tenant, rows=rows, at=work.at, by=work.by, label=work.label)
        return {}


def payment_key(row: Row) -> str:
    """A payment's own id, else one made of what it says."""
    return row_key(row, "account", "paid_on", "amount", "note")


def payment_states(keys: Sequence[str]) -> dict[str, dict[str, Any]]:
    """What payments hold, plainly, by external id."""
    return {
        payment.external_id: {
            "account": payment.account.external_id,
            **{name: plain(getattr(payment, name)) for name in PAYMENT_FIELDS},
        }
        for payment in _held(keys)
    }


def _held(keys: Sequence[str]) -> list[Payment]:
    return list(Payment.objects.filter(external_id__in=list(keys)).select_related("account"))


def _service_row(key: str, values: Mapping[str, Any]) -> dict[str, Any]:
    own = {name: values[name] for name in PAYMENT_FIELDS if name in values}
    return {"external_id": key, "account_external_id": values["account"], **own}


def _typed(before: Mapping[str, Any]) -> dict[str, Any]:
    values = {name: value for name, value in before.items() if name in PAYMENT_FIELDS}
    if "amount" in values:
        values["amount"] = Decimal(values["amount"])
    if "paid_on" in values:
        values["paid_on"] = date.fromisoformat(values["paid_on"])
    return values
