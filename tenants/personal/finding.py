"""What is held of a person, and where they are named."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import models
from django.db.models.functions import Cast, Left

from tenants.personal import words
from tenants.personal.identity import Person, widen
from tenants.personal.registry import Declared, choice_makers, declared, sources

MOST_SHOWN = 500
CHUNK = 500


@dataclass(frozen=True)
class Choice:
    """Something that an admin decides on. `key`: place and number; `kind`: text (black out or keep) or thing.

    `chosen`: a text that is blacked out unless it is kept; one that may name a namesake only where it is asked for.
    """

    key: str
    place: str
    where: str
    excerpt: str
    kind: str = "text"
    chosen: bool = False


@dataclass(frozen=True)
class Found:
    """A person with what is held of them: rows by place, and what somebody has to decide on."""

    person: Person
    held: list[tuple[str, Any, int]]
    choices: list[Choice]

    @property
    def shown(self) -> list[Choice]:
        """The first of the choices, texts and things, as many as a page can show."""
        texts = [one for one in self.choices if one.kind == "text"]
        return texts[:MOST_SHOWN] + [one for one in self.choices if one.kind != "text"][:MOST_SHOWN]

    @property
    def unshown(self) -> int:
        """How many texts are blacked out without being shown."""
        texts = [one for one in self.choices if one.kind == "text"]
        return sum(one.chosen for one in texts[MOST_SHOWN:])

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
    held = [(one.key, one.label, one.count(person)) for one in sources if not one.inner]
    return Found(person, [one for one in held if one[2]], choices_of(person))


def keys_unknown(found: Found, *, texts: Sequence[str] = (), things: Sequence[str] = ()) -> list[str]:
    """The keys that name nothing that was found: appearances left out, texts and things. A mistyped key must not pass,
    for what was to be kept would be gone for good.
    """
    held = {"text": {one.key for one in found.choices if one.kind == "text"}}
    held["thing"] = {one.key for one in found.choices} - held["text"]
    wrong = [key for key in sorted(found.person.left_out) if key not in found.person.identities]
    return (
        wrong + [key for key in texts if key not in held["text"]] + [key for key in things if key not in held["thing"]]
    )


def sought(text: str) -> dict[str, str]:
    """What somebody typed, as what it may be: an address may be an id too."""
    text = text.strip()
    return {"mail": text if "@" in text else "", "contact": text, "user": text}


def needles(person: Person) -> set[str]:
    """The texts that name a person and nobody else: addresses, long ids, telephone numbers."""
    ids = words.telling_ids({*person.contact_ids, *person.user_ids, *person.visitor_ids})
    return {*person.mails, *ids, *words.telling_phones(person.phones)}


@dataclass(frozen=True)
class Marks:
    """By what texts name a person: `sure` anywhere; `near`, with their names, in rows of their own accounts.

    Names elsewhere may be a namesake's, so that somebody has to decide.
    """

    sure: str
    near: str

    @classmethod
    def of(cls, person: Person) -> "Marks":
        """A person's. What is a part of a longer name of somebody else at the account is not meant."""
        sure, names = needles(person), words.telling_names(person.names)
        return cls(words.pattern_of(sure), words.pattern_of(sure | names, person.longer - sure))


def choices_of(person: Person) -> list[Choice]:
    """Every place where texts name the person, and every thing that may be theirs."""
    marks = Marks.of(person)
    found = [choice for one in declared.values() if one.free and marks.near for choice in _named(one, person, marks)]
    for offer, _delete in choice_makers.values():
        found += offer(person)
    return found


def _named(one: Declared, person: Person, marks: Marks) -> Iterator[Choice]:
    manager: Any = one.model.objects  # type: ignore[attr-defined]  # every tenant's model has its manager
    wanted = models.Q()
    for column in one.free:
        wanted |= models.Q(**{f"{column}__iregex": marks.near})
    names = ["pk", *one.free, *([one.where, one.account] if one.account else [one.where] if one.where else [])]
    for row in manager.filter(wanted).values(*names).order_by("pk").iterator(chunk_size=CHUNK):
        said = [str(row[column] or "") for column in one.free]
        hits = [text for text in said if words.without(text, marks.near) != text]
        if hits:
            theirs = bool(one.account) and row[one.account] in person.accounts
            sure = theirs or any(words.without(text, marks.sure) != text for text in hits)
            where = str(row[one.where] or "") if one.where else ""
            key, place = f"{one.label}:{_plain(row['pk'])}", str(one.model._meta.verbose_name)
            yield Choice(key, place, where, words.excerpt(hits[0], marks.near), chosen=sure)


def _plain(pk: Any) -> str:
    return "-".join(str(part) for part in pk) if isinstance(pk, tuple) else str(pk)


def copies_update(person: Person, marks: Marks) -> int:
    """Black out what programs kept of the person in other places; returns how many columns of rows were changed."""
    count = 0
    for one in declared.values():
        manager: Any = one.model.objects  # type: ignore[attr-defined]  # every tenant's model has its manager
        for name in one.copies:
            for rows, pattern in ((manager.all(), marks.sure), (one.rows_near(person), marks.near)):
                if rows is not None and pattern:
                    count += _black_out(rows, one.model._meta.get_field(name), pattern)
    return count


def _black_out(rows: "models.QuerySet[Any]", field: Any, pattern: str) -> int:
    """Only what a JSON value says is changed, never its keys or its form."""
    said = rows.annotate(text_said=Cast(models.F(field.name), models.TextField())).filter(text_said__iregex=pattern)
    new: Any
    if isinstance(field, models.JSONField):
        new = models.Func(models.F(field.name), models.Value(pattern), models.Value(words.ERASED),
                          function="tenants_json_without", output_field=models.JSONField())  # fmt: skip
    else:
        new = models.Func(models.F(field.name), models.Value(pattern), models.Value(words.ERASED), models.Value("gi"),
                          function="regexp_replace", output_field=models.TextField())  # fmt: skip
        new = Left(new, field.max_length) if field.max_length else new
    changed = said.annotate(text_new=new).exclude(text_new=models.F(field.name))
    return int(changed.update(**{field.name: models.F("text_new")}))
