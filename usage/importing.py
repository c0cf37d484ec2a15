"""Feature use that names no users: how often an account used something on a day."""

import json
from collections.abc import Sequence
from datetime import date
from typing import Any

from django.db.models import Min
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.importing import parts
from accounts.models import Contract, ContractLine, Feature
from imports.cleaning import Options, fold
from imports.registry import CREATED, MADE, Field, Past, Plan, Row, Target, Work, plain, planned
from tenants.services import audit_add
from usage.models import EventKind, UsageCount
from usage.services.counts import Count, counts_features, counts_set


def contract_options() -> Options:
    """The account of each contract, by the contract's id."""
    found = Contract.objects.values_list("external_id", "account__external_id")
    return Options({fold(key): key for key, _account in found}, {})


class CountTarget(Target):
    """A row counts uses of a feature by an account on a day; rows of the same three are added up."""

    key = "usage"
    label = gettext_lazy("Feature use")
    about = gettext_lazy("One row per account, day and feature with a count. Without users: no DAU follows from it.")
    icon = "features"
    tables = ("usage_usagecount", "usage_mark")

    def fields(self) -> list[Field]:
        """Who, when, what, how often."""
        return [
            Field("external_id", gettext_lazy("External id"), words=("usage id", "record id", "id", "编号")),
            parts.account_field(),
            Field("contract", gettext_lazy("Contract id"), "choice", (
                "contract id", "subscription id", "contract number", "合同编号", "订阅编号"), contract_options),
            Field("on", gettext_lazy("Day"), "date", (
                "usage date", "date", "day", "使用日期", "日期"), required=True, by_value=True),
            Field("feature", gettext_lazy("Feature"), words=(
                "feature name", "feature", "event", "module", "功能", "功能名称", "模块"), required=True),
            Field("uses", gettext_lazy("Uses"), "count", (
                "usage count", "count", "uses", "times", "使用次数", "次数")),
        ]  # fmt: skip

    def lacks(self, mapped: set[str]) -> list[Any]:
        """An account or a contract of one."""
        missing = super().lacks(mapped)
        return missing if mapped & {"account", "contract"} else [gettext_lazy("Account"), *missing]

    def twin(self, row: Row) -> str | None:
        """Each record stands in one row, where records have ids."""
        return row.values.get("external_id")

    def gather(self, rows: list[Row], work: Work) -> list[Row]:
        """Rows of one account, day and feature are one, added up; what lies outside of its contract is noted."""
        owners = dict(Contract.objects.values_list("external_id", "account__external_id"))
        terms = _terms()
        found: dict[tuple[Any, ...], Row] = {}
        bad: list[Row] = []
        before = outside = 0
        for row in rows:
            contract = str(row.values.get("contract", ""))
            account = row.values.get("account") or owners.get(contract)
            if not row.reasons and not account:
                row.refuse(_("The account is missing."))
            if row.is_out:
                bad.append(row)
                continue
            starts = terms.get(contract, [])
            on = row.values["on"]
            before += bool(starts) and on < starts[0][0]
            outside += bool(starts) and not any(start <= on < end for start, end in starts)
            key = (account, on, fold(row.values["feature"]))
            one = found.setdefault(key, Row(row.line, {**row.values, "account": account, "uses": 0}))
            one.values["uses"] += row.values.get("uses", 1)
            one.lines.append(row.line)
        work.memory.update(before=before, outside=outside)
        return bad + list(found.values())

    def findings(self, rows: Sequence[Row], work: Work) -> list[str]:
        """What such figures cannot say, and where they contradict the contracts."""
        found = [
            _("The file names no users. It counts towards features, breadth and the application gap; active users and "
              "time online cannot follow from it.")
        ]  # fmt: skip
        if outside := work.memory.get("outside", 0):
            said = _(
                "%(outside)d rows lie outside the term of their contract, %(before)d of them before it began. They are "
                "counted on their day all the same."
            )
            found.append(said % {"outside": outside, "before": work.memory.get("before", 0)})
        return found

    def plan(self, rows: Sequence[Row], work: Work) -> list[Plan]:
        """Against the counts that stand now."""
        accounts = parts.accounts_named(row.values.get("account", "") for row in rows)
        keys = [count_key(row) for row in rows]
        held = self._held(keys)
        plans = []
        for row, key in zip(rows, keys, strict=True):
            if not row.is_out:
                parts.account_of(row, accounts)
                if row.values["on"] > work.today:
                    row.refuse(_("This day lies in the future."))
            name = f"{row.values.get('account', '')} · {row.values.get('feature', '')}"
            values = {"uses": row.values.get("uses")}
            plans.append(planned(row, noun="usagecount", key=key, name=name, held=held.get(key), values=values))
        return plans

    def _held(self, keys: Sequence[str]) -> dict[str, dict[str, Any]]:
        named = [json.loads(key) for key in keys]
        days = {date.fromisoformat(day) for _account, day, _name in named if day}
        found = UsageCount.objects.filter(
            day__in=days,
            account__external_id__in={account for account, _day, _name in named},
            name__kind=EventKind.TRACK,
        ).values_list("account__external_id", "day", "name__name", "uses")
        return {_key(account, day, name): {"uses": uses} for account, day, name, uses in found}

    def write(self, plans: Sequence[Plan], work: Work) -> list[Plan]:
        """Features first, then all counts at once."""
        names = {plan.row.values["feature"] for plan in plans}
        made = counts_features(names=names, at=work.at, by=work.by, label=work.label)
        self._set([(plan.key, plan.after["uses"]) for plan in plans], work)
        return [Plan(Row(0), key, name, MADE, "feature") for key, name in made]

    def _set(self, uses: Sequence[tuple[str, int | None]], work: Work) -> None:
        named = [(json.loads(key), number) for key, number in uses]
        accounts = parts.accounts_named(account for (account, _day, _name), _number in named)
        counts = [
            Count(accounts[account].pk, date.fromisoformat(day), name, number)
            for (account, day, name), number in named
            if account in accounts
        ]
        counts_set(counts=counts, at=work.at)

    def present(self, past: Sequence[Past], work: Work) -> dict[str, dict[str, Any]]:
        """The counts as they are."""
        return self._held([one.key for one in past if one.noun == "usagecount"])

    def put_back(self, past: Sequence[Past], work: Work) -> dict[str, str]:
        """New counts go, the others are what they were; features that were made go where nothing counts for them."""
        own = [one for one in past if one.noun == "usagecount"]
        self._set([(one.key, None if one.fate == CREATED else one.before["uses"]) for one in own], work)
        for one in past:
            if one.fate == MADE:
                _feature_unmade(one.key, one.name, work)
        return {}


def _terms() -> dict[str, list[tuple[date, date]]]:
    """The terms of every contract, the earliest first."""
    found: dict[str, list[tuple[date, date]]] = {}
    lines = ContractLine.objects.order_by("start").values_list("contract__external_id", "start", "end")
    for contract, start, end in lines:
        found.setdefault(contract, []).append((start, end or date.max))
    return found


def _key(account: str, day: Any, name: str) -> str:
    return json.dumps([account, plain(day), name], ensure_ascii=False)


def count_key(row: Row) -> str:
    """The name of a count."""
    return _key(row.values.get("account", ""), row.values.get("on", ""), row.values.get("feature", ""))


def _feature_unmade(key: str, name: str, work: Work) -> None:
    feature = Feature.objects.filter(key=key).first()
    if feature is None or UsageCount.objects.filter(name__name=name).aggregate(first=Min("day"))["first"]:
        return
    audit_add(actor=work.by, action="delete", target=feature, at=work.at, label=work.label or None)
    feature.delete()
