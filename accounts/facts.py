"""The fact registry: what is known about an account on a day, under one name everywhere.

Every room registers its facts when it starts; segments, columns, measures and alert rules are built from the
registry, and a page that shows a fact shows this definition.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.functional import Promise

from accounts.past import LoadPast, Pair, Past

Values = Mapping[int, Any]
# Values of one fact for accounts as of a day; None asks for every account.
Load = Callable[[date, Sequence[int] | None], Mapping[str, Values]]


# Bottom up: who may build on whom. A scorecard may not look at what comes from health or above it.
ROOMS = ("accounts", "usage", "service", "onboarding", "health", "renewals", "playbooks")


@dataclass(frozen=True)
class Fact:
    """A number about an account, or one of `choices` (code, words). `room`: which app knows it.

    `unit`: count, ratio, days, minutes, points, money or word. `sql`, where lists and segments may ask for the fact:
    a SELECT of `account_id` and `value`, of whole tenants, with `%(tenant)s`, and `{day}` where the day stands.
    `sql_reported`: the same as the nights reported it; the same as `sql` where empty. `age`: the key of the fact that
    tells how many days old the value is, where it grows old. `fixed`: no work with the customer changes it.
    `reach`: on how many days before the day it rests, where it is made of other days' stored figures: when one of those
    changes later, so may this.
    """

    key: str
    label: str | Promise
    unit: str
    room: str
    definition: str | Promise
    sql: str = ""
    sql_reported: str = ""
    choices: tuple[tuple[str, str | Promise], ...] = ()
    age: str = ""
    fixed: bool = False
    reach: int = 0

    @property
    def measurable(self) -> bool:
        """Whether a scorecard may use it: it is known below health."""
        return ROOMS.index(self.room) < ROOMS.index("health")


@dataclass(frozen=True)
class Source:
    """Facts that are read together, in one query. `past`: how they are read as they were known then, where they can."""

    facts: tuple[Fact, ...]
    load: Load
    past: LoadPast | None = None


_sources: list[Source] = []


def register(source: Source) -> None:
    """Add a source; raises ValueError when one of its keys is taken."""
    taken = set(known_facts()) & {fact.key for fact in source.facts}
    if taken:
        raise ValueError(f"facts registered twice: {', '.join(sorted(taken))}")
    _sources.append(source)


def known_facts() -> dict[str, Fact]:
    """Every fact by its key."""
    return {fact.key: fact for source in _sources for fact in source.facts}


def measurable_facts() -> dict[str, Fact]:
    """The facts that a scorecard may use: none that comes from a score itself."""
    return {key: fact for key, fact in known_facts().items() if fact.measurable}


def fact_values(*, keys: Iterable[str], as_of: date, account_ids: Sequence[int] | None = None) -> dict[str, Values]:
    """The values of the named facts as of a day: `{key: {account id: value}}`, None or absent where not defined."""
    wanted = set(keys)
    found: dict[str, Values] = {}
    for source in _sources:
        if wanted & {fact.key for fact in source.facts}:
            loaded = source.load(as_of, account_ids)
            found.update({key: values for key, values in loaded.items() if key in wanted})
    return found


def past_values(*, keys: Iterable[str], pairs: Sequence[Pair], guarded: bool) -> Past:
    """The values of the named facts as they were known at the end of past days; facts that cannot be read so are
    left out.
    """
    wanted, found = set(keys), Past()
    for source in _sources:
        if source.past is not None and wanted & {fact.key for fact in source.facts}:
            read = source.past(pairs, guarded)
            found.values.update({key: values for key, values in read.values.items() if key in wanted})
            found.narrowed.update({key: words for key, words in read.narrowed.items() if key in wanted})
    return found
