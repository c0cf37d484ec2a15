"""Tickets as imports bring them."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.importing import parts
from imports.cleaning import Options
from imports.registry import CREATED, Field, Gone, Past, Plan, Row, Target, Work, plain, planned, row_key
from service.models import Channel, Priority, Ticket
from service.services import tickets_remove, tickets_upsert
from service.services.tickets import MOMENTS
from tenants.personal import blocked
from tenants.personal.blocks import CONTACT, MAIL, NAME, TEXT, USER, anybody_blocked, named
from tenants.personal.words import ERASED

CHANNELS = {
    "mail": ("email", "e-mail", "邮件"), "phone": ("call", "电话", "热线"), "chat": ("live chat", "在线", "在线客服"),
    "wecom": ("wechat", "微信", "企业微信", "企微"), "portal": ("web", "form", "工单", "门户"), "other": ("其他",),
}  # fmt: skip
PRIORITIES = {"low": ("低", "p4"), "normal": ("medium", "中", "普通", "p3"), "high": ("高", "p2"),
              "urgent": ("critical", "紧急", "p1")}  # fmt: skip
STATE = ("subject", "channel", "priority", "requester", "opened_at", "first_response_at", "closed_at", "satisfaction",
         "basic", "deflected")  # fmt: skip
TIMES = ("opened_at", "first_response_at", "closed_at")


def channel_options() -> Options:
    """How a question reaches the vendor."""
    return parts.choice_options(Channel, CHANNELS)


def priority_options() -> Options:
    """How urgent a ticket is."""
    return parts.choice_options(Priority, PRIORITIES)


class TicketTarget(Target):
    """A row is a ticket. Times of answer and end may be instants, or minutes and hours after the opening."""

    key = "tickets"
    label = gettext_lazy("Tickets")
    about = gettext_lazy("One row per question or trouble, with when it was opened, answered and closed.")
    icon = "service"
    tables = ("service_ticket",)

    def fields(self) -> list[Field]:
        """The ticket's fields."""
        return [
            Field("external_id", gettext_lazy("External id"), words=(
                "ticket external id", "ticket id", "ticket number", "case id", "case number", "id", "工单编号",
                "工单号",
                "编号")),
            parts.account_field(required=True),
            Field("subject", gettext_lazy("Subject"), words=(
                "subject", "title", "summary", "issue", "question", "主题", "标题", "问题", "问题描述"), longest=300),
            Field("channel", gettext_lazy("Channel"), "choice", ("channel", "source", "渠道", "来源"), channel_options),
            Field("priority", gettext_lazy("Priority"), "choice", ("priority", "severity", "优先级", "紧急程度"),
                  priority_options),
            Field("requester", gettext_lazy("Who asked"), words=(
                "requester", "reporter", "contact", "customer name", "提交人", "提问人", "联系人")),
            Field("assignee", gettext_lazy("Served by"), "choice", (
                "assignee", "agent", "owner", "处理人", "受理人", "客服", "负责人"), parts.colleague_options),
            Field("opened_at", gettext_lazy("Opened"), "instant", (
                "opened at", "created at", "submitted at", "opened", "created", "创建时间", "提交时间", "提单时间",
                "开始时间"), required=True),
            Field("first_response_at", gettext_lazy("First response at"), "instant", (
                "first response at", "first reply at", "responded at", "首次响应时间", "首响时间")),
            Field("first_response_minutes", gettext_lazy("First response, minutes"), "number", (
                "first response time minutes", "first response minutes", "first response time", "首响时长",
                "首次响应分钟")),
            Field("closed_at", gettext_lazy("Closed"), "instant", (
                "closed at", "resolved at", "solved at", "closed", "关闭时间", "解决时间", "完成时间", "结束时间")),
            Field("handling_hours", gettext_lazy("Handling time, hours"), "number", (
                "resolution time hours", "handling hours", "resolution time", "处理时长", "处理小时")),
            Field("satisfaction", gettext_lazy("Satisfaction (1 to 5)"), "count", (
                "satisfaction score", "satisfaction", "csat", "rating", "score", "满意度", "评分", "评价")),
            Field("basic", gettext_lazy("Basic question"), "flag", ("basic", "basic question", "基础问题")),
            Field("deflected", gettext_lazy("Answered by self-help"), "flag", ("deflected", "self help", "自助解决")),
        ]  # fmt: skip

    def twin(self, row: Row) -> str | None:
        """Each ticket stands in one row."""
        return ticket_key(row)

    def turn_away(self, rows: Sequence[Row], work: Work) -> Gone:
        """Tickets are the account's and stay; who asked is left out where it was an erased person."""
        return without_erased(rows)

    def plan(self, rows: Sequence[Row], work: Work) -> list[Plan]:
        """Against the tickets that stand now."""
        accounts = parts.accounts_named(row.values.get("account", "") for row in rows)
        keys = [ticket_key(row) for row in rows]
        states = ticket_states([key for key in keys if key])
        plans = []
        for row, key in zip(rows, keys, strict=True):
            parts.account_of(row, accounts)
            parts.believed(row, work, MOMENTS)
            values = ticket_values(row, key, key in states, work)
            name = str(values.get("subject") or key)
            plans.append(
                planned(row, noun="ticket", key=key or "", name=name, held=states.get(key or ""), values=values)
            )
        return plans

    def write(self, plans: Sequence[Plan], work: Work) -> list[Plan]:
        """All at once."""
        members = parts.members_by_mail(plan.row.values.get("assignee") for plan in plans)
        rows = []
        for plan in plans:
            values = ticket_values(plan.row, plan.key, plan.fate != CREATED, work)
            rows.append(_service_row(plan.key, values, members))
        tickets_upsert(rows=rows, at=work.at, by=work.by, label=work.label)
        return []

    def present(self, past: Sequence[Past], work: Work) -> dict[str, dict[str, Any]]:
        """The tickets as they are."""
        return ticket_states([one.key for one in past])

    def put_back(self, past: Sequence[Past], work: Work) -> dict[str, str]:
        """New tickets go; the others say again what they said."""
        return tickets_put_back(past, work)


