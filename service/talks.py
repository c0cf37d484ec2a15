"""Conversations out of the messages of a chat: pure.

Messages of one room (or of one customer) belong to one conversation until nothing was said for `GAP`. A conversation
that the customer begins is a question: it is answered by the first message of a colleague, and over with the last
message, once it was answered. One that we begin is a touch: two-way when the customer said something in it.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby

GAP = timedelta(hours=12)


@dataclass(frozen=True)
class Message:
    """One message: in which room, when, by whom (`ours`: a colleague), and what; `line`: of the file."""

    room: str
    at: datetime
    sender: str
    ours: bool
    text: str
    line: int
    key: str = ""


@dataclass(frozen=True)
class Talk:
    """A conversation with its messages in the order of time."""

    messages: tuple[Message, ...]

    @property
    def first(self) -> Message:
        """How it began."""
        return self.messages[0]

    @property
    def asked(self) -> bool:
        """Whether the customer began it."""
        return not self.first.ours

    @property
    def answer(self) -> Message | None:
        """The first message of the other side."""
        return next((one for one in self.messages if one.ours != self.first.ours), None)

    @property
    def ended_at(self) -> datetime | None:
        """When it was over; None while the customer still waits for a first answer."""
        return self.messages[-1].at if self.answer or not self.asked else None


def talks(messages: Iterable[Message], gap: timedelta = GAP) -> list[Talk]:
    """The conversations, the earliest first."""
    found: list[Talk] = []
    ordered = sorted(messages, key=lambda one: (one.room, one.at, one.line))
    for _room, told in groupby(ordered, key=lambda one: one.room):
        part: list[Message] = []
        for one in told:
            if part and one.at - part[-1].at > gap:
                found.append(Talk(tuple(part)))
                part = []
            part.append(one)
        found.append(Talk(tuple(part)))
    return sorted(found, key=lambda talk: (talk.first.at, talk.first.line))
