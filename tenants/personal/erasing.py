"""Erases a person, and lets one in again."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import connection
from django.utils.translation import gettext as _

from common.locks import ACCOUNT_IDS, transaction_lock
from tenants.models import Erasure, Member, Tenant
from tenants.personal import words
from tenants.personal.blocks import TEXT, block_add, block_remove, reference_of, values_of
from tenants.personal.finding import Choice, choices_of, copies_update, needles, person_of
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
    label: str = "",
) -> Erased:
    """Erase a person in the caller's transaction and scope: all or nothing.

    Their rows go or lose what is theirs, texts that name them are blacked out but for the keys in `keep`, things go
    that `delete` names; their events vanish and the days are marked to be built again. Hashes keep them out of every
    door. The audit entry names a hash. Raises ValidationError without a reason, or where nothing is known of them.
    """
    if not reason.strip():
        raise ValidationError({"reason": _("Say why: the person's wish, a contract, the law.")})
    for source in sources:
        source.hold()
    transaction_lock(ACCOUNT_IDS, tenant.pk)
    widen(person)  # what came in since they were found
    choices = choices_of(person)
    pattern = words.pattern_of(needles(person))
    in_json = words.pattern_of(words.in_json(needles(person)))
    reference = reference_of(person)
    erasure = Erasure.objects.create(
        at=at, by=by, by_label=label, reason=words.without(reason.strip(), pattern)[:500], reference=reference
    )
    block_add(erasure=erasure, values=values_of(person))
    counts = {"texts": _texts_black_out(erasure, choices, pattern, set(keep))}
    counts |= _things_delete(choices, set(delete), at)
    for source in reversed(sources):  # higher rooms first: their rows stand on those of lower ones
        if found := source.erase(person, at):
            counts[source.key] = counts.get(source.key, 0) + found
    counts["copies"] = copies_update(pattern, in_json)
    counts["audit"] = _audit_black_out(erasure, person, in_json)
    erasure.counts, erasure.is_open = {name: n for name, n in counts.items() if n}, False
    if not erasure.counts and not person.chosen:
        raise ValidationError(_("Nothing is known of such a person. Check how it is written."))
    erasure.save(update_fields=["counts", "is_open"])
    changes: dict[str, Any] = {"reason": [None, erasure.reason]}
    audit_add(actor=by, action="erase", target=erasure, at=at, changes=changes, label=label or None)
    return Erased(erasure, erasure.counts)


def _texts_black_out(erasure: Erasure, choices: Sequence[Choice], pattern: str, keep: set[str]) -> int:
    """Black out the texts that were not kept; their hashes keep the same text from coming back."""
    count, before = 0, set()
    for choice in choices:
        if choice.kind != "text" or choice.key in keep:
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


def _audit_black_out(erasure: Erasure, person: Person, pattern: str) -> int:
    """Entries stay with who did what and when; what they say of the person goes. Only the owner's function can."""
    nouns, ids = [], []
    for label, pks in person.rows.items():
        nouns += [label.rpartition(".")[2].lower()] * len(pks)
        ids += sorted(pks)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT tenants_audit_erase(%s, %s::text[], %s::bigint[], %s, %s)",
            [erasure.pk, nouns, ids, pattern, words.ERASED],
        )
        return int(cursor.fetchone()[0])


def person_allow(
    *, mail: str = "", contact: str = "", user: str = "", reason: str, at: datetime, by: Member | None
) -> int:
    """Let an erased person in again by what they are called; returns how many hashes were forgotten.

    Nothing comes back by itself. Raises ValidationError without a reason, or where nobody of the kind was erased.
    """
    if not reason.strip():
        raise ValidationError({"reason": _("Say why: the person's wish, a contract, the law.")})
    person = person_of(mail=mail, contact=contact, user=user)
    reference = reference_of(person)
    count = block_remove(values=values_of(person))
    if not count:
        raise ValidationError(_("Nobody who was erased is called so."))
    erasure = Erasure(reference=reference, at=at)
    changes: dict[str, Any] = {"reason": [None, reason.strip()[:500]]}
    audit_add(actor=by, action="allow", target=erasure, at=at, changes=changes)
    return count
