"""Exports of WeCom (企业微信) messages: a conversation becomes a ticket, or a touch where we began it.

The accepted shape is described in docs/imports.md.
"""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.importing import parts
from accounts.importing.touches import TouchTarget
from accounts.models import Account, Contact
from imports.cleaning import Options, fold
from imports.likeness import bare_name
from imports.registry import Field, Gone, Past, Plan, Row, Target, Work
from operations.days import local_date
from service.importing import TicketTarget, erased_names
from service.talks import Message, Talk, talks
from tenants.personal.blocks import anybody_blocked

SUBJECT = 120
NOTE = 4_000


class TalkTarget(Target):
    """A row is a message; the rows of a conversation become one ticket or one touch."""

    key = "wecom"
    label = gettext_lazy("WeCom messages")
    about = gettext_lazy("One row per message (企业微信 export). Each conversation becomes a ticket or a touch.")
    icon = "note"

    def __init__(self) -> None:
        self._tickets, self._touches = TicketTarget(), TouchTarget()

    def fields(self) -> list[Field]:
        """The message's fields."""
        return [
            Field("message_id", gettext_lazy("Message id"), words=("msgid", "message id", "id", "消息id", "消息编号")),
            Field("at", gettext_lazy("Time"), "instant", (
                "msgtime", "time", "sent at", "date", "timestamp", "发送时间", "消息时间", "时间"), required=True,
                by_value=True),
            Field("sender", gettext_lazy("Sender"), words=(
                "sender", "from", "from user", "发送人", "发送者", "发件人", "发言人"), required=True),
            Field("receiver", gettext_lazy("Receiver"), "note", (
                "receiver", "to", "tolist", "to user", "接收人", "接收者", "收件人")),
            Field("room", gettext_lazy("Room"), words=(
                "room", "room name", "roomid", "group", "chat", "群名称", "群聊", "群", "会话", "聊天")),
            Field("text", gettext_lazy("Content"), "note", (
                "text.content", "content", "message", "text", "消息内容", "内容", "正文"), required=True),
            Field("account", gettext_lazy("Account"), "choice", (
                "account", "customer", "company", "客户", "客户名称", "企业"), parts.account_options),
        ]  # fmt: skip

    def shown_fields(self) -> list[Field]:
        """The fields of the tickets and touches that the messages become, beside the message's own."""
        return [*self._touches.fields(), *self._tickets.fields(), *self.fields()]

    def twin(self, row: Row) -> str | None:
        """Each message stands in one row."""
        return row.values.get("message_id")

    def gather(self, rows: list[Row], work: Work) -> list[Row]:
        """The conversations; messages that cannot be read stay rows of their own."""
        fine, bad = [row for row in rows if not row.is_out], [row for row in rows if row.is_out]
        book = _Book()
        by_line = {row.line: row for row in fine}
        messages = [self._message(row, book) for row in fine]
        found = []
        for talk in talks(messages):
            own = [by_line[one.line] for one in talk.messages]
            found.append(self._row(talk, own, book, work))
        return bad + found

    def _message(self, row: Row, book: "_Book") -> Message:
        given = row.values
        ours = book.colleague(given["sender"]) is not None
        other = given.get("receiver", "") if ours else given["sender"]
        room = given.get("room") or other
        return Message(
            str(room), given["at"], given["sender"], ours, given["text"], row.line, given.get("message_id", "")
        )

    def _row(self, talk: Talk, rows: Sequence[Row], book: "_Book", work: Work) -> Row:
        """A conversation as the row of a ticket or of a touch."""
        account = next((row.values["account"] for row in rows if row.values.get("account")), None)
        account = account or book.account(talk, rows)
        row = Row(talk.first.line, lines=[one.line for one in talk.messages])
        if account is None:
            said = _(
                "No account is known for “%(room)s”. Name the room after the account, or add the sender as a contact."
            )
            row.refuse(said % {"room": talk.first.room[:60]})
            row.values = {"account": "", "subject": talk.first.text[:SUBJECT]}
            return row
        row.values = self._ticket(talk, book) if talk.asked else self._touch(talk, book, work)
        row.values |= {"account": account, "external_id": talk_key(talk)}
        row.values["senders"] = sorted({one.sender for one in talk.messages if not one.ours})
        return row

    def _ticket(self, talk: Talk, book: "_Book") -> dict[str, Any]:
        answer = talk.answer
        assignee = book.colleague(answer.sender) if answer else None
        values = {
            "subject": " ".join(talk.first.text.split())[:SUBJECT] or _("Message"),
            "channel": "wecom", "requester": talk.first.sender[:200], "opened_at": talk.first.at,
        }  # fmt: skip
        if answer:
            values |= {"first_response_at": answer.at, "closed_at": talk.ended_at}
        return {**values, "assignee": assignee} if assignee else values

    def _touch(self, talk: Talk, book: "_Book", work: Work) -> dict[str, Any]:
        said = "\n".join(f"{one.sender}: {one.text}" for one in talk.messages)[:NOTE]
        values = {"kind": "wecom", "on": local_date(work.tenant.timezone, talk.first.at), "note": said}
        return {**values, "answered": talk.answer is not None, "author": book.colleague(talk.first.sender)}

    def turn_away(self, rows: Sequence[Row], work: Work) -> Gone:
        """Conversations in which an erased person speaks: what they say is theirs."""
        if not anybody_blocked():
            return Gone()
        gone = erased_names(one for row in rows for one in _speakers(row))
        return Gone([row for row in rows if any(one in gone for one in _speakers(row))])

    def plan(self, rows: Sequence[Row], work: Work) -> list[Plan]:
        """Tickets and touches as their own targets plan them, in the order of the rows."""
        touches = [row for row in rows if "note" in row.values]
        tickets = [row for row in rows if "note" not in row.values]
        plans = self._tickets.plan(tickets, work) + self._touches.plan(touches, work)
        by_row = {id(plan.row): plan for plan in plans}
        return [by_row[id(row)] for row in rows]

    def write(self, plans: Sequence[Plan], work: Work) -> list[Plan]:
        """Each through its own target."""
        tickets = [plan for plan in plans if plan.noun == "ticket"]
        touches = [plan for plan in plans if plan.noun == "touch"]
        made = self._tickets.write(tickets, work) if tickets else []
        return made + (self._touches.write(touches, work) if touches else [])

    def present(self, past: Sequence[Past], work: Work) -> dict[str, dict[str, Any]]:
        """As they are."""
        tickets = self._tickets.present([one for one in past if one.noun == "ticket"], work)
        return {**tickets, **self._touches.present([one for one in past if one.noun == "touch"], work)}

    def put_back(self, past: Sequence[Past], work: Work) -> dict[str, str]:
        """Each through its own target."""
        reasons = self._tickets.put_back([one for one in past if one.noun == "ticket"], work)
        return {**reasons, **self._touches.put_back([one for one in past if one.noun == "touch"], work)}


