"""Uses without users, as imports bring them: a source of days beside the events."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import OuterRef

from accounts.models import Account, Feature
from accounts.services import feature_save, name_key
from imports.cleaning import fold
from tenants.models import Member
from tenants.scope import current_tenant_id
from usage.models import EventKind, EventName, FeatureName, Group, Mark, UsageCount
from usage.services.features import feature_names_set


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
    tenant = current_tenant_id()
    for (day, account_id), found in _by_slice(counts).items():
        UsageCount.objects.filter(
            day=day, account_id=account_id, name_id__in=[names[one.name] for one in found]
        ).delete()
    UsageCount.objects.bulk_create(
        [
            UsageCount(tenant_id=tenant, account_id=c.account_id, day=c.day, name_id=names[c.name], uses=c.uses)
            for c in counts if c.uses is not None
        ],
        batch_size=2_000,
    )  # fmt: skip
    groups = _groups({count.account_id for count in counts}, at)
    slices = {(groups[count.account_id], count.day) for count in counts}
    Mark.objects.bulk_create([Mark(group_id=group, day=day) for group, day in sorted(slices)], batch_size=2_000)


def _by_slice(counts: Iterable[Count]) -> Mapping[tuple[date, int], list[Count]]:
    found: dict[tuple[date, int], list[Count]] = {}
    for count in counts:
        found.setdefault((count.day, count.account_id), []).append(count)
    return found


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
