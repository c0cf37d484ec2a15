"""Accounts, with the tenant's own fields."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, override

from accounts.importing import parts
from accounts.models import Account, LifecycleStage
from accounts.selectors.lifecycle import stage_states
from accounts.services import (
    ARCHIVED,
    accounts_hold,
    accounts_remove,
    accounts_stage_back,
    accounts_upsert,
    terms_refused,
)
from accounts.services.accounts import ACCOUNT_DAYS
from accounts.stage_words import BUILT_IN
from common import formats
from imports.cleaning import Options, fold
from imports.likeness import bare_name, same_names
from imports.registry import CREATED, MADE, Alike, Field, Past, Plan, Row, Target, Work, plain, planned
from imports.words import value_words

STAGES = {
    "configuration": ("配置", "configuring"),
    "training": ("培训", "onboarding"),
    "go_live": ("上线", "go live", "live"),
    "after_sales": ("售后", "after sales", "support"),
    "expansion_renewal": ("续费增购", "expansion", "renewal"),
}
PARENT = "parent_external_id"
OWN = ("name", "industry", "segment", "lifecycle_stage", "csm", PARENT, "seats", "contract_start", "renewal_date",
       "arr", "currency")  # fmt: skip
STAGE = "stage_state"  # since when its stage was so, and the hold against the rules
HELD = "held_fields"  # which fields a person had edited before: undone, traits may write the others again


def stage_options() -> Options:
    """The stages by code, by the tenant's own names, and by the built-in ones in both languages."""
    said: dict[str, list[str]] = {str(code): list(STAGES.get(str(code), ())) for code in LifecycleStage.values}
    for language in parts.LANGUAGES:
        with override(language):
            for code, label in BUILT_IN.items():
                said[code].append(str(label))
    return parts.choice_options(LifecycleStage, said)