def without_erased(rows: Sequence[Row]) -> Gone:
    """Take erased persons out of the rows of tickets; rows whose subject was blacked out stay as they are held."""
    if not anybody_blocked():
        return Gone()
    gone = erased_names((_account(row), _said(row, "requester")) for row in rows)
    subjects = blocked(TEXT, {_said(row, "subject") for row in rows})
    found = Gone([row for row in rows if _said(row, "subject") in subjects])
    for row in rows:
        if _said(row, "requester") == ERASED:  # the file was blacked out at an earlier reading
            row.values["requester"] = ""
        elif (_account(row), _said(row, "requester")) in gone:
            found.texts.add(_said(row, "requester"))
            row.values["requester"] = ""
    return found


def erased_names(said: Iterable[tuple[str, str]]) -> set[tuple[str, str]]:
    """Which of (account, what somebody is called there) are erased persons: by address, id or name."""
    pairs = {(account, text) for account, text in said if text}
    texts = {text for _account_id, text in pairs}
    called = blocked(MAIL, texts) | blocked(CONTACT, texts) | blocked(USER, texts)
    named_so = blocked(NAME, {named(account, text) for account, text in pairs if account})
    return {(a, text) for a, text in pairs if text in called or (a and named(a, text) in named_so)}


def _account(row: Row) -> str:
    return str(row.values.get("account") or "")


def _said(row: Row, name: str) -> str:
    return str(row.values.get(name) or "")


def ticket_key(row: Row) -> str:
    """A ticket's own id, else one made of account, opening and subject."""
    return row_key(row, "account", "opened_at", "subject")


def ticket_values(row: Row, key: str, there: bool, work: Work) -> dict[str, Any]:
    """What a row says of its ticket; times after the opening as instants."""
    given = row.values
    values = {name: given[name] for name in (*STATE, "assignee", "account") if name in given}
    if not there:
        values.setdefault("subject", _("Ticket %(id)s") % {"id": key})
    opened: datetime | None = given.get("opened_at")
    for field, name, unit in (("first_response_at", "first_response_minutes", "minutes"),
                              ("closed_at", "handling_hours", "hours")):  # fmt: skip
        amount: Decimal | None = given.get(name)
        if opened and amount is not None and field not in values:
            values[field] = opened + timedelta(**{unit: float(amount)})
    _check(row, values, work)
    return values


def _check(row: Row, values: Mapping[str, Any], work: Work) -> None:
    opened = values.get("opened_at")
    if opened and opened > work.at:
        row.refuse(_("The opening lies in the future."))
    for name in ("first_response_at", "closed_at"):
        if opened and values.get(name) and values[name] < opened:
            row.refuse(_("Answer and end come after the opening."))
    rating = values.get("satisfaction")
    if rating is not None and not 1 <= rating <= 5:
        row.refuse(_("Satisfaction is a whole number from 1 to 5."))


def ticket_states(keys: Sequence[str]) -> dict[str, dict[str, Any]]:
    """What tickets hold, plainly, by external id."""
    found = Ticket.objects.filter(external_id__in=list(keys)).select_related("account", "assignee__user")
    return {ticket.external_id: ticket_state(ticket) for ticket in found}


def ticket_state(ticket: Ticket) -> dict[str, Any]:
    """What a ticket holds, plainly: instants in UTC, so that two zones do not look like a change."""
    own = {name: plain(getattr(ticket, name)) for name in STATE}
    mail = ticket.assignee.user.email if ticket.assignee else None
    return {**own, "account": ticket.account.external_id, "assignee": mail}


def _service_row(key: str, values: Mapping[str, Any], members: Mapping[str, Any]) -> dict[str, Any]:
    row = {name: value for name, value in values.items() if name != "account"}
    if "assignee" in row:
        row["assignee"] = members.get(row["assignee"] or "")
    return {"external_id": key, "account_external_id": values.get("account"), **row}


def tickets_put_back(past: Sequence[Past], work: Work) -> dict[str, str]:
    """New tickets go; the others say again what they said."""
    found = [one for one in past if one.noun == "ticket"]
    states = ticket_states([one.key for one in found])
    gone = [one.key for one in found if one.fate == CREATED]
    tickets_remove(external_ids=gone, at=work.at, by=work.by, label=work.label)
    changed = [one for one in found if one.fate != CREATED and one.key in states]
    members = parts.members_by_mail(one.before.get("assignee") for one in changed)
    rows = []
    for one in changed:
        values = {"account": states[one.key]["account"], **one.before}
        values |= {name: datetime.fromisoformat(values[name]) for name in TIMES if values.get(name)}
        rows.append(_service_row(one.key, values, members))
    if rows:
        tickets_upsert(rows=rows, at=work.at, by=work.by, label=work.label)
    return {}
