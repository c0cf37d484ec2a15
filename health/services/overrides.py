"""Writes bands set by hand."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from accounts.models import Account, ContractLine
from health.models import Band, Override, Score
from health.overrides import APART, LOST, RENEWED, RIGHT
from operations.selectors import closed_day
from tenants.models import Member, Tenant
from tenants.services import audit_add

LONGEST_DAYS = 180
LONGEST_REASON = 300
BANDS = (Band.GREEN, Band.AMBER, Band.RED)
EXPIRED = "platform"  # how the audit trail names the night


def override_set(
    *,
    account: Account,
    band: str,
    reason: str,
    until: date | None,
    today: date,
    by: Member | None,
    at: datetime,
    label: str = "",
) -> Override:
    """Set the band of an account by hand from today to before `until`; one that is open ends. The score stays.

    Raises ValidationError by field: a band that is none or is the computed one, no reason, no end or one that is not
    1 to 180 days ahead.
    """
    Account.objects.select_for_update().get(pk=account.pk)  # of two at once the later one ends the earlier one
    computed = computed_bands([account.pk], account.tenant).get(account.pk, Band.UNKNOWN)
    said = reason.replace("\x00", "").strip()
    ends = _demand(band, computed, said, until, today)
    for open_one in Override.objects.filter(account=account, ended_on=None).select_related("account"):
        override_end(override=open_one, today=today, by=by, at=at, label=label)
    made = Override.objects.create(
        account=account, band=band, band_then=computed, reason=said[:LONGEST_REASON], since=today, until=ends,
        author=by, created_at=at,
    )  # fmt: skip
    changes = {"band": [str(computed), band], "reason": [None, made.reason], "until": [None, str(ends)]}
    audit_add(actor=by, action="create", target=made, at=at, changes=changes, label=label or None)
    return made


def _demand(band: str, computed: str, reason: str, until: date | None, today: date) -> date:
    """The end, when all is as it must be; raises ValidationError by field."""
    faults = {}
    if band not in BANDS:
        faults["band"] = _("Choose healthy, watch or at risk.")
    elif band == computed:
        faults["band"] = _("That is the computed band: there is nothing to set by hand.")
    if not reason:
        faults["reason"] = _("Say why: others will read it.")
    if until is None or not today < until <= today + timedelta(days=LONGEST_DAYS):
        faults["until"] = _("Choose a day after today, at most %(days)d days ahead.") % {"days": LONGEST_DAYS}
    if faults or until is None:
        raise ValidationError(faults)
    return until


def override_end(*, override: Override, today: date, by: Member | None, at: datetime, label: str = "") -> None:
    """End a band set by hand, and judge it; one that has ended stays as it is."""
    if override.ended_on is None:
        _end([override], override.account.tenant, today, by, at, label)


def overrides_expire(*, tenant: Tenant, today: date, at: datetime) -> int:
    """End and judge those whose day has come; returns how many."""
    due = Override.objects.select_for_update(of=("self",)).select_related("account")
    return _end(due.filter(ended_on=None, until__lte=today).order_by("id"), tenant, today, None, at, EXPIRED)


def _end(
    overrides: Iterable[Override], tenant: Tenant, today: date, by: Member | None, at: datetime, label: str
) -> int:
    ending = list(overrides)
    ids = [one.account_id for one in ending]
    bands, decided = computed_bands(ids, tenant), terms_decided(ids)
    for one in ending:
        one.ended_on, one.ended_by = min(today, one.until), by
        one.outcome = override_outcome(one, bands.get(one.account_id, Band.UNKNOWN), decided.get(one.account_id, []))
        one.save(update_fields=["ended_on", "ended_by", "outcome"])
        changes = {"override_outcome": [None, one.outcome]}
        audit_add(actor=by, action="end", target=one, at=at, changes=changes, label=label or None)
    return len(ending)


def override_outcome(override: Override, computed: str, decided: list[tuple[date, str]]) -> str:
    """What came of it. What the customer did while it stood says more than what is computed."""
    did = [what for day, what in decided if override.since <= day <= (override.ended_on or override.until)]
    if any(what != ContractLine.Outcome.RENEWED for what in did):
        return LOST
    if did:
        return RENEWED
    return RIGHT if computed == override.band else APART


def terms_decided(account_ids: list[int]) -> dict[int, list[tuple[date, str]]]:
    """What became of the accounts' terms, and when that was decided."""
    lines = ContractLine.objects.filter(contract__account_id__in=account_ids, one_off=False)
    found: dict[int, list[tuple[date, str]]] = {}
    rows = lines.exclude(outcome="")
    for pk, day, what in rows.values_list("contract__account_id", "outcome_date", "outcome"):
        if day is not None:
            found.setdefault(pk, []).append((day, what))
    return found


def computed_bands(account_ids: list[int], tenant: Tenant) -> dict[int, str]:
    """The bands of the last closed day by account; none before the first."""
    day = closed_day(tenant=tenant)
    if day is None or not account_ids:
        return {}
    return dict(Score.objects.filter(day=day, account_id__in=account_ids).values_list("account_id", "band"))