class AccountTarget(Target):
    """A row is an account: by its external id; without one by its name, which then is its id."""

    key = "accounts"
    label = gettext_lazy("Accounts")
    about = gettext_lazy("One row per customer. Unknown columns can become fields of your own.")
    icon = "account"
    holder = "account"
    tables = (
        "accounts_account", "accounts_accountvalue", "accounts_accountfieldhistory", "accounts_searchtoken",
    )  # fmt: skip

    def fields(self) -> list[Field]:
        """The account's fields, then the tenant's own."""
        return [
            Field("external_id", gettext_lazy("External id"), words=(
                "external id", "account id", "customer id", "group id", "company id", "id", "外部编号", "客户编号",
                "外部id", "客户id", "编号")),
            Field("name", gettext_lazy("Name"), words=(
                "name", "account name", "account", "customer name", "customer", "company name", "company", "client",
                "名称", "客户名称", "客户", "公司名称", "公司", "企业名称", "单位名称")),
            Field("industry", gettext_lazy("Industry"), words=("industry", "sector", "行业", "所属行业"), longest=80),
            Field("segment", gettext_lazy("Segment (field)"), words=(
                "segment", "tier", "客户分层", "分层", "客户分群", "细分", "客户类型"), longest=80),
            Field("lifecycle_stage", gettext_lazy("Stage"), "choice", (
                "stage", "lifecycle stage", "阶段", "服务阶段", "生命周期阶段"), stage_options),
            Field("csm", gettext_lazy("CSM"), "choice", (
                "csm", "csm email", "owner", "account owner", "account manager", "客户成功经理", "负责人", "负责人邮箱",
                "客户经理"), parts.member_options),
            Field(PARENT, gettext_lazy("Parent account (external id)"), words=(
                "parent", "parent account", "parent id", "parent external id", "上级客户", "上级客户编号", "母公司",
                "母公司编号", "集团编号"), longest=200),
            Field("seats", gettext_lazy("Seats (field)"), "count", (
                "seats", "licences", "licenses", "席位", "席位数", "账号数", "许可数", "用户数")),
            Field("contract_start", gettext_lazy("Contract start"), "date", (
                "contract start", "start date", "start", "signup date", "customer since", "合同开始", "合同开始日期",
                "签约日期", "开始日期"), by_value=True),
            Field("renewal_date", gettext_lazy("Renewal date"), "date", (
                "renewal date", "renewal", "contract end", "end date", "续约日期", "续约日", "续费日期", "合同到期",
                "到期日期")),
            Field("arr", gettext_lazy("ARR"), "money", (
                "arr", "annual recurring revenue", "annual value", "acv", "年度经常性收入", "年经常性收入", "年费",
                "年合同额"), by_value=True),
            Field("currency", gettext_lazy("Currency"), words=("currency", "币种", "货币"), longest=3),
            *parts.custom_fields("account"),
        ]  # fmt: skip

    def lacks(self, mapped: set[str]) -> list[Any]:
        """An id or a name."""
        return [] if mapped & {"external_id", "name"} else [gettext_lazy("External id"), gettext_lazy("Name")]

    def twin(self, row: Row) -> str | None:
        """Each account stands in one row."""
        key, name = row.values.get("external_id"), row.values.get("name")
        return f"id:{fold(key)}" if key else f"name:{fold(name)}" if name else None

    def named_too(self, row: Row) -> Sequence[str]:
        """A row without an id may mean the account of another by its name, which would be a new account's id."""
        name = row.values.get("name")
        if not name:
            return ()
        return (f"name:{fold(name)}",) if row.values.get("external_id") else (f"id:{fold(name)}",)

    def gather(self, rows: list[Row], work: Work) -> list[Row]:
        """Rows that mean one account by its id and by a name that another row changes contradict each other."""
        fine = [row for row in rows if not row.reasons]
        named = [row for row in fine if not row.values.get("external_id")]
        held = self._held(named)
        groups: dict[str, list[Row]] = {}
        for row in named:
            if account := held.get(f"name:{fold(row.values.get('name', ''))}"):
                groups.setdefault(account.external_id, []).append(row)
        for row in fine:
            if row.values.get("external_id") in groups:
                groups[row.values["external_id"]].append(row)
        parts.contradictions_refuse(groups.values())
        return rows

    def alike(self, rows: Sequence[Row], work: Work) -> list[Alike]:
        """New rows whose name is nearly that of an account, or of a row above; with them all rows of the same id."""
        held = dict(Account.objects.filter(archived_at=None).values_list("external_id", "name"))
        names = {fold(name) for name in held.values()}
        found: list[Alike] = []
        fresh = [r for r in rows if r.values.get("external_id") not in held and r.values.get("name")
                 and (r.values.get("external_id") or fold(r.values["name"]) not in names)]  # fmt: skip
        wanted = [(str(place), row.values["name"]) for place, row in enumerate(fresh)]
        for place, key in same_names(wanted, held).items():
            found.append(Alike(fresh[int(place)], key, f"{held[key]} ({key})"))
        return _all_of_an_id(found + _alike_in_file(fresh, {id(one.row) for one in found}), fresh)

    def take_alike(self, row: Row, key: str) -> None:
        """The row means that account; its name stays as it is known."""
        row.values["external_id"] = key
        row.values.pop("name", None)

    def plan(self, rows: Sequence[Row], work: Work) -> list[Plan]:
        """Against the accounts that stand now."""
        held = self._held(rows)
        states = account_states(held.values(), {key for row in rows for key in row.values})
        stages = stage_states(accounts=held.values())
        meant = [held.get(row.values.get("external_id") or f"name:{fold(row.values.get('name', ''))}") for row in rows]
        _circles_refuse(rows, meant)
        _orphans_refuse(rows)
        plans = []
        for row, account in zip(rows, meant, strict=True):
            parts.believed(row, work, ACCOUNT_DAYS)
            key = account.external_id if account else str(row.values.get("external_id") or row.values.get("name") or "")
            self._refuse(row, account, key, work)
            values = {name: value for name, value in row.values.items() if name != "external_id"}
            if account is None:
                values.setdefault("name", key)
            name = str(values.get("name") or (account.name if account else key))
            state = states.get(account.pk) if account else None
            plan = planned(row, noun="account", key=key, name=name, held=state, values=values)
            if account and plan.before:
                plan.before[HELD] = account.held_fields
                if "lifecycle_stage" in plan.before:
                    plan.before[STAGE] = stages[account.pk]
            plans.append(plan)
        return plans

    def _held(self, rows: Sequence[Row]) -> dict[str, Account]:
        """The accounts that rows mean, by external id, and by `name:` and the folded name where a row has no id."""
        found = parts.accounts_named(row.values["external_id"] for row in rows if row.values.get("external_id"))
        names = {row.values["name"] for row in rows if row.values.get("name") and not row.values.get("external_id")}
        if names:
            by_name: dict[str, list[Account]] = {}
            for account in Account.objects.filter(name__in=names).select_related("csm__user", "parent"):
                by_name.setdefault(fold(account.name), []).append(account)
            found |= {f"name:{name}": accounts[0] for name, accounts in by_name.items() if len(accounts) == 1}
            more = parts.accounts_named(names)
            found |= {f"name:{fold(key)}": account for key, account in more.items() if f"name:{fold(key)}" not in found}
        return found

    def _refuse(self, row: Row, account: Account | None, key: str, work: Work) -> None:
        if account is None and not row.reasons:
            _nameless_refuse(row, key, work)
        if account is not None and account.archived_at is not None:
            row.refuse(ARCHIVED)
        if account is not None:
            derived_left_out(row, account, work.today)
        start = row.values.get("contract_start") or (account.contract_start if account else None)
        end = row.values.get("renewal_date") or (account.renewal_date if account else None)
        brings = "contract_start" in row.values or "renewal_date" in row.values
        if brings and start and end and end <= start:
            row.refuse(_("The renewal lies after the contract's start."))

    def write(self, plans: Sequence[Plan], work: Work) -> list[Plan]:
        """All in a few statements."""
        values = service_values([plan.row.values for plan in plans])
        rows = [{"external_id": plan.key, **one} for plan, one in zip(plans, values, strict=True)]
        for plan, row in zip(plans, rows, strict=True):
            if plan.fate == CREATED:
                row.setdefault("name", plan.name)
        accounts_upsert(tenant=work.tenant, rows=rows, at=work.at, by=work.by, label=work.label)
        return []

    def present(self, past: Sequence[Past], work: Work) -> dict[str, dict[str, Any]]:
        """The accounts as they are, with every field that the import wrote."""
        held = parts.accounts_named(one.key for one in past if one.noun == "account")
        states = account_states(held.values(), {key for one in past for key in one.after})
        return {key: states[account.pk] for key, account in held.items()}

    def put_back(self, past: Sequence[Past], work: Work) -> dict[str, str]:
        """New accounts go, unless somebody has worked with them; the others hold again what they held."""
        held = parts.accounts_named(one.key for one in past if one.noun == "account")
        reasons = self._remove([held[p.key] for p in past if p.fate == CREATED and p.key in held], work)
        changed = [one for one in past if one.fate not in (CREATED, MADE) and one.key in held]
        back = []
        for one, values in zip(changed, typed([one.before for one in changed]), strict=True):
            if refused := terms_refused(account=held[one.key], values=values, today=work.today):
                reasons[one.key] = formats.sentences(refused.values())
            else:
                back.append({"external_id": one.key, **values})
        accounts_upsert(tenant=work.tenant, rows=back, at=work.at, by=work.by, label=work.label)
        gone = {row["external_id"] for row in back}
        accounts_hold(held={one.key: one.before[HELD] for one in past if one.key in gone and HELD in one.before})
        accounts_stage_back(
            stages={one.key: one.before[STAGE] for one in past if one.key in gone and STAGE in one.before}
        )
        for one in past:
            if one.fate == MADE:
                parts.field_unmade(one.key, work)
        return reasons

    def _remove(self, accounts: Sequence[Account], work: Work) -> dict[str, str]:
        kept = accounts_remove(accounts=accounts, at=work.at, by=work.by, label=work.label)
        return {account.external_id: kept[account.pk] for account in accounts if account.pk in kept}

    def field_make(self, head: str, kind: str, cells: Sequence[str], work: Work) -> tuple[str, Plan]:
        """A field of accounts."""
        return parts.field_made("account", head, kind, cells, work)


