"""Touches, with the people who took part."""

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.importing import parts
from accounts.models import Account, Contact, Level, NextStep, Touch
from accounts.services import is_two_way, touches_load, touches_remove, was_answered
from common.plausible import When
from imports.cleaning import Options, fold
from imports.registry import CREATED, Field, Gone, Past, Plan, Row, Target, Work, plain, planned, row_key
from tenants.personal import blocked
from tenants.personal.blocks import CONTACT, MAIL, NAME, TEXT, anybody_blocked, named
from tenants.personal.words import ERASED

KINDS = {
    "call": ("phone", "phone call", "电话", "电话沟通"),
    "meeting": ("online meeting", "video call", "zoom", "会议", "线上会议", "腾讯会议"),
    "visit": ("on-site", "onsite", "拜访", "上门", "上门拜访"),
    "mail": ("email", "e-mail", "邮件"),
    "message": ("chat", "sms", "消息", "短信", "钉钉", "飞书"),
    "wecom": ("wechat", "微信", "企业微信", "企微"),
    "training": ("course", "培训"),
    "event": ("webinar", "salon", "活动", "沙龙"),
}
LEVELS = {
    "solve": ("support", "解决问题"),
    "gap": ("adoption", "应用断层"),
    "advice": ("consulting", "业务建议", "咨询"),
}
_BETWEEN = re.compile(r"[,;|、，；\n]")
STATE = ("kind", "on", "note", "level", "two_way")


def kind_options() -> Options:
    """How an account can be reached."""
    return parts.choice_options(Touch.Kind, KINDS)


def level_options() -> Options:
    """The three levels of service value."""
    return parts.choice_options(Level, LEVELS)


class TouchTarget(Target):
    """A row is a touch; without an id of its own the same account, day, kind and note are the same touch."""

    key = "touches"
    label = gettext_lazy("Touches")
    about = gettext_lazy("One row per call, meeting, visit or message with an account.")
    icon = "note"
    tables = ("accounts_touch", "accounts_touchcontact", "accounts_searchtoken")

    def fields(self) -> list[Field]:
        """The touch's fields."""
        return [
            Field("external_id", gettext_lazy("External id"), words=(
                "touch external id", "activity id", "touch id", "record id", "id", "跟进编号", "记录编号", "编号")),
            parts.account_field(required=True),
            Field("kind", gettext_lazy("Kind"), "choice", (
                "kind", "type", "activity type", "channel", "跟进方式", "方式", "类型", "渠道"), kind_options),
            Field("on", gettext_lazy("Day"), "date", (
                "date", "day", "on", "activity date", "跟进日期", "跟进时间", "日期", "时间"),
                required=True, by_value=True),
            Field("note", gettext_lazy("Note"), "note", (
                "note", "notes", "description", "summary", "content", "subject", "跟进内容", "内容", "备注", "纪要",
                "沟通内容"), required=True),
            Field("level", gettext_lazy("Level"), "choice", (
                "level", "service level", "层次", "服务层次"), level_options),
            Field("author", gettext_lazy("Who"), "choice", (
                "author", "csm", "owner", "logged by", "跟进人", "记录人", "负责人"), parts.colleague_options),
            Field("contacts", gettext_lazy("People"), "note", (
                "contacts", "contact", "participants", "attendees", "参与人", "联系人", "客户参与人")),
            Field("answered", gettext_lazy("The customer answered"), "flag", (
                "answered", "two way", "replied", "客户已回复", "是否回复")),
        ]  # fmt: skip

    def twin(self, row: Row) -> str | None:
        """Each touch stands in one row."""
        return touch_key(row)

    def turn_away(self, rows: Sequence[Row], work: Work) -> Gone:
        """Touches whose text was blacked out; erased people who took part are left out of the others."""
        if not anybody_blocked():
            return Gone()
        notes = blocked(TEXT, {str(row.values.get("note") or "") for row in rows})
        gone = Gone([row for row in rows if row.values.get("note") in notes])
        people = {one for row in rows for one in _people_said(row)}
        called = blocked(MAIL, people) | blocked(CONTACT, people)
        names = blocked(NAME, {named(_account(row), one) for row in rows for one in _people_said(row)})
        for row in rows:
            said = _people_said(row)
            out = {one for one in said if one in called or named(_account(row), one) in names}
            if out:
                gone.texts.add(row.values["contacts"])
                row.values["contacts"] = ";".join(one for one in said if one not in out)
        return gone

    def plan(self, rows: Sequence[Row], work: Work) -> list[Plan]:
        """Against the touches that stand now."""
        accounts = parts.accounts_named(row.values.get("account", "") for row in rows)
        people = _people(accounts.values())
        held = {t.external_id: t for t in _touches(touch_key(row) for row in rows)}
        plans = []
        for row in rows:
            account, touch = parts.account_of(row, accounts), held.get(touch_key(row))
            if touch is not None and account is not None and touch.account_id != account.pk:
                row.refuse(_("This touch belongs to another account."))
            if row.values.get("on") and row.values["on"] > work.today:
                row.refuse(_("A touch is logged once it has happened; this day lies in the future."))
            parts.believed(row, work, {"on": When.DUE})  # the future has words of its own above
            values = self._values(row, account, people, touch)
            name = f"{account or ''} · {plain(row.values.get('on', ''))}"
            state = touch_state(touch) if touch else None
            plans.append(planned(row, noun="touch", key=touch_key(row), name=name, held=state, values=values))
        return plans

    def _values(
        self, row: Row, account: Account | None, people: Mapping[int, list[Contact]], touch: Touch | None
    ) -> dict[str, Any]:
        own = ("kind", "on", "note", "level")
        values: dict[str, Any] = {name: row.values[name] for name in own if name in row.values}
        if touch is None:
            values.setdefault("kind", "message")
        kind, answered = values.get("kind") or (touch.kind if touch else ""), row.values.get("answered")
        values["two_way"] = is_two_way(kind, bool(touch and was_answered(touch)) if answered is None else answered)
        if account is not None and "contacts" in row.values:
            found = _named(row, people.get(account.pk, []))
            values["contacts"] = sorted(one.name for one in found)
        return values

    def write(self, plans: Sequence[Plan], work: Work) -> list[Plan]:
        """All in a few statements."""
        accounts = parts.accounts_named(plan.row.values["account"] for plan in plans)
        people = _people(accounts.values())
        authors = parts.members_by_mail(plan.row.values.get("author") for plan in plans)
        held = {t.external_id: t for t in _touches(plan.key for plan in plans)}
        rows = []
        for plan in plans:
            row, account, touch = plan.row, accounts[plan.row.values["account"]], held.get(plan.key)
            values = self._values(row, account, people, touch)
            values["answered"] = values.pop("two_way")
            if "contacts" in values:
                values["contacts"] = _named(row, people.get(account.pk, []))
            by = authors.get(row.values.get("author", ""), work.by)
            new = Touch(account=account, author=by, external_id=plan.key, created_at=work.at)
            rows.append((touch or new, values))
        touches_load(rows=rows, at=work.at, by=work.by, label=work.label)
        return []

    def present(self, past: Sequence[Past], work: Work) -> dict[str, dict[str, Any]]:
        """The touches as they are."""
        return {str(touch.external_id): touch_state(touch) for touch in _touches(one.key for one in past)}

    def put_back(self, past: Sequence[Past], work: Work) -> dict[str, str]:
        """New touches go; the others say again what they said."""
        held = {str(touch.external_id): touch for touch in _touches(one.key for one in past)}
        changed = [one for one in past if one.key in held and one.fate != CREATED]
        people = _people(held[one.key].account for one in changed if "contacts" in one.before)
        rows = [(held[one.key], _before(one, held[one.key], people)) for one in changed]
        touches_load(rows=rows, at=work.at, by=work.by, label=work.label)
        new = {held[one.key].pk: one.key for one in past if one.key in held and one.fate == CREATED}
        worked = set(NextStep.objects.filter(touch__in=new).values_list("touch_id", flat=True))
        gone = [held[key] for pk, key in new.items() if pk not in worked]
        touches_remove(touches=gone, at=work.at, by=work.by, label=work.label)
        said = _("Somebody has worked with it since (%(what)s).") % {"what": _("next steps")}
        return {new[pk]: said for pk in worked}