def _speakers(row: Row) -> list[tuple[str, str]]:
    return [(str(row.values.get("account") or ""), one) for one in row.values.get("senders", ())]


def talk_key(talk: Talk) -> str:
    """The same conversation has the same id, also where a later export holds more of it."""
    first = talk.first
    said = first.key or chr(31).join((first.room, first.at.isoformat(), first.sender))
    return f"wecom-{hashlib.sha256(said.encode()).hexdigest()[:24]}"


class _Book:
    """Who is a colleague, and whose customer everybody else is."""

    def __init__(self) -> None:
        options: Options = parts.colleague_options()
        self._colleagues: Mapping[str, str] = options.exact
        self._handles = {mail.partition("@")[0]: mail for mail in options.words}
        self._people: dict[str, str] = {}
        rows = Contact.objects.select_related("account").filter(account__archived_at=None).order_by("-id")
        for contact in rows:
            for text in (contact.name, contact.email, contact.external_id, contact.phone):
                if text:
                    self._people[fold(text)] = contact.account.external_id
        names = Account.objects.filter(archived_at=None).values_list("name", "external_id")
        self._names = sorted(((bare_name(name), key) for name, key in names), key=lambda one: -len(one[0]))

    def colleague(self, text: str) -> str | None:
        """The e-mail of a colleague, named by name, e-mail or what stands before its @."""
        folded = fold(text)
        return self._colleagues.get(folded) or self._handles.get(folded)

    def account(self, talk: Talk, rows: Iterable[Row]) -> str | None:
        """The account of a conversation: of a person in it, else the one whose name is in the room's."""
        people = [one.sender for one in talk.messages if not one.ours]
        people += [text for row in rows for text in str(row.values.get("receiver", "")).split(";")]
        for text in people:
            if found := self._people.get(fold(text)):
                return found
        room = bare_name(talk.first.room)
        return next((key for name, key in self._names if len(name) >= 2 and name in room), None)