def _orphans_refuse(rows: Sequence[Row]) -> None:
    """A row's parent is an account that is there, or one of the same file."""
    wanted = {row.values[PARENT] for row in rows if row.values.get(PARENT)}
    there = parts.accounts_named(wanted) if wanted else {}
    known = {key for key, account in there.items() if account.archived_at is None}
    open_rows = [row for row in rows if not row.reasons]
    while True:  # a row that is refused takes those along that would belong to it
        coming = {str(row.values.get("external_id") or row.values.get("name")) for row in open_rows}
        orphans = [row for row in open_rows if row.values.get(PARENT) and row.values[PARENT] not in known | coming]
        if not orphans:
            return
        for row in orphans:
            parent = str(row.values[PARENT])[:60]
            row.refuse(_("No account has the id “%(id)s”, to which this one would belong.") % {"id": parent})
        open_rows = [row for row in open_rows if not row.reasons]


def _circles_refuse(rows: Sequence[Row], meant: Sequence[Account | None]) -> None:
    """Every row that would make an account belong to itself, at whatever distance, over rows of the file or accounts
    that are there. `meant`: the accounts of the rows.
    """
    keys = [
        account.external_id if account else str(row.values.get("external_id") or row.values.get("name") or "")
        for row, account in zip(rows, meant, strict=True)
    ]
    moves = {key: row.values[PARENT] for key, row in zip(keys, rows, strict=True) if PARENT in row.values}
    if not any(moves.values()):
        return
    parents: dict[str, Any] = dict(
        Account.objects.exclude(parent=None).values_list("external_id", "parent__external_id")
    )
    parents.update(moves)
    for key, row in zip(keys, rows, strict=True):
        seen, here = {key}, moves.get(key)
        while here and here not in seen:
            seen.add(here)
            here = parents.get(here)
        if here and here == key:
            row.refuse(_("An account cannot belong to itself, nor to one that belongs to it."))


