"""People at accounts, with the tenant's own fields of contacts."""

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.importing import parts
from accounts.models import Account, Contact, Conviction, TouchContact
from accounts.services import contacts_load, contacts_remove
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

    def named_too(self, row: Row) -> Sequence[str]:
        """A person with an id may be meant by their address, and one with an address by their name."""
        own = dict(row.values)
        found = []
        for name in ("external_id", "email"):
            if own.pop(name, None) and (key := contact_key(own)):
                found.append(key)
        return found

    def gather(self, rows: list[Row], work: Work) -> list[Row]:
        """Superiors first, so that those who report to them find them; circles and contradictions are refused."""
        fine = [row for row in rows if not row.reasons]
        self._one_each(fine)
        place = {id(row): number for number, row in enumerate(rows)}
        named: dict[tuple[Any, str], int] = {}
        for name in ("name", "email", "external_id"):
            for row in fine:
                if row.values.get(name):
                    named.setdefault((row.values.get("account"), fold(row.values[name])), place[id(row)])
        above = {
            place[id(row)]: number for row in fine
            if (said := row.values.get("reports_to"))
            and (number := named.get((row.values.get("account"), fold(said)))) is not None
        }  # fmt: skip
        steps, circles = steps_up(above)
        for circle in circles:
            lines = _(", ").join(str(line) for line in sorted(rows[number].line for number in circle))
            for number in circle:
                rows[number].refuse(
                    _("These people would report to each other in a circle: lines %(lines)s.") % {"lines": lines}
                )
        return [rows[number] for number in sorted(place.values(), key=lambda number: steps.get(number, 0))]

    def _one_each(self, rows: Sequence[Row]) -> None:
        """Refuse rows that mean one held person by different names."""
        accounts = parts.accounts_named(row.values.get("account", "") for row in rows)
        book, groups = _Book(accounts.values()), dict[int, list[Row]]()
        for row in rows:
            account = accounts.get(row.values.get("account", ""))
            if account is not None and (contact := book.find(account, row.values)):
                groups.setdefault(contact.pk, []).append(row)
        parts.contradictions_refuse(groups.values())

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
        known: dict[tuple[str, str], Row] = work.memory.setdefault("names", {})
        plans = []
        for row in rows:
            account = parts.account_of(row, accounts)
            contact = book.find(account, row.values) if account else None
            parts.believed(row, work, {"left_on": When.DUE})
            self._refuse(row, contact, account)
            above = self._above(row, account, book, known)
            key = contact_key(row.values) if contact is None else contact_key(_named(contact))
            values = {n: v for n, v in row.values.items() if n not in ("account", "external_id")}
            name = str(values.get("name") or (contact.name if contact else row.values.get("email", "")))
            if contact is None:
                values.setdefault("name", name)
            elif "external_id" in row.values and not contact.external_id:
                values["external_id"] = row.values["external_id"]
            if above:
                values["reports_to"] = above
            for alias in ("external_id", "email", "name"):
                if row.values.get(alias):
                    known[row.values.get("account", ""), fold(row.values[alias])] = row
            held = states.get(contact.pk) if contact else None
            plans.append(planned(row, noun="contact", key=key or "", name=name, held=held, values=values))
        return plans

    def _refuse(self, row: Row, contact: Contact | None, account: Account | None) -> None:
        if not (row.values.get("name") or row.values.get("email") or contact) and not row.reasons:
            row.refuse(_("Neither name nor e-mail, and nobody has this id yet. Write one of them in the row."))
        if contact is not None and account is not None and contact.account_id != account.pk:
            row.refuse(_("This contact belongs to another account."))

    def _above(
        self, row: Row, account: Account | None, book: "_Book", known: Mapping[tuple[str, str], Row]
    ) -> str | None:
        """What the row's superior is called, here or in a row above; a row whose superior stays out is refused."""
        said = row.values.get("reports_to")
        if not said or account is None or row.reasons:
            return None
        if found := book.named(account, said):
            return found.name
        above = known.get((account.external_id, fold(said)))
        if above is None or above.reasons:
            row.refuse(_("Nobody at this account is called “%(name)s”.") % {"name": said[:60]})
        elif above.waits:
            waits = _("“%(name)s”, to whom this person reports, waits for a decision in line %(line)d.")
            row.wait(waits % {"name": said[:60], "line": above.line})
        return str(above.values.get("name") or above.values.get("email") or said) if above else None

    def write(self, plans: Sequence[Plan], work: Work) -> list[Plan]:
        """All in a few statements."""
        accounts = parts.accounts_named(plan.row.values["account"] for plan in plans)
        book = _Book(accounts.values())
        found: list[tuple[Contact, dict[str, Any]]] = []
        for plan in plans:
            account = accounts[plan.row.values["account"]]
            contact = book.find(account, plan.row.values) or Contact(account=account, created_at=work.at)
            found.append((contact, {**plan.row.values, **({"name": plan.name} if contact.pk is None else {})}))
        for contact, said in found:
            book.know(contact, said)
        custom = parts.CustomValues("contact", [said for _contact, said in found])
        rows = []
        for contact, said in found:
            values = service_values(said, custom)
            if "reports_to" in said:
                values["reports_to"] = book.named(contact.account, said["reports_to"])
            rows.append((contact, values))
        contacts_load(rows=rows, at=work.at, by=work.by, label=work.label)
        return []

    def present(self, past: Sequence[Past], work: Work) -> dict[str, dict[str, Any]]:
        """The people as they are."""
        found = contacts_by_key(one.key for one in past if one.noun == "contact")
        states = contact_states(found.values(), {name for one in past for name in one.after})
        return {key: states[contact.pk] for key, contact in found.items()}

    def put_back(self, past: Sequence[Past], work: Work) -> dict[str, str]:
        """New people go, unless somebody has noted something of them; the others hold again what they held."""
        held = contacts_by_key(one.key for one in past if one.noun == "contact")
        self._change_back([one for one in past if one.key in held and one.fate != CREATED], held, work)
        new = {held[one.key].pk: one.key for one in past if one.key in held and one.fate == CREATED}
        worked = set(TouchContact.objects.filter(contact__in=new).values_list("contact_id", flat=True)) | set(
            Conviction.objects.filter(contact__in=new).values_list("contact_id", flat=True)
        )
        gone = [held[key] for pk, key in new.items() if pk not in worked]
        contacts_remove(contacts=gone, at=work.at, by=work.by, label=work.label)
        for one in past:
            if one.fate == MADE:
                parts.field_unmade(one.key, work)
        said = _("Somebody has worked with it since (%(what)s).") % {"what": _("touches")}
        return {new[pk]: said for pk in worked}

    def _change_back(self, past: Sequence[Past], held: Mapping[str, Contact], work: Work) -> None:
        book = _Book({held[one.key].account_id: held[one.key].account for one in past}.values())
        custom = parts.CustomValues("contact", [one.before for one in past])
        rows = []
        for one in past:
            contact = held[one.key]
            values = service_values(dict(one.before), custom)
            if "external_id" in one.before:
                values["external_id"] = one.before["external_id"]
            if "reports_to" in one.before:
                above = one.before["reports_to"]
                values["reports_to"] = book.named(contact.account, above) if above else None
            rows.append((contact, values))
        contacts_load(rows=rows, at=work.at, by=work.by, label=work.label)

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


