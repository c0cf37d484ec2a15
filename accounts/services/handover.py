"""Writes hand-overs: started, filled in field by field, completed, returned with a question, accepted."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from accounts.handover_words import missing_words
from accounts.models import Account, Contact, FitSetting, Handover, Learner, NamedMember, Need, Promise
from accounts.selectors.handovers import fit_threshold, handover_of, handover_ready
from accounts.services.changes import plain
from accounts.services.people import contact_save
from common.plausible import When, demand
from operations.days import local_date
from tenants.models import Member, Tenant
from tenants.services import audit_add

DUE = {"due_on": When.DUE}
Part = Promise | Need | Learner
PARTS: Mapping[str, type[Part]] = {"promise": Promise, "need": Need, "learner": Learner}
WHY = "handover"


def handover_start(
    *,
    account: Account,
    due_on: date,
    at: datetime,
    by: Member | None,
    salesperson: Member | None = None,
    label: str = "",
) -> Handover:
    """Start the account's hand-over, due on a day; the salesperson is named at the account and so sees it.

    Raises ValidationError where there is one already.
    """
    if Handover.objects.filter(account=account).exists():
        raise ValidationError(_("This account has a hand-over already."))
    demand({"due_on": due_on}, DUE, at)
    handover = Handover(account=account, salesperson=salesperson, due_on=due_on, created_at=at)
    handover.full_clean(exclude=["tenant"])
    handover.save()
    _name(handover)
    audit_add(
        actor=by,
        action="create",
        target=handover,
        at=at,
        changes={"due_on": [None, plain(due_on)]},
        label=label or None,
    )
    return handover


def _name(handover: Handover) -> None:
    """The salesperson of the hand-over, and nobody else because of it, is named at the account."""
    named = NamedMember.objects.filter(account_id=handover.account_id, why=WHY)
    if handover.salesperson_id is None:
        named.delete()
    else:
        named.exclude(member_id=handover.salesperson_id).delete()
        NamedMember.objects.get_or_create(account_id=handover.account_id, member_id=handover.salesperson_id, why=WHY)


HANDOVER_FIELDS = (
    "salesperson", "due_on", "contract", "contract_text", "expectations", "nature", "profile", "no_promises",
)  # fmt: skip
# Promises live on after the hand-over is accepted: what becomes of them is noted as it happens.
LASTING = ("state", "owner", "due_on")


def handover_set(*, handover: Handover, key: str, value: Any, at: datetime, by: Member | None, label: str = "") -> bool:
    """Set one field; returns whether it changed. Raises ValidationError once the hand-over is complete."""
    if key not in HANDOVER_FIELDS:
        raise ValidationError(_("This field cannot be set."))
    _demand_open(handover)
    if key == "contract" and value is not None and value.account_id != handover.account_id:
        raise ValidationError(_("This contract belongs to another account."))
    changed = _set(handover, key, value, at=at, by=by, label=label)
    if changed and key == "salesperson":
        _name(handover)
    return changed


def _lock(handover: Handover) -> None:
    """Hold the hand-over until the transaction ends, and read in which state it is by now."""
    handover.refresh_from_db(fields=["state"], from_queryset=Handover.objects.select_for_update())


def _demand_open(handover: Handover) -> None:
    _lock(handover)
    if not handover.is_open:
        raise ValidationError(_("This hand-over is complete. Return it with a question to have it changed."))


def _set(row: Handover | Part, key: str, value: Any, *, at: datetime, by: Member | None, label: str = "") -> bool:
    old = getattr(row, key)
    if old == value:
        return False
    demand({key: value}, DUE, at)
    setattr(row, key, value)
    row.full_clean(exclude=["tenant"])
    row.save(update_fields=[key])
    named = {"state": "promise_state", "match": "fit_match"}.get(key, key)
    audit_add(
        actor=by, action="change", target=row, at=at, changes={named: [plain(old), plain(value)]}, label=label or None
    )
    return True


def part_add(
    *, handover: Handover, kind: str, values: Mapping[str, Any], at: datetime, by: Member | None, label: str = ""
) -> Part:
    """Add a promise, a need or a group of learners. Raises ValidationError for empty text and once it is complete."""
    _demand_open(handover)
    demand(values, DUE, at)
    part = PARTS[kind](handover=handover, created_at=at)
    for key, value in values.items():
        setattr(part, key, value)
    part.text = part.text.strip()
    part.full_clean(exclude=["tenant"])
    part.save()
    if kind == "promise" and handover.no_promises:
        _set(handover, "no_promises", False, at=at, by=by, label=label)
    audit_add(actor=by, action="add", target=part, at=at, label=label or None)
    return part


def part_set(
    *, part: Part, key: str, value: Any, at: datetime, by: Member | None, follows: bool = True, label: str = ""
) -> bool:
    """Set one field of a row; returns whether it changed.

    Once the hand-over is complete only what becomes of a promise may change, by those who work with it (`follows`).
    """
    if not (isinstance(part, Promise) and key in LASTING and follows):
        _demand_open(part.handover)
    return _set(part, key, value, at=at, by=by, label=label)


def part_remove(*, part: Part, at: datetime, by: Member | None) -> None:
    """Take a row out; the audit trail keeps its text."""
    _demand_open(part.handover)
    audit_add(actor=by, action="delete", target=part, at=at, changes={"note": [part.text, None]})
    part.delete()


def person_add(*, handover: Handover, values: Mapping[str, Any], at: datetime, by: Member | None) -> Contact:
    """Add a person there, with a role: a contact of the account like any other."""
    _demand_open(handover)
    return contact_save(account=handover.account, values=values, at=at, by=by)


def person_set(*, handover: Handover, contact: Contact, values: Mapping[str, Any], at: datetime, by: Member) -> Contact:
    """Change a person there while the hand-over is open."""
    _demand_open(handover)
    if contact.account_id != handover.account_id:
        raise ValidationError(_("These people belong to another account."))
    return contact_save(account=handover.account, values=values, at=at, by=by, contact=contact)


def _move(handover: Handover, state: str, *, at: datetime, by: Member | None, **more: Any) -> None:
    """The state machine's only door: sets the state with what goes with it, and nothing else. The caller has locked
    the hand-over and judged its state under the lock.
    """
    old, handover.state = handover.state, state
    for key, value in more.items():
        setattr(handover, key, value)
    handover.full_clean(exclude=["tenant"])
    handover.save(update_fields=["state", *more])
    changes: dict[str, Any] = {"handover_state": [old, state]}
    changes |= {key: [None, value] for key, value in more.items() if key in ("question", "fit_reason") and value}
    audit_add(actor=by, action="change", target=handover, at=at, changes=changes)


def handover_complete(*, handover: Handover, at: datetime, by: Member | None) -> None:
    """Everything is filled in: draft or returned → complete. Raises ValidationError naming what is missing."""
    _lock(handover)
    if not handover.is_open:
        raise ValidationError(_("This hand-over is complete already."))
    found = handover_of(account=handover.account)
    if found and found.missing:
        raise ValidationError([str(missing_words(step)) for step in found.missing])
    _move(handover, Handover.State.COMPLETE, at=at, by=by, completed_at=at)


def handover_return(*, handover: Handover, question: str, at: datetime, by: Member) -> None:
    """Send a complete hand-over back to sales with a question. Raises ValidationError without one."""
    _lock(handover)
    if handover.state != Handover.State.COMPLETE:
        raise ValidationError(_("Only a complete hand-over can be returned."))
    if not question.strip():
        raise ValidationError(_("Write what sales should answer."))
    _move(handover, Handover.State.RETURNED, at=at, by=by, question=question.strip(), completed_at=None)


def handover_accept(*, handover: Handover, reason: str, manages: bool, at: datetime, by: Member) -> None:
    """Take a complete hand-over over. With a fit below the tenant's threshold only a manager may, with a reason.

    Raises ValidationError that says which of both is lacking.
    """
    _lock(handover)
    if handover.state != Handover.State.COMPLETE:
        raise ValidationError(_("Only a complete hand-over can be accepted."))
    found = handover_of(account=handover.account)
    poor = found is not None and found.poor
    if poor and not manages:
        raise ValidationError(_("The fit lies below the threshold: a manager has to accept this account."))
    if poor and not reason.strip():
        raise ValidationError(_("Write why the account is accepted although the product fits it poorly."))
    _move(
        handover, Handover.State.ACCEPTED, at=at, by=by, accepted_at=at, accepted_by=by,
        fit_reason=reason.strip() if poor else "",
    )  # fmt: skip


def handover_demand(*, account: Account) -> None:
    """Refuse to begin an onboarding whose hand-over is not there yet: raises ValidationError that says what lacks."""
    found = handover_ready(account=account)
    if found.ready:
        return
    if not found.state:
        raise ValidationError(_("Onboarding cannot start: no hand-over from sales has been started."))
    if found.lacks or found.state != Handover.State.COMPLETE:
        lacks = _(", ").join(str(missing_words(step)) for step in found.lacks) or _("it is not marked as complete")
        raise ValidationError(_("Onboarding cannot start: the hand-over lacks: %(what)s.") % {"what": lacks})
    raise ValidationError(_("Onboarding cannot start: the product fits poorly, and no manager has accepted that yet."))


def fit_threshold_set(*, threshold: int, at: datetime, by: Member) -> None:
    """From which fit (per cent) on no manager is needed."""
    setting = FitSetting.objects.first() or FitSetting()
    old, setting.threshold = fit_threshold(), threshold
    setting.full_clean(exclude=["tenant"])
    setting.save()
    if old != threshold:
        audit_add(actor=by, action="change", target=setting, at=at, changes={"threshold": [old, threshold]})


WEEK = timedelta(days=7)
ROWS = {"promises": "promise", "needs": "need", "learners": "learner"}


def handovers_upsert(
    *, tenant: Tenant, rows: Sequence[Mapping[str, Any]], at: datetime, by: Member | None, label: str = ""
) -> list[tuple[str, Handover]]:
    """Start or change hand-overs by `account`, in order; rows of promises, needs and learners are told apart by their
    text. Fields and rows left out stay. Twice is the same as once.

    Raises ValidationError with `{row number: reasons}`, also for a hand-over that is complete and would change.
    """
    results: list[tuple[str, Handover]] = []
    for number, row in enumerate(rows):
        try:
            results.append(_upsert(tenant, row, at=at, by=by, label=label))
        except ValidationError as fault:
            raise ValidationError({str(number): fault.messages}) from fault
    return results


def _upsert(
    tenant: Tenant, row: Mapping[str, Any], *, at: datetime, by: Member | None, label: str
) -> tuple[str, Handover]:
    account = row["account"]
    held = Handover.objects.filter(account=account).select_related("account").first()
    due = row.get("due_on") or local_date(tenant.timezone, at) + WEEK
    handover = held or handover_start(
        account=account, due_on=due, at=at, by=by, salesperson=row.get("salesperson"), label=label
    )
    changed = False
    for key in HANDOVER_FIELDS:
        if key in row and getattr(handover, key) != row[key]:
            changed |= handover_set(handover=handover, key=key, value=row[key], at=at, by=by, label=label)
    for name, kind in ROWS.items():
        changed |= _parts_upsert(handover, kind, row.get(name, ()), at=at, by=by, label=label)
    return ("created" if held is None else "changed" if changed else "unchanged"), handover


def _parts_upsert(
    handover: Handover, kind: str, rows: Sequence[Mapping[str, Any]], *, at: datetime, by: Member | None, label: str
) -> bool:
    """Add the rows whose text is new, bring the others to what was sent; returns whether anything changed."""
    parts: Any = PARTS[kind].objects
    held = {part.text: part for part in parts.filter(handover=handover).select_related("handover")} if rows else {}
    changed = False
    for row in rows:
        part = held.get(row["text"].strip())
        if part is None:
            held[row["text"].strip()] = part_add(handover=handover, kind=kind, values=row, at=at, by=by, label=label)
            changed = True
            continue
        for key, value in row.items():
            if key != "text" and getattr(part, key) != value:
                changed |= part_set(part=part, key=key, value=value, at=at, by=by, label=label)
    return changed
