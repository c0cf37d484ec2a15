"""What is held of a person, and where they are named."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, LiteralString

from django.db import connection, models

from tenants.personal import words
from tenants.personal.identity import Person, widen
from tenants.personal.registry import Declared, choice_makers, declared, sources
from tenants.scope import current_tenant_id

MOST_CHOICES = 500


@dataclass(frozen=True)
class Choice:
    """Something that an admin decides on. `key`: place and number; `kind`: text (black out or keep) or thing."""

    key: str
    place: str
    where: str
    excerpt: str
    kind: str = "text"
    pk: int = 0
    columns: tuple[str, ...] = ()


@dataclass(frozen=True)
class Found:
    """A person with what is held of them: rows by place, and what somebody has to decide on."""

    person: Person
    held: list[tuple[str, Any, int]]
    choices: list[Choice]

    @property
    def total(self) -> int:
        """All rows together."""
        return sum(count for _key, _label, count in self.held)

    @property
    def is_empty(self) -> bool:
        """Whether nothing at all is known."""
        return not self.total and not self.choices and not self.person.chosen


def person_of(*, mail: str = "", contact: str = "", user: str = "", left_out: Sequence[str] = ()) -> Person:
    """Everything that an e-mail address, a contact's external id or a user id leads to."""
    person = Person(left_out=frozenset(left_out))
    if mail.strip():
        person.mails.add(mail.strip().casefold())
    if contact.strip():
        person.contact_ids.add(contact.strip())
    if user.strip():
        person.user_ids.add(user.strip())
    widen(person)
    return person


def person_find(*, mail: str = "", contact: str = "", user: str = "", left_out: Sequence[str] = ()) -> Found:
    """A person and what is held of them. `left_out`: keys of appearances that are somebody else."""
    person = person_of(mail=mail, contact=contact, user=user, left_out=left_out)
    held = [(one.key, one.label, one.count(person)) for one in sources]
    return Found(person, [one for one in held if one[2]], choices_of(person))


def sought(text: str) -> dict[str, str]:
    """What somebody typed, as what it may be: an address may be an id too."""
    text = text.strip()
    return {"mail": text if "@" in text else "", "contact": text, "user": text}


def needles(person: Person) -> set[str]:
    """The texts that name a person wherever they stand."""
    ids = words.telling_ids({*person.contact_ids, *person.user_ids, *person.visitor_ids})
    return {*person.mails, *words.telling_names(person.names), *ids, *words.telling_phones(person.phones)}


def choices_of(person: Person) -> list[Choice]:
    """Where texts name the person, and things that may be theirs."""
    pattern = words.pattern_of(needles(person))
    found = [choice for one in declared.values() if one.free and pattern for choice in _named_in(one, pattern)]
    for offer, _delete in choice_makers.values():
        found += offer(person)
    return found[:MOST_CHOICES]


def _named_in(one: Declared, pattern: str) -> Iterator[Choice]:
    manager: Any = one.model.objects  # type: ignore[attr-defined]  # every tenant's model has its manager
    wanted = models.Q()
    for column in one.free:
        wanted |= models.Q(**{f"{column}__iregex": pattern})
    names = ["pk", *one.free, *([one.where] if one.where else [])]
    for row in manager.filter(wanted).values(*names).order_by("pk")[:MOST_CHOICES]:
        said = [str(row[column] or "") for column in one.free]
        hits = [text for text in said if words.without(text, pattern) != text]
        if hits:
            where = str(row[one.where] or "") if one.where else ""
            key, place = f"{one.label}:{_plain(row['pk'])}", str(one.model._meta.verbose_name)
            yield Choice(key, place, where, words.excerpt(hits[0], pattern), pk=0, columns=one.free)


def _plain(pk: Any) -> str:
    return "-".join(str(part) for part in pk) if isinstance(pk, tuple) else str(pk)


def copies_update(pattern: str, json_pattern: str) -> int:
    """Black out what programs kept of the person in other places; returns how many rows were changed."""
    count = 0
    for one in declared.values():
        for name in one.copies:
            field: Any = one.model._meta.get_field(name)
            of_json = isinstance(field, models.JSONField)
            used = json_pattern if of_json else pattern
            if used:
                count += _blackout(one.model._meta.db_table, field.column, "jsonb" if of_json else "text", used)
    return count


def _blackout(table: str, column: str, type_: LiteralString, pattern: str) -> int:
    quote = connection.ops.quote_name
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE {quote(table)} SET {quote(column)} = regexp_replace({quote(column)}::text, %s, %s, 'gi')::{type_}"  # noqa: S608 - own names
            f" WHERE tenant_id = %s AND {quote(column)}::text ~* %s",
            [pattern, words.ERASED, current_tenant_id(), pattern],
        )
        return int(cursor.rowcount)
