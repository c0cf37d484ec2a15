"""Which event names count as the use of a feature, and which as a login."""

from collections.abc import Iterable
from datetime import datetime

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from accounts.models import Feature
from tenants.models import Member
from tenants.services import audit_add
from usage.models import FeatureName, LoginName
from usage.sql import run


def _cleaned(names: Iterable[str]) -> set[str]:
    cleaned = {name.strip() for name in names if name.strip()}
    if any(len(name) > 500 or "\x00" in name for name in cleaned):
        raise ValidationError(_("An event name has at most 500 characters."))
    return cleaned


def feature_names_set(
    *, feature: Feature, names: Iterable[str], at: datetime, by: Member | None, label: str = ""
) -> bool:
    """Let exactly these event names count as uses of the feature; returns whether that changed anything.

    The counts per name are kept, so no event is read again: metrics become stale, and the night computes them.
    """
    wanted = _cleaned(names)
    held = set(FeatureName.objects.filter(feature=feature).values_list("event_name", flat=True))
    if wanted == held:
        return False
    FeatureName.objects.filter(feature=feature, event_name__in=held - wanted).delete()
    FeatureName.objects.bulk_create([FeatureName(feature=feature, event_name=name) for name in sorted(wanted - held)])
    changes = {"event_names": [sorted(held), sorted(wanted)]}
    audit_add(actor=by, action="change", target=feature, at=at, changes=changes, label=label or None)
    return True


def login_names_set(*, names: Iterable[str], at: datetime, by: Member | None, label: str = "") -> bool:
    """Let exactly these event names count as logins; returns whether that changed anything.

    The slices that hold events of a name that came or went are marked, and built again from their events.
    """
    wanted = _cleaned(names)
    held = set(LoginName.objects.values_list("event_name", flat=True))
    if wanted == held:
        return False
    LoginName.objects.filter(event_name__in=held - wanted).delete()
    added = LoginName.objects.bulk_create([LoginName(event_name=name) for name in sorted(wanted - held)])
    run(
        """INSERT INTO usage_mark (tenant_id, group_id, day)
           SELECT DISTINCT %(tenant)s, g.id, d.day
           FROM usage_eventname n
           JOIN usage_nameday d ON d.tenant_id = %(tenant)s AND d.name_id = n.id
           JOIN usage_group g ON g.tenant_id = %(tenant)s AND g.account_id = d.account_id
           WHERE n.tenant_id = %(tenant)s AND n.name = ANY(%(names)s)""",
        names=sorted(wanted ^ held),
    )
    changes = {"login_names": [sorted(held), sorted(wanted)]}
    target = added[0] if added else LoginName(pk=0)
    audit_add(actor=by, action="change", target=target, at=at, changes=changes, label=label or None)
    return True
