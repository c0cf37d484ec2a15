"""The state machine of alerts: opened and ended by the night, snoozed and done by people."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from accounts.facts import fact_values
from accounts.models import Account, Segment
from accounts.segments.definition import DefinitionFault
from accounts.segments.words import fault_text
from accounts.selectors.segments import segment_group
from accounts.services import EditConflict
from accounts.services.segments import segment_bears
from common.rounding import whole
from health.selectors import scores_of_day
from playbooks.models import Alert, RuleSetting
from playbooks.rules import Finding, Situation, findings
from playbooks.selectors import accounts_of_rules, rule_use
from tenants.models import Member
from tenants.services import audit_add

QUIET_AFTER_DONE = timedelta(days=14)
LIVE = (Alert.State.OPEN, Alert.State.SNOOZED)
FACT_KEYS = ("users_28", "users_28_before", "usage_trend", "days_silent", "days_to_renewal")


def situations(*, as_of: date) -> list[Situation]:
    """What the rules look at, of every live account as of a day."""
    values = fact_values(keys=FACT_KEYS, as_of=as_of)
    scores = scores_of_day(day=as_of)
    found = []
    for account_id in Account.objects.filter(archived_at=None).values_list("id", flat=True):
        facts = {key: values.get(key, {}).get(account_id) for key in FACT_KEYS}
        score = scores.get(account_id)
        number = None if score is None or score.score is None else whole(score.score)
        found.append(Situation(account_id, score=number, band=score.band if score else "unknown", **facts))
    return found


def alerts_refill(*, as_of: date, at: datetime) -> int:
    """Open what the rules find, refresh what is still true, end what no longer holds; returns how many are live.

    A rule looks only at the accounts of its segment, where it has one; one that a person has marked done stays quiet
    for 14 days.
    """
    watched = accounts_of_rules(as_of=as_of)
    found = {
        (f.account_id, f.rule): f
        for now in situations(as_of=as_of)
        for f in findings(now, as_of)
        if (ids := watched[f.rule]) is None or f.account_id in ids
    }
    live = {(a.account_id, a.rule): a for a in Alert.objects.filter(state__in=LIVE)}
    quiet = set(
        Alert.objects.filter(state=Alert.State.DONE, closed_on__gt=as_of - QUIET_AFTER_DONE).values_list(
            "account_id", "rule"
        )
    )
    _end([alert for key, alert in live.items() if key not in found], as_of=as_of, at=at)
    for key in live.keys() & found.keys():
        _refresh(live[key], found[key], as_of)
    _open([f for key, f in found.items() if key not in live and key not in quiet], as_of=as_of)
    return len(found)


def alert_rule_save(
    *, rule: str, segment: Segment | None, at: datetime, by: Member, version: int | None = None
) -> RuleSetting:
    """Let a rule look only at a segment, or at all accounts (None), from the coming night on.

    Raises ValidationError for a segment that is deleted or asks for alerts, and EditConflict when somebody saved the
    rule since `version`.
    """
    setting = RuleSetting.objects.select_for_update().filter(rule=rule).first() or RuleSetting(rule=rule, version=0)
    if version is not None and version != setting.version:
        raise EditConflict(_("Someone else saved this rule meanwhile. Yours is kept below; save again to go over it."))
    if segment is not None:
        _must_bear(rule, segment)
    before, setting.segment = setting.segment, segment
    setting.version += 1
    setting.save()
    if before != segment:
        changes = {"looks_at": [before and before.name, segment and segment.name]}
        audit_add(actor=by, action="change", target=setting, at=at, changes=changes)
    return setting


def _must_bear(rule: str, segment: Segment) -> None:
    if segment.archived_at is not None:
        raise ValidationError(_("This segment is deleted. Choose another one."))
    try:
        group = segment_group(segment=segment)
    except DefinitionFault as fault:
        raise ValidationError(fault_text(fault)) from fault
    segment_bears(group=group, use=rule_use(RuleSetting(rule=rule)))


def _open(found: Iterable[Finding], *, as_of: date) -> None:
    found = list(found)
    csms = dict(Account.objects.filter(id__in=[f.account_id for f in found]).values_list("id", "csm_id"))
    Alert.objects.bulk_create(
        [
            Alert(
                account_id=f.account_id,
                rule=f.rule,
                opened_on=as_of,
                due_on=f.due_on,
                owner_id=csms[f.account_id],
                facts=f.facts,
            )
            for f in found
        ],
        batch_size=1000,
    )


def _refresh(alert: Alert, found: Finding, as_of: date) -> None:
    back = alert.state == Alert.State.SNOOZED and alert.snoozed_until is not None and alert.snoozed_until <= as_of
    if back or alert.facts != found.facts:
        alert.facts = found.facts
        if back:
            alert.state, alert.snoozed_until = Alert.State.OPEN, None
        alert.save(update_fields=["facts", "state", "snoozed_until"])


def _end(alerts: Iterable[Alert], *, as_of: date, at: datetime) -> None:
    for alert in alerts:
        alert.state, alert.closed_at, alert.closed_on = Alert.State.ENDED, at, as_of
        alert.save(update_fields=["state", "closed_at", "closed_on"])


def alerts_move(*, account: Account, owner: Member | None) -> int:
    """Give an account's live alerts to another owner; returns how many."""
    return Alert.objects.filter(account=account, state__in=LIVE).update(owner=owner)


def alert_done(*, alert: Alert, by: Member, at: datetime, on: date, outcome: str = "") -> None:
    """A person has dealt with it. Raises ValidationError when it is closed already."""
    _must_be_live(alert)
    alert.state, alert.closed_by, alert.closed_at, alert.closed_on = Alert.State.DONE, by, at, on
    alert.outcome = outcome
    alert.save(update_fields=["state", "closed_by", "closed_at", "closed_on", "outcome"])
    audit_add(actor=by, action="done", target=alert, at=at)


def alert_snooze(*, alert: Alert, until: date, by: Member, at: datetime, today: date) -> None:
    """Put it away until a day in the future."""
    _must_be_live(alert)
    if until <= today:
        raise ValidationError(_("Choose a day in the future."))
    alert.state, alert.snoozed_until = Alert.State.SNOOZED, until
    alert.save(update_fields=["state", "snoozed_until"])
    audit_add(actor=by, action="snooze", target=alert, at=at, changes={"until": [None, str(until)]})


def alert_reopen(*, alert: Alert, by: Member, at: datetime) -> None:
    """Undo a snooze or a done."""
    if alert.state == Alert.State.OPEN:
        return
    if Alert.objects.filter(account=alert.account, rule=alert.rule, state__in=LIVE).exclude(pk=alert.pk).exists():
        raise ValidationError(_("The night has opened a newer alert of this kind; this one stays closed."))
    alert.state, alert.snoozed_until, alert.closed_by, alert.closed_at, alert.closed_on = (
        Alert.State.OPEN,
        None,
        None,
        None,
        None,
    )
    alert.save(update_fields=["state", "snoozed_until", "closed_by", "closed_at", "closed_on"])
    audit_add(actor=by, action="reopen", target=alert, at=at)


def _must_be_live(alert: Alert) -> None:
    if alert.state not in LIVE:
        raise ValidationError(_("This alert is closed already."))
