"""Who was erased and must not come back: salted hashes that every door asks, and how many were turned away."""

import hashlib
import hmac
import secrets
from collections.abc import Iterable, Mapping
from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import connection
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from tenants.models import ErasedIdentity, Erasure, ErasureSalt
from tenants.personal.identity import Person
from tenants.scope import current_tenant_id

MAIL, CONTACT, USER, VISITOR, NAME, TEXT, EVENT = "mail", "contact", "user", "visitor", "name", "text", "event"
TURNED_AWAY = _("This person was erased and is not taken in again. An admin can let them in again.")


class ErasedPerson(ValidationError):  # noqa: N818 - named by whom it met
    """What came in belongs to a person who was erased."""

    def __init__(self) -> None:
        super().__init__(TURNED_AWAY, code="erased")


def plain(kind: str, value: str) -> str:
    """A value as it is hashed: addresses and names without case and spaces at the ends."""
    text = value.strip()
    return text if kind in (EVENT, TEXT, VISITOR) else text.casefold()


def named(account: str, name: str) -> str:
    """A person's name at an account, as one value."""
    return f"{account.strip()}\x1f{name.strip()}"


def _digest(salt: bytes, kind: str, value: str) -> str:
    said = f"{kind}\0{plain(kind, value)}".encode("utf-8", "surrogatepass")
    return hmac.new(salt, said, hashlib.sha256).hexdigest()


def _salt() -> bytes | None:
    held = ErasureSalt.objects.values_list("salt", flat=True).first()
    return None if held is None else bytes(held)


def blocked(kind: str, values: Iterable[str]) -> set[str]:
    """Those of the values that belong to an erased person. One cheap query where nobody was ever erased."""
    wanted = {value for value in values if value}
    salt = _salt() if wanted else None
    if salt is None:
        return set()
    by_digest: dict[str, set[str]] = {}
    for value in wanted:
        by_digest.setdefault(_digest(salt, kind, value), set()).add(value)
    held = ErasedIdentity.objects.filter(kind=kind, digest__in=list(by_digest)).values_list("digest", flat=True)
    return {value for digest in held for value in by_digest[digest]}


def anybody_blocked() -> bool:
    """Whether anybody was ever erased here: doors that see much ask this first."""
    return _salt() is not None


def person_blocked(
    *, mail: str = "", contact: str = "", user: str = "", account: str = "", name: str = ""
) -> bool:  # fmt: skip
    """Whether these say an erased person. A name at an account says one only without an e-mail address of its own."""
    if not anybody_blocked():
        return False
    asked: list[tuple[str, str]] = [(MAIL, mail), (CONTACT, contact), (USER, user), (MAIL, user)]
    if account and name and not mail:
        asked.append((NAME, named(account, name)))
    return any(value and blocked(kind, [value]) for kind, value in asked)


def salt_ensure() -> bytes:
    """The tenant's salt, made when somebody is erased for the first time."""
    ErasureSalt.objects.get_or_create(defaults={"salt": secrets.token_bytes(32)})
    return bytes(ErasureSalt.objects.values_list("salt", flat=True).get())


def values_of(person: Person) -> dict[str, set[str]]:
    """What the block-list keeps of a person, before it is hashed."""
    names = {named(place, name) for external_id, account, name in person.places for place in (external_id, account)}
    return {
        MAIL: person.mails, CONTACT: person.contact_ids, USER: person.user_ids, VISITOR: person.visitor_ids,
        NAME: names,
    }  # fmt: skip


def block_add(*, erasure: Erasure | None, values: Mapping[str, Iterable[str]]) -> None:
    """Keep the hashes of these values by kind. What an earlier erasure of the same person wrote is this one's too."""
    salt = salt_ensure()
    rows = [
        ErasedIdentity(erasure=erasure, kind=kind, digest=digest)
        for kind, found in values.items()
        for digest in sorted({_digest(salt, kind, value) for value in found if value.strip()})
    ]
    if erasure is not None:
        said = Q(pk__in=[])
        for kind in (MAIL, CONTACT, USER):
            said |= Q(kind=kind, digest__in=[row.digest for row in rows if row.kind == kind])
        earlier = ErasedIdentity.objects.filter(said, erasure__isnull=False).values_list("erasure_id", flat=True)
        ErasedIdentity.objects.filter(erasure__in=list(set(earlier) - {erasure.pk})).update(erasure=erasure)
    ErasedIdentity.objects.bulk_create(rows, ignore_conflicts=True, batch_size=5_000)


def erasures_of(*, values: Mapping[str, Iterable[str]]) -> dict[str, Erasure]:
    """The erasure behind each of these values that is blocked, by value."""
    salt = _salt()
    if salt is None:
        return {}
    found = {}
    for kind, said in values.items():
        digests = {_digest(salt, kind, value): value for value in said if value.strip()}
        held = ErasedIdentity.objects.filter(kind=kind, digest__in=list(digests), erasure__isnull=False)
        found.update({digests[one.digest]: one.erasure for one in held.select_related("erasure")})
    return found


def allowed(*, values: Mapping[str, Iterable[str]]) -> tuple[int, list[str]]:
    """Forget these values and all that the erasures wrote which they lead to; how many hashes, and the references."""
    salt = _salt()
    if salt is None:
        return 0, []
    telling = {kind: said for kind, said in values.items() if kind in (MAIL, CONTACT, USER)}
    erasures = erasures_of(values=telling).values()
    count = ErasedIdentity.objects.filter(erasure__in=[one.pk for one in erasures]).delete()[0]
    for kind, said in values.items():
        digests = [_digest(salt, kind, value) for value in said if value.strip()]
        count += ErasedIdentity.objects.filter(kind=kind, digest__in=digests).delete()[0]
    return count, sorted({one.reference for one in erasures})


def reference_of(person: Person) -> str:
    """What stands for a person in the audit trail: the same person gives the same sixteen letters, in this tenant."""
    salt = salt_ensure()
    said = sorted(f"{kind}:{plain(kind, value)}" for kind, found in values_of(person).items() for value in found)
    return _digest(salt, "person", "\n".join(said))[:16]


def turned_away(*, door: str, count: int, at: datetime) -> None:
    """Count what was turned away at a door on a day (UTC), and nothing of what it said."""
    if count <= 0:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO tenants_turnedaway (tenant_id, day, door, count) VALUES (%s, %s, %s, %s)"
            " ON CONFLICT (tenant_id, day, door) DO UPDATE SET count = tenants_turnedaway.count + excluded.count",
            [current_tenant_id(), at.date(), door, count],
        )