def contacts_by_key(keys: Iterable[str]) -> dict[str, Contact]:
    """The people whom an import named so; of two of a name at an account the older."""
    wanted = {key: json.loads(key) for key in keys}
    ids = [rest[0] for how, *rest in wanted.values() if how == "id"]
    places = {rest[0] for how, *rest in wanted.values() if how != "id"}
    people = Contact.objects.select_related("account", "reports_to").order_by("-id")
    found: dict[tuple[str | None, ...], Contact] = {
        ("id", one.external_id): one for one in people.filter(external_id__in=ids)
    }
    for one in people.filter(account__external_id__in=places):
        for how in ("email", "name"):
            found[how, one.account.external_id, fold(getattr(one, how))] = one
    return {key: found[tuple(said)] for key, said in wanted.items() if tuple(said) in found}


def steps_up(above: Mapping[int, int]) -> tuple[dict[int, int], list[list[int]]]:
    """How many superiors everybody has, by what is directly above whom, however long the chain; and the circles."""
    steps: dict[int, int] = {}
    circles: list[list[int]] = []
    for start in above:
        path: dict[int, int] = {}  # who, and their place on the way up
        one = start
        while one in above and one not in steps and one not in path:
            path[one] = len(path)
            one = above[one]
        if one in path:
            circles.append([each for each, place in path.items() if place >= path[one]])
        base = 0 if one in path else steps.get(one, 0)
        for number, each in enumerate(reversed(path), start=1):
            steps[each] = base + number
    return steps, circles


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

    def know(self, contact: Contact, said: Mapping[str, Any]) -> None:
        """Find a person, also by what a row will call them."""
        for how in ("email", "name"):
            if said.get(how):
                self._by.setdefault((contact.account_id, how, fold(said[how])), contact)
        if said.get("external_id"):
            self._by.setdefault((None, "id", said["external_id"]), contact)

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


def service_values(values: Mapping[str, Any], custom: parts.CustomValues) -> dict[str, Any]:
    """A row's values as `contacts_load` takes them; the superior apart."""
    own = {name: value for name, value in values.items() if name in OWN}
    if values.get("external_id"):
        own["external_id"] = values["external_id"]
    if isinstance(own.get("left_on"), str):
        own["left_on"] = date.fromisoformat(own["left_on"])
    more = custom.of(values)
    return {**own, "custom": more} if more else own
