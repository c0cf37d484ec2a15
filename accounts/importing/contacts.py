"""People at accounts, with the tenant's own fields of contacts."""

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.importing import parts
from accounts.models import Account, Contact
from accounts.services import contact_delete, contact_save
from common.plausible import When
from imports.cleaning import Options, fold
from imports.registry import CREATED, MADE, Field, Gone, Past, Plan, Row, Target, Work, plain, planned
from tenants.personal import blocked
from tenants.personal.blocks import CONTACT, MAIL, NAME, anybody_blocked, named

ROLES = {
    "decision_maker": ("一把手", "决策人", "executive", "sponsor", "ceo"),
    "key_person": ("kp", "key contact", "关键联系人"),
    "project_lead": ("项目负责人", "project manager", "pm"),
    "middle_manager": ("中层", "manager"),
    "requirement_owner": ("需求方", "business owner"),
    "system_admin": ("管理员", "admin", "administrator"),
    "user": ("用户", "end user"),
    "it": ("信息部", "信息化"),
}
OWN = ("name", "title", "roles", "influence", "champion", "email", "phone", "left_on")


def role_options() -> Options:
    """The roles by code and words."""
    return parts.choice_options(Contact.Role, ROLES)


def influence_options() -> Options:
    """The three degrees of influence."""
    return parts.choice_options(Contact.Influence, {"low": ("低", "小"), "medium": ("中",), "high": ("高", "大")})


