"""Who a person is: every contact and end user that an e-mail address or an id leads to."""

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field

MOST_ROUNDS = 6


@dataclass(frozen=True)
class Identity:
    """One appearance of a person. `key` names it in a form; `where` is the account, where there is one."""

    key: str
    kind: str
    name: str
    detail: str
    where: str = ""


@dataclass
class Person:
    """What leads to a person. `rows`: the numbers of their rows by table; `left_out`: appearances that are not them.

    `mails` are in small letters; `places`: (account's external id, account's name, the person's name there);
    `accounts`: the numbers of their accounts; `longer`: names of others there in which a name of theirs stands.
    """

    mails: set[str] = field(default_factory=set)
    contact_ids: set[str] = field(default_factory=set)
    user_ids: set[str] = field(default_factory=set)
    visitor_ids: set[str] = field(default_factory=set)
    names: set[str] = field(default_factory=set)
    phones: set[str] = field(default_factory=set)
    places: set[tuple[str, str, str]] = field(default_factory=set)
    accounts: set[int] = field(default_factory=set)
    longer: set[str] = field(default_factory=set)
    rows: dict[str, set[int]] = field(default_factory=lambda: defaultdict(set))
    identities: dict[str, Identity] = field(default_factory=dict)
    left_out: frozenset[str] = frozenset()

    def add(self, identity: Identity, table: str, pk: int) -> bool:
        """Take an appearance in; False for one that is left out."""
        if identity.key in self.left_out:
            self.identities.setdefault(identity.key, identity)
            return False
        self.identities[identity.key] = identity
        self.rows[table].add(pk)
        return True

    @property
    def chosen(self) -> list[Identity]:
        """The appearances that are meant."""
        return [one for key, one in self.identities.items() if key not in self.left_out]

    @property
    def size(self) -> int:
        """Grows with everything that is learnt of the person."""
        return len(self.mails) + len(self.names) + len(self.accounts) + sum(map(len, self.rows.values()))


Finder = Callable[[Person], None]
_finders: list[Finder] = []


def register_finder(function: Finder) -> None:
    """Say how a room finds what belongs to a person from what is known of them; called when apps start."""
    _finders.append(function)


def widen(person: Person) -> None:
    """Ask every room in turn until nothing new comes up: an id leads to an e-mail, that to further appearances."""
    for _round in range(MOST_ROUNDS):
        before = person.size
        for find in _finders:
            find(person)
        if person.size == before:
            return
