"""The stakeholder map: who reports to whom, who is convinced, and what is missing.

Pure. What a person must be convinced of follows from their role: the decision maker of the solution, the requirement
owner of the delivery, the user of the effect.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

# Role → what a person with it must be convinced of.
CONVINCED_OF: dict[str, tuple[str, ...]] = {
    "decision_maker": ("solution", "value"),
    "key_person": ("solution",),
    "project_lead": ("delivery",),
    "middle_manager": ("effect",),
    "requirement_owner": ("delivery",),
    "system_admin": ("operation",),
    "user": ("effect",),
    "it": ("operation",),
}
ABOUT_ORDER = ("solution", "delivery", "effect", "operation", "value")
NEEDED_ROLES = ("decision_maker", "project_lead")
SILENT_ROLES = ("decision_maker", "key_person", "project_lead")
SILENT_DAYS = 60
USE_SILENT_DAYS = 21


@dataclass(frozen=True)
class Person:
    """A stakeholder as of a day. `convictions`: what about → state, the latest; days are None where there is none."""

    pk: int
    name: str
    roles: tuple[str, ...]
    reports_to: int | None = None
    champion: bool = False
    left: bool = False
    known_days: int = 0
    touch_days: int | None = None
    use_days: int | None = None
    linked: bool = False
    convictions: Mapping[str, str] = field(default_factory=dict)

    @property
    def must(self) -> list[str]:
        """What the person must be convinced of, by their roles."""
        wanted = {about for role in self.roles for about in CONVINCED_OF.get(role, ())}
        return [about for about in ABOUT_ORDER if about in wanted]

    @property
    def state(self) -> str:
        """against where anything is, else not_yet where anything is, unknown where something needed is not known,
        else convinced."""
        states = set(self.convictions.values())
        for worse in ("against", "not_yet"):
            if worse in states:
                return worse
        open_points = [about for about in self.must if about not in self.convictions]
        return "unknown" if open_points or not states else "convinced"


@dataclass(frozen=True)
class Node:
    """A person with those who report to them."""

    person: Person
    below: tuple["Node", ...]


@dataclass(frozen=True)
class Gap:
    """Something that is missing. `kind`: no_role, unconvinced, against, silent, champion_left, champion_quiet,
    no_champion, alone; `role`, `person` and `days` as it needs them."""

    kind: str
    role: str = ""
    person: Person | None = None
    days: int = 0


def tree(people: Sequence[Person]) -> tuple[Node, ...]:
    """The reporting lines of those who are there, from the top; whose superior left reports to the next above.

    Every person stands there once, even where the data has a circle.
    """
    held = {person.pk: person for person in people}
    there = [person for person in people if not person.left]
    below: dict[int | None, list[Person]] = {}
    for person in there:
        below.setdefault(_above(person, held), []).append(person)
    placed: set[int] = set()

    def node(person: Person) -> Node:
        placed.add(person.pk)
        return Node(person, tuple(node(one) for one in below.get(person.pk, ()) if one.pk not in placed))

    roots = [node(person) for person in below.get(None, ())]
    roots += [node(person) for person in there if person.pk not in placed]
    return tuple(roots)


def _above(person: Person, held: Mapping[int, Person]) -> int | None:
    """The nearest superior who has not left; None where there is none, or where the line runs in a circle."""
    seen = {person.pk}
    pk = person.reports_to
    while pk is not None and pk in held and pk not in seen:
        if not held[pk].left:
            return pk
        seen.add(pk)
        pk = held[pk].reports_to
    return None


def gaps(people: Iterable[Person]) -> list[Gap]:
    """What is missing or worrying, the worst first."""
    everybody = list(people)
    there = [person for person in everybody if not person.left]
    found = [Gap("no_role", role=role) for role in NEEDED_ROLES if not any(role in person.roles for person in there)]
    found += [Gap("against", person=person) for person in there if person.state == "against"]
    found += [gap for person in there if (gap := _silent(person))]
    found += _of_champions(everybody)
    found += [
        Gap("unconvinced", person=person)
        for person in there
        if "decision_maker" in person.roles and person.state in ("not_yet", "unknown")
    ]
    return found + ([Gap("alone", person=there[0])] if len(there) == 1 else [])


def _silent(person: Person) -> Gap | None:
    """Somebody who matters and with whom nobody spoke for 60 days, counted from when they became known at most."""
    role = next((role for role in SILENT_ROLES if role in person.roles), "")
    days = person.touch_days if person.touch_days is not None else person.known_days
    return Gap("silent", role=role, person=person, days=days) if role and days >= SILENT_DAYS else None


def _of_champions(everybody: Sequence[Person]) -> list[Gap]:
    champions = [person for person in everybody if person.champion]
    there = [person for person in champions if not person.left]
    found = [Gap("champion_left", person=person) for person in champions if person.left and not there]
    found += [
        Gap("champion_quiet", person=person, days=person.use_days)
        for person in there
        if person.use_days is not None and person.use_days >= USE_SILENT_DAYS
    ]
    return found if champions else [*found, Gap("no_champion")] if everybody else found