def _before(past: Past, touch: Touch, people: Mapping[int, list[Contact]]) -> dict[str, Any]:
    """What a touch said, as `touches_load` takes it."""
    values = dict(past.before)
    if "on" in values:
        values["on"] = date.fromisoformat(values["on"])
    values["answered"] = values.pop("two_way", touch.two_way)
    if "contacts" in values:
        names = values["contacts"] or []
        values["contacts"] = [one for one in people.get(touch.account_id, []) if one.name in names]
    return values


def touch_key(row: Row) -> str:
    """A touch's own id, else one made of what it says."""
    return row_key(row, "account", "on", "kind", "note")


def _touches(keys: Iterable[str | None]) -> list[Touch]:
    wanted = [key for key in keys if key]
    found = Touch.objects.filter(external_id__in=wanted).select_related("account")
    return list(found.prefetch_related("contacts").order_by("id"))


def touch_state(touch: Touch) -> dict[str, Any]:
    """What a touch says, plainly."""
    people = sorted(one.name for one in touch.contacts.all())
    return {**{name: plain(getattr(touch, name)) for name in STATE}, "contacts": people}


def _people(accounts: Iterable[Account]) -> dict[int, list[Contact]]:
    found: dict[int, list[Contact]] = {}
    for contact in Contact.objects.filter(account__in=[account.pk for account in accounts]).order_by("id"):
        found.setdefault(contact.account_id, []).append(contact)
    return found


def _account(row: Row) -> str:
    return str(row.values.get("account") or "")


def _people_said(row: Row) -> list[str]:
    """The people whom a row names, as it writes them."""
    return [text.strip() for text in _BETWEEN.split(row.values.get("contacts", "")) if text.strip() not in ("", ERASED)]


def _named(row: Row, people: Sequence[Contact]) -> list[Contact]:
    """The people whom a row names; one nobody knows refuses it."""
    by_name = {fold(text): one for one in people for text in (one.name, one.email, one.external_id or "") if text}
    found = []
    for text in _people_said(row):
        one = by_name.get(fold(text))
        if one is None:
            row.refuse(_("Nobody at this account is called “%(name)s”.") % {"name": text.strip()[:60]})
        elif one not in found:
            found.append(one)
    return found
