"""Erases a person, and lets one in again."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import connection
from django.db.models import AutoField
from django.utils.translation import gettext as _

from common.locks import ACCOUNT_IDS, transaction_lock
from tenants.models import AuditEntry, Erasure, Member, Tenant
from tenants.personal import words
from tenants.personal.blocks import TEXT, allowed, block_add, reference_of, values_of
from tenants.personal.finding import Choice, Marks, choices_of, copies_update, person_of
from tenants.personal.identity import Person, widen
from tenants.personal.registry import choice_makers, declared, sources
from tenants.services import audit_add


@dataclass(frozen=True)
class Erased:
    """What an erasure did: rows by place."""

    erasure: Erasure
    counts: dict[str, int]


def person_erase(
    *,
    tenant: Tenant,
    person: Person,
    reason: str,
    at: datetime,
    by: Member | None,
    keep: Collection[str] = (),
    delete: Collection[str] = (),
    also: Collection[str] = (),
    label: str = "",
) -> Erased:
    """Erase a person in the caller's transaction and scope: all or nothing.

    Their rows go or lose what is theirs, texts that name them are blacked out but for the keys in `keep`, texts
    elsewhere with no more than their name only if `also` has their keys; things go that `delete` names; their events
    vanish and the days are marked to be built again. Hashes keep them out of every door. The audit entry names a hash.
    Raises ValidationError without a reason, or where nothing is known of them.
    """
    if not reason.strip():
        raise ValidationError({"reason": _("Say why: the person's wish, a contract, the law.")})
    for source in sources:
        source.hold()
    transaction_lock(ACCOUNT_IDS, tenant.pk)
    widen(person)  # what came in since they were found
    choices = choices_of(person)
    marks, near = Marks.of(person), _entries_near(person)
    reference = reference_of(person)
    erasure = Erasure.objects.create(
        at=at, by=by, by_label=label, reason=words.without(reason.strip(), marks.near)[:500], reference=reference
    )
    block_add(erasure=erasure, values=values_of(person))
    counts = {"texts": _texts_black_out(erasure, choices, marks.near, set(keep), set(also))}
    counts |= _things_delete(choices, set(delete), at)
    for source in reversed(sources):  # higher rooms first: their rows stand on those of lower ones
        if found := source.erase(person, at):
            counts[source.key] = counts.get(source.key, 0) + found
    counts["copies"] = copies_update(person, marks)
    counts["audit"] = _audit_black_out(erasure, person, marks, near)
    erasure.counts, erasure.is_open = {name: n for name, n in counts.items() if n}, False
    if not erasure.counts and not person.chosen:
        raise ValidationError(_("Nothing is known of such a person. Check how it is written."))
    erasure.save(update_fields=["counts", "is_open"])
    changes: dict[str, Any] = {"reason": [None, erasure.reason]}
    audit_add(actor=by, action="erase", target=erasure, at=at, changes=changes, label=label or None)
    return Erased(erasure, erasure.counts)


def _texts_black_out(
    erasure: Erasure, choices: Sequence[Choice], pattern: str, keep: set[str], also: set[str]
) -> int:  # fmt: skip
    """Black out the texts that were not kept, and those that were asked for; returns how many.

    Their hashes keep the same text from coming back.
    """
    count, before = 0, set()
    for choice in choices:
        if choice.kind != "text" or choice.key in keep or not (choice.chosen or choice.key in also):
            continue
        label, _sep, number = choice.key.partition(":")
        one = declared[label]
        manager: Any = one.model.objects  # type: ignore[attr-defined]  # every tenant's model has its manager
        key = number if "-" not in number else tuple(map(int, number.split("-")))
        row = manager.filter(pk=key).first()
        if row is None:
            continue
        for column in one.free:
            text = getattr(row, column) or ""
            if (new := words.without(text, pattern)) != text:
                before.add(text)
                manager.filter(pk=key).update(**{column: _fitting(one.model, column, new)})
                count += 1
        if one.after:
            one.after([row.pk])
    block_add(erasure=erasure, values={TEXT: before})
    return count


def _fitting(model: Any, column: str, text: str) -> str:
    return text[: model._meta.get_field(column).max_length or len(text)]


def _things_delete(choices: Sequence[Choice], delete: set[str], at: datetime) -> dict[str, int]:
    counts = {}
    for place, (_offer, remove) in choice_makers.items():
        wanted = [choice.key for choice in choices if choice.kind == place and choice.key in delete]
        if wanted:
            counts[place] = remove(wanted, at)
    return counts


def _entries_near(person: Person) -> dict[str, set[int]]:
    """The rows of the person and of their accounts, by what the audit trail calls their tables."""
    nouns = set(AuditEntry.objects.order_by().values_list("noun", flat=True).distinct())
    found = [one.rows_near(person) for one in declared.values()] + [one.found(person) for one in sources]
    near: dict[str, set[int]] = {"account": set(person.accounts)}
    for rows in found:
        noun = "" if rows is None else str(rows.model._meta.model_name)
        if rows is not None and noun in nouns and isinstance(rows.model._meta.pk, AutoField):
            near.setdefault(noun, set()).update(rows.values_list("pk", flat=True))
    return near


def _paired(rows: dict[str, set[int]]) -> tuple[list[str], list[int]]:
    pairs = [(noun, pk) for noun, pks in rows.items() for pk in sorted(pks)]
    return [noun for noun, _pk in pairs], [pk for _noun, pk in pairs]


def _audit_black_out(erasure: Erasure, person: Person, marks: Marks, near: dict[str, set[int]]) -> int:
    """Entries stay with who did what and when; what they say of the person goes. Only the owner's function can."""
    own = {label.rpartition(".")[2].lower(): pks for label, pks in person.rows.items()}
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT tenants_audit_erase(%s, %s::text[], %s::bigint[], %s::text[], %s::bigint[], %s, %s, %s)",
            [erasure.pk, *_paired(own), *_paired(near), marks.sure, marks.near, words.ERASED],
        )
        return int(cursor.fetchone()[0])


def person_allow(
    *, mail: str = "", contact: str = "", user: str = "", reason: str, at: datetime, by: Member | None
) -> int:
    """Let an erased person in again by one thing that they are called; returns how many hashes were forgotten: all that
    their erasure wrote.

    Nothing comes back by itself. Raises ValidationError without a reason, or where nobody of the kind was erased.
    """
    if not reason.strip():
        raise ValidationError({"reason": _("Say why: the person's wish, a contract, the law.")})
    person = person_of(mail=mail, contact=contact, user=user)
    count, references = allowed(values=values_of(person))
    if not count:
        raise ValidationError(_("Nobody who was erased is called so."))
    erasure = Erasure(reference=references[0] if references else reference_of(person), at=at)
    changes: dict[str, Any] = {"reason": [None, reason.strip()[:500]]}
    audit_add(actor=by, action="allow", target=erasure, at=at, changes=changes)
    return count
