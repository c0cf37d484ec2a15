"""Writes service tiers: what they owe, the rule that suggests them, their order."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from accounts.cells import cells
from accounts.models import Account, BulkChange, Level, ServiceTier, TierDuty, Touch
from accounts.segments.catalogue import catalogue
from accounts.segments.definition import DefinitionFault, parse
from accounts.segments.words import fault_text
from accounts.selectors.tiers import tier_list
from accounts.services.accounts import EditConflict
from accounts.services.bulk import accounts_set
from tenants.models import Member
from tenants.services import audit_add

MOST_TIERS = 20
MOST_DUTIES = 8
DUTY_FIELDS = ("name", "kinds", "levels", "every", "unit")
Duty = Mapping[str, Any]


def tier_save(
    *, values: Mapping[str, Any], at: datetime, by: Member | None, tier: ServiceTier | None = None,
    version: int | None = None, label: str = "",
) -> ServiceTier:  # fmt: skip
    """A new tier (name, rule, duties), or a changed one; fields left out stay. `duties` replace those held.

    Raises ValidationError by field for a taken name, a rule that cannot be read or a duty that makes no sense, and
    EditConflict when somebody saved it since `version`.
    """
    creating = tier is None
    tier = tier or _new(at)
    if not creating:
        tier.refresh_from_db(from_queryset=ServiceTier.objects.select_for_update())
        if version is not None and version != tier.version:
            raise EditConflict(
                _("Someone else saved this tier meanwhile. Yours is kept below; save again to go over it.")
            )
    changes: dict[str, list[Any]] = {}
    for field, read in (("name", _name), ("rule", _rule)):
        if field in values and getattr(tier, field) != (value := read(tier, values[field])):
            changes[field] = [getattr(tier, field), value]
            setattr(tier, field, value)
    duties = [_checked(duty) for duty in _few(values.get("duties", ()))]
    if not tier.name:
        raise ValidationError({"name": _("Give the tier a name.")})
    tier.version += 0 if creating else 1
    tier.full_clean(exclude=["tenant", "archived_at"])
    tier.save()
    if "duties" in values and _duties_set(tier, duties):
        changes["duties"] = [None, [duty["name"] for duty in duties]]
    audit_add(actor=by, action="create" if creating else "change", target=tier, at=at,
              changes={} if creating else changes, label=label or None)  # fmt: skip
    return tier


def _new(at: datetime) -> ServiceTier:
    count = len(tier_list())
    if count >= MOST_TIERS:
        raise ValidationError(_("There are %(count)d tiers already; archive one first.") % {"count": count})
    return ServiceTier(created_at=at, position=count)


def _name(tier: ServiceTier, value: Any) -> str:
    name = " ".join(str(value).split())
    if ServiceTier.objects.filter(name=name, archived_at=None).exclude(pk=tier.pk).exists():
        raise ValidationError({"name": _("Another tier has this name.")})
    return name


def _rule(_tier: ServiceTier, value: Any) -> Any:
    if value is None:
        return None
    try:
        return value if parse(value, catalogue()).parts else None
    except DefinitionFault as fault:
        raise ValidationError({"rule": fault_text(fault)}) from fault


def _few(duties: Sequence[Duty]) -> Sequence[Duty]:
    if len(duties) > MOST_DUTIES:
        raise ValidationError({"duties": _("A tier has at most %(most)d duties.") % {"most": MOST_DUTIES}})
    return duties


def _duties_set(tier: ServiceTier, duties: Sequence[Duty]) -> bool:
    """Replace what the tier owes; whether that changed anything."""
    rows = [TierDuty(tier=tier, position=place, **duty) for place, duty in enumerate(duties)]
    held = list(TierDuty.objects.filter(tier=tier).order_by("position", "id").values(*DUTY_FIELDS))
    if held == [{field: getattr(row, field) for field in DUTY_FIELDS} for row in rows]:
        return False
    TierDuty.objects.filter(tier=tier).delete()
    TierDuty.objects.bulk_create(rows)
    return True


def _checked(duty: Duty) -> dict[str, Any]:
    found = {field: duty.get(field, [] if field in ("kinds", "levels") else "") for field in DUTY_FIELDS}
    known = {"kinds": set(Touch.Kind.values), "levels": set(Level.values)}
    wrong = [one for field, codes in known.items() for one in found[field] if one not in codes]
    if not found["name"] or wrong or found["unit"] not in TierDuty.Unit.values:
        raise ValidationError({"duties": _("Give each duty a name, known kinds and levels of touches, and a unit.")})
    if not isinstance(found["every"], int) or not 0 < found["every"] <= 1000:
        raise ValidationError({"duties": _("%(name)s: every 1 to 1,000.") % {"name": found["name"]}})
    return found


def tier_move(*, tier: ServiceTier, up: bool, at: datetime, by: Member) -> None:
    """Change places with the neighbour; of rules that hold for the same account, the first one's tier is suggested."""
    tiers = tier_list()
    here = next((place for place, one in enumerate(tiers) if one.pk == tier.pk), -1)
    there = here - 1 if up else here + 1
    if here < 0 or not 0 <= there < len(tiers):
        return
    tiers[here], tiers[there] = tiers[there], tiers[here]
    for position, one in enumerate(tiers):
        one.position = position
    ServiceTier.objects.bulk_update(tiers, ["position"])
    audit_add(actor=by, action="change", target=tier, at=at, changes={"position": [here + 1, there + 1]})


def tier_archive(*, tier: ServiceTier, at: datetime, by: Member) -> None:
    """Take a tier out of use: accounts that have it keep it and are owed nothing by it."""
    if tier.archived_at is None:
        tier.archived_at = at
        tier.save(update_fields=["archived_at"])
        audit_add(actor=by, action="archive", target=tier, at=at)


def tier_restore(*, tier: ServiceTier, at: datetime, by: Member) -> None:
    """Bring an archived tier back, last in order. Raises ValidationError when its name is taken by now."""
    if tier.archived_at is not None:
        tier.name = _name(tier, tier.name)
        tier.archived_at, tier.position = None, len(tier_list())
        tier.save(update_fields=["archived_at", "position"])
        audit_add(actor=by, action="restore", target=tier, at=at)


def tiers_set(*, accounts: Iterable[Account], tiers: Mapping[int, ServiceTier], at: datetime, by: Member) -> BulkChange:
    """Give each account its tier (by account id) in one change that can be undone."""
    chosen = [account for account in accounts if account.pk in tiers]
    return accounts_set(accounts=chosen, cell=cells()["tier"], values=tiers, at=at, by=by)
