"""Contracts: a row is a line of one; rows of one contract id make one contract."""

import re
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accounts.importing import parts
from accounts.importing.lines import line_key, line_state, lines_by_key, rows_of_lines
from accounts.models import Account, Contract, ContractLine, Product
from accounts.models import Plan as SoldPlan
from accounts.services import contracts_upsert, lines_remove, name_key, product_delete, product_save
from accounts.services.contracts import LINE_DAYS
from common.plausible import When
from imports.cleaning import Options, fold, options_of
from imports.registry import CREATED, MADE, Field, Past, Plan, Row, Target, Work, planned

MONTHS = {"1": ("monthly", "month", "月", "每月", "按月", "月付"), "3": ("quarterly", "quarter", "季", "每季", "季付"),
          "6": ("half-yearly", "semi-annual", "半年", "半年付"),
          "12": ("annual", "annually", "yearly", "year", "年", "每年", "按年", "年付")}  # fmt: skip
OUTCOMES = {
    "renewed": ("已续约", "续约", "yes"),
    "shrunk": ("缩减续约", "降级", "downgraded"),
    "lost": ("流失", "已流失", "churned", "cancelled", "canceled"),
}
OWN = ("product", "plan", "seats", "amount", "billing_months", "one_off", "start", "end", "outcome", "outcome_date",
       "reason", "currency", "notes")  # fmt: skip


def billing_options() -> Options:
    """How often is paid: months by word."""
    return options_of((months, words[0], words[1:]) for months, words in MONTHS.items())


def outcome_options() -> Options:
    """What became of a term."""
    return parts.choice_options(ContractLine.Outcome, OUTCOMES)


