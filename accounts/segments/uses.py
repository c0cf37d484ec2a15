"""Where segments are used: every room that uses them says so here, and asks nobody above it.

A segment that is used is not deleted, its page names the places, and its conditions may only ask what those places
can bear.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from django.utils.functional import Promise


@dataclass(frozen=True)
class Use:
    """One place: what it is called, the name of its page with arguments and query, and the room that it belongs to.

    `below`: the segment may only ask for what comes from below this room, "" where it may ask for anything.
    """

    label: str | Promise
    page: str
    args: tuple[str | int, ...] = ()
    query: str = ""
    below: str = ""


Find = Callable[[], Mapping[int, Iterable[Use]]]
_finders: dict[str, Find] = {}


def register(room: str, find: Find) -> None:
    """`find` tells the uses of the tenant in scope by segment id, in a fixed number of queries."""
    _finders[room] = find


def uses_by_segment() -> dict[int, list[Use]]:
    """Every use of every segment of the tenant in scope, by the segment's id."""
    found: dict[int, list[Use]] = {}
    for find in _finders.values():
        for pk, uses in find().items():
            found.setdefault(pk, []).extend(uses)
    return found