class ContactTarget(Target):
    """A row is a person: by external id, else by e-mail at the account, else by name there."""

    key = "contacts"
    label = gettext_lazy("People")
    about = gettext_lazy("One row per contact, with the account where they work.")
    icon = "members"
    holder = "contact"
    tables = ("accounts_contact", "accounts_contactvalue", "accounts_searchtoken")

    def fields(self) -> list[Field]:
        """The contact's fields, then the tenant's own."""
        return [
            Field("external_id", gettext_lazy("External id"), words=(
                "contact external id", "contact id", "person id", "id", "联系人编号", "联系人id", "编号")),
            parts.account_field(required=True),
            Field("name", gettext_lazy("Name"), words=(
                "name", "contact name", "full name", "contact", "person", "姓名", "联系人", "联系人姓名", "名称"),
                longest=150),
            Field("title", gettext_lazy("Job title"), words=("title", "job title", "position", "职位", "职务", "岗位"),
                  longest=120),
            Field("roles", gettext_lazy("Roles"), "choices", ("roles", "role", "角色", "干系人角色"), role_options),
            Field("influence", gettext_lazy("Influence"), "choice", ("influence", "影响力"), influence_options),
            Field("champion", gettext_lazy("Champion"), "flag", ("champion", "支持者", "拥护者", "内部支持者")),
            Field("email", gettext_lazy("E-mail"), "mail", (
                "email", "e-mail", "mail", "email address", "邮箱", "电子邮箱", "邮件"), by_value=True),
            Field("phone", gettext_lazy("Phone"), words=(
                "phone", "mobile", "telephone", "电话", "手机", "手机号", "联系电话"), longest=60),
            Field("reports_to", gettext_lazy("Reports to"), words=(
                "reports to", "manager", "supervisor", "上级", "汇报对象", "直属上级"), longest=150),
            Field("left_on", gettext_lazy("Left on"), "date", ("left on", "left", "离职日期", "离职时间")),
            *parts.custom_fields("contact"),
        ]  # fmt: skip

    def lacks(self, mapped: set[str]) -> list[Any]:
        """An account, and a name or an e-mail."""
        missing = super().lacks(mapped)
        return missing if mapped & {"name", "email", "external_id"} else [*missing, gettext_lazy("Name")]

    def twin(self, row: Row) -> str | None:
        """Each person stands in one row."""
        return contact_key(row.values)

    def gather(self, rows: list[Row], work: Work) -> list[Row]:
        """Superiors first, so that those who report to them find them."""
        named = {(row.values.get("account"), fold(row.values.get("name", ""))): row for row in rows}
        depth: dict[int, int] = {}

        def deep(row: Row, seen: frozenset[int]) -> int:
            if id(row) in depth or id(row) in seen:
                return depth.get(id(row), 0)
            above = named.get((row.values.get("account"), fold(row.values.get("reports_to", ""))))
            depth[id(row)] = 0 if above is None else 1 + deep(above, seen | {id(row)})
            return depth[id(row)]

        return sorted(rows, key=lambda row: deep(row, frozenset()))

    def turn_away(self, rows: Sequence[Row], work: Work) -> Gone:
        """People who were erased, whatever of them the file knows; whoever reports to one reports to nobody."""
        if not anybody_blocked():
            return Gone()
        said = {name: {str(row.values.get(name) or "") for row in rows} for name in ("email", "external_id")}
        mails, ids = blocked(MAIL, said["email"]), blocked(CONTACT, said["external_id"])
        names = {key: row for row in rows if (key := _name_at(row, "name")) and not row.values.get("email")}
        above = {key for row in rows if (key := _name_at(row, "reports_to"))}
        taken = blocked(NAME, {*names, *above})
        gone = Gone()
        for row in rows:
            mail, own = row.values.get("email"), row.values.get("external_id")
            if mail in mails or own in ids or (not mail and _name_at(row, "name") in taken):
                gone.rows.append(row)
            elif (key := _name_at(row, "reports_to")) in taken and key:
                gone.texts.add(row.values.pop("reports_to"))
        return gone

    def plan(self, rows: Sequence[Row], work: Work) -> list[Plan]:
        """Against the people that stand now."""
        accounts = parts.accounts_named(row.values.get("account", "") for row in rows)
        book = _Book(accounts.values())
        names = {name for row in rows for name in row.values}
        states = contact_states(book.contacts, names)
        known = work.memory.setdefault("names", set())
        plans = []
        for row in rows:
            account = parts.account_of(row, accounts)
            contact = book.find(account, row.values) if account else None
            known.add((row.values.get("account"), fold(row.values.get("name", ""))))
            parts.believed(row, work, {"left_on": When.DUE})
            self._refuse(row, contact, account, book, known)
            key = contact_key(row.values) if contact is None else contact_key(_named(contact))
            values = {n: v for n, v in row.values.items() if n not in ("account", "external_id")}
            name = str(values.get("name") or (contact.name if contact else row.values.get("email", "")))
            if contact is None:
                values.setdefault("name", name)
            elif "external_id" in row.values and not contact.external_id:
                values["external_id"] = row.values["external_id"]
            held = states.get(contact.pk) if contact else None
            plans.append(planned(row, noun="contact", key=key or "", name=name, held=held, values=values))
        return plans

    def _refuse(self, row: Row, contact: Contact | None, account: Account | None, book: "_Book", known: Any) -> None:
        if not (row.values.get("name") or row.values.get("email") or contact):
            row.refuse(_("The name is missing."))
        if contact is not None and account is not None and contact.account_id != account.pk:
            row.refuse(_("This contact belongs to another account."))
        above = row.values.get("reports_to")
        if above and account and not book.named(account, above) and (account.external_id, fold(above)) not in known:
            row.refuse(_("Nobody at this account is called “%(name)s”.") % {"name": above[:60]})

    def write(self, plans: Sequence[Plan], work: Work) -> list[Plan]:
        """One by one through the service: each has its own checks."""
        accounts = parts.accounts_named(plan.row.values["account"] for plan in plans)
        book = _Book(accounts.values())
        for plan in plans:
            account = accounts[plan.row.values["account"]]
            contact = book.find(account, plan.row.values)
            values = service_values({**plan.row.values, **({"name": plan.name} if contact is None else {})})
            if "reports_to" in plan.row.values:
                values["reports_to"] = book.named(account, plan.row.values["reports_to"])
            saved = contact_save(
                account=account, values=values, at=work.at, by=work.by, contact=contact, label=work.label
            )
            book.add(saved)
        return []

    def present(self, past: Sequence[Past], work: Work) -> dict[str, dict[str, Any]]:
        """The people as they are."""
        wanted = [one.key for one in past if one.noun == "contact"]
        found = {key: contact for key in wanted if (contact := contact_by_key(key))}
        states = contact_states(found.values(), {name for one in past for name in one.after})
        return {key: states[contact.pk] for key, contact in found.items()}

    def put_back(self, past: Sequence[Past], work: Work) -> dict[str, str]:
        """New people go, unless somebody has noted something of them; the others hold again what they held."""
        reasons: dict[str, str] = {}
        for one in past:
            if one.fate == MADE:
                parts.field_unmade(one.key, work)
                continue
            contact = contact_by_key(one.key)
            if contact is None:
                continue
            if one.fate != CREATED:
                self._change_back(contact, one, work)
            elif contact.touches.exists() or contact.convictions.exists():
                reasons[one.key] = _("Somebody has worked with it since (%(what)s).") % {"what": _("touches")}
            elif work.by is not None:
                contact_delete(contact=contact, at=work.at, by=work.by)
        return reasons

    def _change_back(self, contact: Contact, one: Past, work: Work) -> None:
        values = service_values(dict(one.before))
        if "external_id" in one.before:
            values["external_id"] = one.before["external_id"]
        if "reports_to" in one.before:
            above = one.before["reports_to"]
            values["reports_to"] = _Book([contact.account]).named(contact.account, above) if above else None
        contact_save(account=contact.account, values=values, at=work.at, by=work.by, contact=contact, label=work.label)

    def field_make(self, head: str, kind: str, cells: Sequence[str], work: Work) -> tuple[str, Plan]:
        """A field of contacts."""
        return parts.field_made("contact", head, kind, cells, work)