class ContractTarget(Target):
    """A row is a contract line. Amounts are what `billing_months` months cost; monthly or yearly sums do as well."""

    key = "contracts"
    label = gettext_lazy("Contracts")
    about = gettext_lazy("One row per contract line: product, seats, amount, start and end.")
    icon = "products"
    tables = ("accounts_contract", "accounts_contractline", "accounts_accountterm")

    def fields(self) -> list[Field]:
        """The line's fields and those of its contract."""
        return [
            Field("contract", gettext_lazy("Contract id"), words=(
                "contract id", "contract number", "contract no", "contract", "order id", "subscription id", "合同编号",
                "合同号", "合同id", "订单号", "订单编号"), longest=120),
            Field("line", gettext_lazy("Line id"), words=(
                "line id", "line", "item id", "external id", "id", "行号", "明细编号", "编号"), longest=120),
            parts.account_field(required=True),
            Field("product", gettext_lazy("Product"), words=(
                "product", "product name", "sku", "item", "plan tier", "subscription plan", "产品", "产品名称", "版本",
                "套餐"), longest=60),
            Field("plan", gettext_lazy("Plan"), words=("plan", "edition", "方案"), longest=60),
            Field("seats", gettext_lazy("Seats"), "count", (
                "seats", "licences", "licenses", "quantity", "席位", "席位数", "账号数", "许可数", "数量")),
            Field("amount", gettext_lazy("Amount"), "money", (
                "amount", "contract amount", "total", "price", "value", "tcv", "金额", "合同金额", "总金额", "合同额")),
            Field("billing_months", gettext_lazy("Months paid for"), "count", (
                "billing months", "months", "term months", "付费月数", "月数", "期限（月）", "合同期限")),
            Field("billing", gettext_lazy("Paid how often"), "choice", (
                "billing frequency", "billing period", "frequency", "付费周期", "付款周期", "付款方式"),
                billing_options),
            Field("mrr", gettext_lazy("Amount a month"), "money", (
                "mrr amount", "mrr", "monthly amount", "monthly fee", "月费", "月经常性收入")),
            Field("arr", gettext_lazy("Amount a year"), "money", (
                "arr amount", "arr", "annual amount", "annual fee", "年费", "年度经常性收入", "年合同额")),
            Field("one_off", gettext_lazy("One-off fee"), "flag", (
                "one off", "one-off", "one time", "一次性", "一次性费用")),
            Field("start", gettext_lazy("Start"), "date", (
                "start", "start date", "contract start", "effective date", "开始日期", "合同开始", "合同开始日期",
                "生效日期", "起始日期"), by_value=True),
            Field("end", gettext_lazy("End (first day not covered)"), "date", (
                "end", "end date", "contract end", "结束日期", "合同结束", "合同结束日期", "终止日期")),
            Field("last_day", gettext_lazy("Last day covered"), "date", (
                "last day", "valid until", "expiry date", "expires on", "到期日期", "到期日", "合同到期", "截止日期",
                "有效期至")),
            Field("currency", gettext_lazy("Currency"), words=("currency", "币种", "货币"), longest=3),
            Field("outcome", gettext_lazy("Outcome"), "choice", ("outcome", "renewal outcome", "续约结果", "结果"),
                  outcome_options),
            Field("outcome_date", gettext_lazy("Outcome decided on"), "date", ("outcome date", "结果日期", "续约日期")),
            Field("reason", gettext_lazy("Reason"), words=("reason", "churn reason", "流失原因", "原因"), longest=300),
            Field("notes", gettext_lazy("Notes"), "note", ("notes", "note", "备注")),
        ]  # fmt: skip

    def lacks(self, mapped: set[str]) -> list[Any]:
        """An account, a start, an amount, and an id of contract or line."""
        missing = super().lacks(mapped)
        wanted: tuple[tuple[Any, set[str]], ...] = (
            (gettext_lazy("Contract id"), {"contract", "line"}),
            (gettext_lazy("Start"), {"start"}),
            (gettext_lazy("Amount"), {"amount", "mrr", "arr"}),
        )
        return [*missing, *(label for label, any_of in wanted if not mapped & any_of)]

    def twin(self, row: Row) -> str | None:
        """Each line of a contract stands in one row."""
        contract, line = names(row)
        return line_key(contract, line)

    def findings(self, rows: Sequence[Row], work: Work) -> list[str]:
        """Terms that overlap, and ends that look like the last day covered."""
        fine = [row for row in rows if not row.reasons]
        found = []
        if overlaps := _overlaps(fine):
            found.append(
                ngettext(
                    "%(n)d term overlaps another of the same account and product: both count towards ARR and seats.",
                    "%(n)d terms overlap another of the same account and product: all count towards ARR and seats.",
                    overlaps,
                )
                % {"n": overlaps}
            )
        ends = [row.values["end"] for row in fine if row.values.get("end")]
        last = sum(1 for day in ends if (day + timedelta(days=1)).day == 1)
        if len(ends) >= 5 and last * 2 > len(ends):
            found.append(
                _(
                    "%(n)d of %(all)d ends are the last day of a month. If that day is still covered, choose “Last day "
                    "covered” for the column."
                )
                % {"n": last, "all": len(ends)}
            )
        return found

    def plan(self, rows: Sequence[Row], work: Work) -> list[Plan]:
        """Against the lines that stand now."""
        accounts = parts.accounts_named(row.values.get("account", "") for row in rows)
        keys = [line_key(*names(row)) for row in rows]
        held = lines_by_key(keys)
        owners = dict(
            Contract.objects.filter(external_id__in={names(row)[0] for row in rows}).values_list(
                "external_id", "account__external_id"
            )
        )
        shop = Shop()
        plans = []
        for row, key in zip(rows, keys, strict=True):
            account, line = parts.account_of(row, accounts), held.get(key)
            parts.believed(row, work, {**LINE_DAYS, "last_day": When.TERM})
            values = self._values(row, line, shop)
            self._refuse(row, values, line, account, owners.get(names(row)[0]))
            name = f"{account.name if account else ''} · {names(row)[0]}"
            state = line_state(line) if line else None
            plans.append(planned(row, noun="contractline", key=key, name=name, held=state, values=values))
        return plans

    def _values(self, row: Row, line: ContractLine | None, shop: "Shop") -> dict[str, Any]:
        """What a row says of its line, in the line's own terms."""
        given = row.values
        values = {name: given[name] for name in OWN if name in given}
        if "product" in given or line is None:
            values["product"] = shop.key_of(given.get("product") or str(_("Subscription")))
        values |= _amounts(given, line)
        if "last_day" in given:
            values["end"] = given["last_day"] + timedelta(days=1)
        if line is not None and line.outcome == ContractLine.Outcome.LOST and "outcome" not in values:
            values.pop("end", None)  # what was signed does not bring back a customer that left since
        return values

    def _refuse(
        self, row: Row, values: Mapping[str, Any], line: ContractLine | None, account: Account | None, owner: str | None
    ) -> None:
        if line is None and "amount" not in values:
            row.refuse(_("The amount is missing."))
        if line is None and "start" not in values:
            row.refuse(_("The start is missing."))
        if account is not None and owner is not None and owner != account.external_id:
            said = _("This contract belongs to the account “%(id)s”; a contract stays with its account.")
            row.refuse(said % {"id": owner})
        start = values.get("start") or (line.start if line else None)
        end = values.get("end")
        if start and end and end < start:
            row.refuse(_("The end %(end)s lies before the start %(start)s.") % {"end": end, "start": start})

    def write(self, plans: Sequence[Plan], work: Work) -> list[Plan]:
        """Products that are new are made first, then all contracts at once."""
        shop, made = Shop(), []
        for plan in plans:
            text = plan.row.values.get("product") or str(_("Subscription"))
            if "product" in plan.after and shop.make(text, work):
                made.append(Plan(Row(0), shop.key_of(text), text, MADE, "product"))
        rows: dict[str, dict[str, Any]] = {}
        held = lines_by_key(plan.key for plan in plans)
        for plan in plans:
            contract, line = names(plan.row)
            values = {n: v for n, v in self._values(plan.row, held.get(plan.key), shop).items() if n in plan.after}
            row = rows.setdefault(
                contract, {"external_id": contract, "account_external_id": plan.row.values["account"], "lines": []}
            )
            row.update({name: values.pop(name) for name in ("currency", "notes") if name in values})
            row["lines"].append({"external_id": line, **values})
        contracts_upsert(tenant=work.tenant, rows=list(rows.values()), at=work.at, by=work.by, label=work.label)
        return made

    def present(self, past: Sequence[Past], work: Work) -> dict[str, dict[str, Any]]:
        """The lines as they are."""
        held = lines_by_key(one.key for one in past if one.noun == "contractline")
        return {key: line_state(line) for key, line in held.items()}

    def put_back(self, past: Sequence[Past], work: Work) -> dict[str, str]:
        """New lines go, and contracts that are empty then; products that nobody sells any more; the rest as it was."""
        held = lines_by_key(one.key for one in past if one.noun == "contractline")
        changed = [(held[p.key], p.before) for p in past if p.key in held and p.fate != CREATED]
        if changed:
            rows = rows_of_lines(changed)
            contracts_upsert(tenant=work.tenant, rows=rows, at=work.at, by=work.by, label=work.label)
        gone = [held[one.key] for one in past if one.key in held and one.fate == CREATED]
        lines_remove(tenant=work.tenant, lines=gone, at=work.at, by=work.by, label=work.label)
        for one in past:
            if one.fate == MADE:
                product_unmade(one.key, work)
        return {}


