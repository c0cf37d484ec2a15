"""Keeps erased persons out of the intake: their calls are counted and nothing of them is kept."""

import re
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

import msgspec

from tenants.personal import blocked, turned_away
from tenants.personal.blocks import EVENT, MAIL, USER, VISITOR, anybody_blocked, block_add, erasures_of
from usage.intake.body import UNPACKED_LIMIT, BodyTooLargeError, MalformedBodyError, unpacked
from usage.intake.decode import IDENTIFY, Call, Fault

if TYPE_CHECKING:
    from usage.services.unpack import Arrival

_TEXTS = re.compile(rb'"((?:[^"\\]|\\.){1,500})"')


def admitted(arrivals: Iterable["Arrival"], *, at: datetime) -> list["Arrival"]:
    """The calls that may be stored. One query where nobody was ever erased."""
    found = list(arrivals)
    if not anybody_blocked():
        return found
    gone = _Gone([arrival.call for arrival in found])
    keys = {a.key for a in found if a.call.user_id is None and a.call.anonymous_id}
    events = blocked(EVENT, keys)
    kept = [arrival for arrival in found if arrival.key not in events and not gone.says(arrival.call)]
    turned_away(door="events", count=len(found) - len(kept), at=at)
    return kept


class _Gone:
    """Which ids in some calls are those of erased persons. Who says to have an erased person's address is one too."""

    def __init__(self, calls: Sequence[Call]) -> None:
        ids = {one for call in calls for one in (call.user_id, call.previous_id) if one}
        self.users = blocked(USER, ids) | blocked(MAIL, ids)
        self.visitors = blocked(
            VISITOR, {one for call in calls for one in (call.anonymous_id, call.previous_id) if one}
        )
        mails = {
            call.user_id: mail for call in calls if call.kind == IDENTIFY and call.user_id and (mail := _mail(call))
        }
        known = blocked(MAIL, mails.values())
        new = {user for user, mail in mails.items() if mail in known and user not in self.users}
        erasures = erasures_of(values={MAIL: {mails[user] for user in new}}) if new else {}
        for user in sorted(new):
            block_add(erasure=erasures.get(mails[user]), values={USER: [user]})
            self.users |= new

    def says(self, call: Call) -> bool:
        """Whether the call is an erased person's, or tells who they are."""
        if call.user_id in self.users or call.previous_id in self.users | self.visitors:
            return True
        return call.anonymous_id in self.visitors


def _mail(call: Call) -> str:
    traits = msgspec.json.decode(call.payload) if call.payload else None
    mail = traits.get("email") if isinstance(traits, dict) else None
    return mail if isinstance(mail, str) else ""


def faults_admitted(faults: list[tuple[datetime, Fault]], *, at: datetime) -> list[tuple[datetime, Fault]]:
    """The bad items that may be kept: none in which an erased person's id or address stands."""
    if not faults or not anybody_blocked():
        return faults
    said = [_texts(fault.item) for _received, fault in faults]
    every = set().union(*said)
    gone = blocked(USER, every) | blocked(MAIL, every) | blocked(VISITOR, every)
    kept = [fault for fault, texts in zip(faults, said, strict=True) if not texts & gone]
    turned_away(door="events", count=len(faults) - len(kept), at=at)
    return kept


def _texts(item: bytes) -> set[str]:
    """Every text in an item or body, however broken it is."""
    try:
        item = unpacked(item, limit=UNPACKED_LIMIT)
    except (MalformedBodyError, BodyTooLargeError):
        return set()
    return {_plain(found[1]) for found in _TEXTS.finditer(item)}


def _plain(text: bytes) -> str:
    try:
        return str(msgspec.json.decode(b'"' + text + b'"'))
    except ValueError:
        return text.decode("utf-8", "replace")