def _name_at(row: Row, field: str) -> str:
    """Somebody's name at the row's account, as the block-list knows it."""
    account, name = row.values.get("account"), row.values.get(field)
    return named(str(account), str(name)) if account and name else ""


def contact_key(values: Mapping[str, Any]) -> str | None:
    """How an import names a person: by their id, or by e-mail or name at their account."""
    if values.get("external_id"):
        return json.dumps(["id", values["external_id"]], ensure_ascii=False)
    for name in ("email", "name"):
        if values.get(name):
            return json.dumps([name, values.get("account"), fold(values[name])], ensure_ascii=False)
    return None


def _named(contact: Contact) -> dict[str, Any]:
    own = {"external_id": contact.external_id, "email": contact.email, "name": contact.name}
    return {**own, "account": contact.account.external_id}


def contact_by_key(key: str) -> Contact | None:
    """The person whom an import named so."""
    how, *rest = json.loads(key)
    if how == "id":
        return Contact.objects.filter(external_id=rest[0]).select_related("account", "reports_to").first()
    external_id, wanted = rest
    found = Contact.objects.filter(account__external_id=external_id).select_related("account", "reports_to")
    return next((one for one in found.order_by("id") if fold(getattr(one, how)) == wanted), None)


class _Book:
    """The people of some accounts, found as rows name them."""

    def __init__(self, accounts: Iterable[Account]) -> None:
        self.contacts: list[Contact] = []
        self._by: dict[tuple[int | None, str, str], Contact] = {}
        found = Contact.objects.filter(account__in=[account.pk for account in accounts])
        for contact in found.select_related("account", "reports_to").order_by("-id"):
            self.add(contact)

    def add(self, contact: Contact) -> None:
        """Know one more; of two of a name the older."""
        self.contacts.append(contact)
        if contact.external_id:
            self._by[None, "id", contact.external_id] = contact
        if contact.email:
            self._by[contact.account_id, "email", fold(contact.email)] = contact
        self._by[contact.account_id, "name", fold(contact.name)] = contact

    def find(self, account: Account, values: Mapping[str, Any]) -> Contact | None:
        """The person whom a row means."""
        if external_id := values.get("external_id"):
            if (None, "id", external_id) not in self._by:
                other = Contact.objects.filter(external_id=external_id).select_related("account").first()
                if other:
                    self._by[None, "id", external_id] = other
            if found := self._by.get((None, "id", external_id)):
                return found
        if values.get("email"):
            found = self._by.get((account.pk, "email", fold(values["email"])))
        else:
            found = self._by.get((account.pk, "name", fold(values.get("name", ""))))
        return None if found and values.get("external_id") and found.external_id else found

    def named(self, account: Account, text: str) -> Contact | None:
        """Somebody at the account by name, e-mail or id."""
        folded = fold(text)
        own = self._by.get((account.pk, "name", folded)) or self._by.get((account.pk, "email", folded))
        other = self._by.get((None, "id", text))
        return own or (other if other and other.account_id == account.pk else None)


def contact_states(contacts: Iterable[Contact], keys: set[str]) -> dict[int, dict[str, Any]]:
    """What people hold, plainly, by id."""
    found = {contact.pk: contact for contact in contacts}
    custom = parts.custom_held("contact", list(found), keys)
    return {
        pk: {
            **{name: plain(getattr(one, name)) for name in (*OWN, "external_id")},
            "reports_to": one.reports_to.name if one.reports_to else None,
            **custom.get(pk, {}),
        }
        for pk, one in found.items()
    }


def service_values(values: Mapping[str, Any]) -> dict[str, Any]:
    """A row's values as `contact_save` takes them."""
    own = {name: value for name, value in values.items() if name in OWN}
    if values.get("external_id"):
        own["external_id"] = values["external_id"]
    if isinstance(own.get("left_on"), str):
        own["left_on"] = date.fromisoformat(own["left_on"])
    custom = parts.CustomValues("contact", [values]).of(values)
    return {**own, "custom": custom} if custom else own
