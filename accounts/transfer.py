"""Where ids of this room hide outside of references, for a tenant that moves to another installation."""

import json
import re
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from django.db import connection
from django.http import QueryDict

from accounts.models import (
    Account,
    Aside,
    BulkChange,
    Contact,
    CustomField,
    Mailbox,
    SavedView,
    SearchToken,
    Segment,
    ServiceTier,
    StageProposal,
    StageRule,
    Tag,
    Touch,
)
from tenants.models import Member
from tenants.scope import current_tenant_id
from tenants.transfer import Shifts

_CSM = re.compile(r"(?<=csm=)\d+")
_SEGMENT = re.compile(r"(?<=segment=)\d+")


def found_id_sql(shifts: Shifts) -> str:
    """The object of a search token, by its kind."""
    kinds = {
        SearchToken.Kind.ACCOUNT: shifts(Account._meta.db_table),
        SearchToken.Kind.CONTACT: shifts(Contact._meta.db_table),
        SearchToken.Kind.TOUCH: shifts(Touch._meta.db_table),
    }
    cases = " ".join(f"WHEN '{kind}' THEN {by:d}" for kind, by in kinds.items())
    return f"object_id + CASE kind {cases} END"


def saved_views_shift(shifts: Shifts) -> None:
    """Members, segments and conditions named in the addresses of saved views."""
    members, segments = shifts(Member._meta.db_table), shifts(Segment._meta.db_table)
    shift = _value_shifts(shifts)
    views = list(SavedView.objects.all())
    for view in views:
        view.query = _CSM.sub(lambda found: str(int(found[0]) + members), view.query)
        view.query = _SEGMENT.sub(lambda found: str(int(found[0]) + segments), view.query)
        if "where=" in view.query:
            view.query = _conditions_shifted(view.query, shift)
    SavedView.objects.bulk_update(views, ["query"], batch_size=500)


def asides_forget(_shifts: Shifts) -> None:
    """Reasons are named by ids of one installation; in another, nothing is put aside."""
    Aside.objects.all().delete()


def mailboxes_forget(_shifts: Shifts) -> None:
    """Mail-in addresses open doors of one installation only; they are made anew when they are asked for."""
    Mailbox.objects.all().delete()


def _conditions_shifted(query: str, shift: Mapping[str, int]) -> str:
    params = QueryDict(query, mutable=True)
    with suppress(ValueError):
        params["where"] = json.dumps(_shifted(json.loads(str(params.get("where", ""))), shift))
    return params.urlencode()


def segments_shift(shifts: Shifts) -> None:
    """Members and tags named in the definitions of segments, in the history of fields and in changes to undo."""
    shift = _value_shifts(shifts)
    segments = list(Segment.objects.all())
    for segment in segments:
        segment.definition = _shifted(segment.definition, shift)
    Segment.objects.bulk_update(segments, ["definition"], batch_size=500)
    _conditions_shift(shift)
    changes, accounts = list(BulkChange.objects.all()), shifts(Account._meta.db_table)
    for change in changes:
        change.changes = [
            [pk + accounts, key, *(_moved(value, shift.get(key, 0)) for value in values)]
            for pk, key, *values in change.changes
        ]
    BulkChange.objects.bulk_update(changes, ["changes"], batch_size=500)
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE accounts_accountfieldhistory h SET value = (value::bigint + s.by)::text"
            " FROM unnest(%s::text[], %s::bigint[]) s (field, by)"
            " WHERE tenant_id = %s AND h.field = s.field AND value IS NOT NULL",
            [list(shift), list(shift.values()), current_tenant_id()],
        )


def _conditions_shift(shift: Mapping[str, int]) -> None:
    tiers = list(ServiceTier.objects.exclude(rule=None))
    for tier in tiers:
        tier.rule = _shifted(tier.rule, shift)
    ServiceTier.objects.bulk_update(tiers, ["rule"], batch_size=500)
    rules, moves = list(StageRule.objects.all()), list(StageProposal.objects.all())
    for rule in rules:
        rule.entry, rule.exit = _shifted(rule.entry, shift), _shifted(rule.exit, shift)
    for move in moves:
        move.because = _shifted(move.because, shift)
    StageRule.objects.bulk_update(rules, ["entry", "exit"], batch_size=500)
    StageProposal.objects.bulk_update(moves, ["because"], batch_size=500)


def _value_shifts(shifts: Shifts) -> dict[str, int]:
    """The fields whose values are ids, and how far those moved."""
    members = shifts(Member._meta.db_table)
    people = CustomField.objects.filter(kind=CustomField.Kind.PERSON, holder=CustomField.Holder.ACCOUNT)
    own = {"tags": shifts(Tag._meta.db_table), "tier": shifts(ServiceTier._meta.db_table)}
    return {**own, "csm": members, **{field.name: members for field in people}}


def _moved(value: Any, by: int) -> Any:
    return str(int(value) + by) if by and isinstance(value, str) and value.isascii() and value.isdigit() else value


def _shifted(part: Any, shift: Mapping[str, int]) -> Any:
    """A definition whose ids have moved."""
    if not isinstance(part, dict):
        return part
    if "field" in part:
        held, by = part.get("value"), shift.get(str(part["field"]), 0)
        return {**part, "value": [_moved(one, by) for one in held]} if isinstance(held, list) else part
    return {
        name: [_shifted(one, shift) for one in parts] if isinstance(parts, list) else parts
        for name, parts in part.items()
    }
