"""Uses without users, as imports bring them: a source of days beside the events."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, LiteralString

from django.db.models import OuterRef

from accounts.models import Account, Feature
from accounts.services import feature_save, name_key
from imports.cleaning import fold
from tenants.models import Member
from usage.models import EventKind, EventName, FeatureName, Group, Mark
from usage.services.features import feature_names_set
from usage.sql import run


@dataclass(frozen=True)
class Count:
    """Uses of something by an account on a day; None: nothing is known of them any more."""

    account_id: int
    day: date
    name: str
    uses: int | None


def counts_set(*, counts: Sequence[Count], at: datetime) -> None:
    """Keep these counts, one per account, day and name; the days are marked to be built again. Twice is once."""
    names = _names({count.name for count in counts})
    kept = [count for count in counts if count.uses is not None]
    gone = [count for count in counts if count.uses is None]
    run(_KEEP, **_columns(kept, names), uses=[count.uses for count in kept])
    run(_FORGET, **_columns(gone, names))
    groups = _groups({count.account_id for count in counts}, at)
    slices = {(groups[count.account_id], count.day) for count in counts}
    Mark.objects.bulk_create([Mark(group_id=group, day=day) for group, day in sorted(slices)], batch_size=2_000)


def _columns(counts: Sequence[Count], names: Mapping[str, int]) -> dict[str, list[Any]]:
    return {
        "days": [count.day for count in counts],
        "accounts": [count.account_id for count in counts],
        "names": [names[count.name] for count in counts],
    }


_KEEP: LiteralString = """
INSERT INTO usage_usagecount (tenant_id, day, account_id, name_id, uses)
SELECT %(tenant)s, * FROM unnest(%(days)s::date[], %(accounts)s::bigint[], %(names)s::bigint[], %(uses)s::int[])
ON CONFLICT (tenant_id, day, account_id, name_id) DO UPDATE SET uses = excluded.uses"""
_FORGET: LiteralString = """
DELETE FROM usage_usagecount c
USING unnest(%(days)s::date[], %(accounts)s::bigint[], %(names)s::bigint[]) AS g (day, account_id, name_id)
WHERE c.tenant_id = %(tenant)s AND c.day = g.day AND c.account_id = g.account_id AND c.name_id = g.name_id"""


def _names(wanted: set[str]) -> dict[str, int]:
    rows = [EventName(kind=EventKind.TRACK, name=name) for name in sorted(wanted)]
    EventName.objects.bulk_create(rows, ignore_conflicts=True)
    found = EventName.objects.filter(kind=EventKind.TRACK, name__in=wanted)
    return dict(found.values_list("name", "id"))


def _groups(account_ids: set[int], at: datetime) -> dict[int, int]:
    """The group of each account under its own id, made where nothing was ever reported of it."""
    ids = dict(Account.objects.filter(pk__in=account_ids).values_list("pk", "external_id"))
    rows = [Group(external_id=external_id, account_id=pk, first_seen_at=at) for pk, external_id in ids.items()]
    Group.objects.bulk_create(rows, ignore_conflicts=True)
    Group.objects.filter(external_id__in=ids.values(), account=None).update(
        account_id=Account.objects.filter(external_id=OuterRef("external_id")).values("pk")[:1]
    )
    found = dict(Group.objects.filter(external_id__in=ids.values()).values_list("external_id", "id"))
    return {pk: found[external_id] for pk, external_id in ids.items()}


def counts_features(*, names: Iterable[str], at: datetime, by: Member | None, label: str = "") -> list[tuple[str, str]]:
    """Let these names count as uses of the features that they name; features that are new are made.

    Returns (key, name) of those made.
    """
    wanted = set(names) - set(FeatureName.objects.values_list("event_name", flat=True))
    features = list(Feature.objects.order_by("-id"))
    known = {fold(text): one for one in features for text in (one.name, one.key)}
    made = []
    for name in sorted(wanted):
        feature = known.get(fold(name)) or known.get(_slug(name))
        if feature is None:
            values = {"key": _slug(name), "name": name[:120]}
            feature = feature_save(values=values, at=at, by=by, label=label)
            known[fold(name)] = known[feature.key] = feature
            made.append((feature.key, feature.name))
        held = set(FeatureName.objects.filter(feature=feature).values_list("event_name", flat=True))
        feature_names_set(feature=feature, names=held | {name}, at=at, by=by, label=label)
    return made


def _slug(name: str) -> str:
    return re.sub(r"[^a-z0-9_]+", "-", name_key(name).lower()).strip("-")[:60] or "feature"