def _nameless_refuse(row: Row, key: str, work: Work) -> None:
    """A new account has a name, or is called by its id where the file has no names at all."""
    if not key:
        row.refuse(_("Neither external id nor name. Write one of them, or take the row out of the file."))
    elif "name" in work.columns and not row.values.get("name"):
        said = _(
            "No account has the id “%(id)s”, and a new one needs a name. Write it in the row, or correct the id; in a "
            "file without a column for names accounts are called by their ids."
        )
        row.refuse(said % {"id": key[:60]})


def derived_left_out(row: Row, account: Account, today: date) -> None:
    """Leave out the values that the account's contract lines decide; the rest of the row is taken."""
    if account.terms_from is None:
        return
    labels = {"arr": _("ARR"), "seats": _("Seats (field)"), "renewal_date": _("Renewal date"),
              "contract_start": _("Contract start"), "currency": _("Currency")}  # fmt: skip
    for name in terms_refused(account=account, values=row.values, today=today):
        said = {"field": labels.get(name, name), "held": value_words(plain(getattr(account, name))),
                "said": value_words(plain(row.values.pop(name)))}  # fmt: skip
        row.note(_("%(field)s: %(held)s is kept, not %(said)s: decided by contracts.") % said)


def _alike_in_file(rows: Sequence[Row], taken: set[int]) -> list[Alike]:
    """Rows whose bare name stands in a row above under another id: accepted, they are left out as its twin."""
    first: dict[str, Row] = {}
    found: list[Alike] = []
    for row in rows:
        above = first.setdefault(bare_name(row.values["name"]), row)
        if above is not row and id(row) not in taken and fold(row.values["name"]) != fold(above.values["name"]):
            key = str(above.values.get("external_id") or above.values["name"])
            found.append(Alike(row, key, f"{above.values['name']} ({key})", above.line))
    return found


def _all_of_an_id(found: Sequence[Alike], rows: Sequence[Row]) -> list[Alike]:
    """An id means one account in the whole file: what its first row means."""
    by_row = {id(one.row): one for one in found}
    first: dict[str, Row] = {}
    meant: list[Alike] = []
    for row in rows:
        above = first.setdefault(row.values.get("external_id") or f"line {row.line}", row)
        if one := by_row.get(id(above)):
            meant.append(replace(one, row=row))
    return meant


def account_states(accounts: Any, keys: set[str]) -> dict[int, dict[str, Any]]:
    """What accounts hold, plainly, by id: their own fields, and the custom ones among `keys`."""
    found = {account.pk: account for account in accounts}
    custom = parts.custom_held("account", list(found), keys)
    return {pk: {**{name: _own(account, name) for name in OWN}, **custom.get(pk, {})} for pk, account in found.items()}


def _own(account: Account, name: str) -> Any:
    if name == PARENT:
        return account.parent.external_id if account.parent else None
    return plain(getattr(account, name))


def service_values(rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The values of rows as `accounts_upsert` takes them."""
    members = parts.members_by_mail(row.get("csm") for row in rows)
    custom = parts.CustomValues("account", rows)
    found = []
    for row in rows:
        own = {name: value for name, value in row.items() if name in OWN}
        if "csm" in own:
            own["csm"] = members.get(own["csm"])
        more = custom.of(row)
        found.append({**own, "custom": more} if more else own)
    return found


def typed(befores: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Plain values as `accounts_upsert` takes them."""
    rows = []
    for before in befores:
        values = {name: value for name, value in before.items() if name not in (HELD, STAGE)}
        for name in ("contract_start", "renewal_date"):
            if values.get(name):
                values[name] = date.fromisoformat(values[name])
        if values.get("arr") is not None:
            values["arr"] = Decimal(values["arr"])
        rows.append(values)
    return service_values(rows)