def names(row: Row) -> tuple[str, str]:
    """The ids of a row's contract and line; either stands for the other where it is missing."""
    contract, line = row.values.get("contract"), row.values.get("line")
    return str(contract or line or ""), str(line or "1" if contract else line or "")


def _amounts(given: Mapping[str, Any], line: ContractLine | None) -> dict[str, Any]:
    """Amount and months, from whichever of the sums a row has."""
    if given.get("one_off"):
        return {"billing_months": None}
    months = given.get("billing_months") or (int(given["billing"]) if given.get("billing") else None)
    if "amount" in given:
        return {"billing_months": months or (line.billing_months if line else 12)}
    if "mrr" in given:
        return {"amount": Decimal(given["mrr"]), "billing_months": 1}
    if "arr" in given:
        return {"amount": Decimal(given["arr"]), "billing_months": 12}
    return {"billing_months": months} if months else {}


def _overlaps(rows: Sequence[Row]) -> int:
    """How many terms begin while an earlier one of the same account and product runs."""
    terms: dict[tuple[str, str], list[tuple[date, date]]] = {}
    for row in rows:
        start, end = row.values.get("start"), row.values.get("end") or row.values.get("last_day")
        if start:
            place = (row.values.get("account", ""), fold(row.values.get("product", "")))
            terms.setdefault(place, []).append((start, end or date.max))
    count = 0
    for found in terms.values():
        latest = date.min
        for start, end in sorted(found):
            count += start < latest
            latest = max(latest, end)
    return count


class Shop:
    """The products, found by key or name; `make` adds one that nobody has made yet."""

    def __init__(self) -> None:
        self._keys: dict[str, str] = {}
        self._there: set[str] = set()
        for product in Product.objects.order_by("-id"):
            self._keys[fold(product.name)] = product.key
            self._there.add(product.key)
        self._keys |= {fold(key): key for key in self._there}

    def key_of(self, text: str) -> str:
        """The key of a product, also of one that is not there yet."""
        return self._keys.get(fold(text)) or self._slug(text)

    def _slug(self, text: str) -> str:
        slug = re.sub(r"[^a-z0-9]+", "-", name_key(text).lower()).strip("-")[:60] or "product"
        return self._keys.setdefault(fold(text), slug)

    def make(self, text: str, work: Work) -> bool:
        """Make the product where it is new."""
        key = self.key_of(text)
        if key in self._there:
            return False
        product_save(values={"key": key, "name": text[:120]}, at=work.at, by=work.by, label=work.label)
        self._there.add(key)
        return True


def product_unmade(key: str, work: Work) -> None:
    """Take a product away that an import made, when nothing is sold or planned with it."""
    product = Product.objects.filter(key=key).first()
    if product is None or work.by is None:
        return
    if not (ContractLine.objects.filter(product=product).exists() or SoldPlan.objects.filter(product=product).exists()):
        product_delete(product=product, at=work.at, by=work.by)
