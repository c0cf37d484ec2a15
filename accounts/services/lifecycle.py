"""Moves accounts through the stages by the tenant's rules, and lets people have the last word.

A rule never fights a person. Whoever sets a stage by hand, or declines a move, is believed for as long as the rules
go on wanting the same; what they want when they next run after the change is what is held against. Once they want
another stage, or none, the conditions have changed: the hold is gone, and the rules act again. A change over the API
or by the product's traits counts as a hand's.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from accounts import stage_words
from accounts.models import Account, StageHold, StageProposal, StageRule
from accounts.segments.catalogue import catalogue
from accounts.segments.definition import DefinitionFault, parse
from accounts.segments.words import fault_text
from accounts.selectors.lifecycle import Move, because, conditions_of, moves_wanted, stage_rules
from accounts.services.accounts import LIFECYCLE_RULES, EditConflict, account_change
from accounts.services.changes import plain
from common.locks import ACCOUNT_IDS, transaction_lock
from tenants.models import Member, Tenant
from tenants.services import audit_add

RULE_FIELDS = ("name", "entry", "exit", "confirmed")


def stage_rule_save(
    *, stage: str, values: Mapping[str, Any], at: datetime, by: Member | None, version: int | None = None,
    label: str = "",
) -> StageRule:  # fmt: skip
    """Set what a stage is called, its conditions and whether moves into it are confirmed; fields left out stay.

    Raises ValidationError by field for a condition that cannot be read or a name that another stage has, and
    EditConflict when somebody saved the stage since `version`.
    """
    rule = StageRule.objects.select_for_update().filter(stage=stage).first() or StageRule(stage=stage)
    if version is not None and rule.pk and version != rule.version:
        raise EditConflict(_("Someone else saved this stage meanwhile. Yours is kept below; save again to go over it."))
    changes = {}
    for field in RULE_FIELDS:
        value = _checked(stage, field, values[field]) if field in values else getattr(rule, field)
        if getattr(rule, field) != value:
            changes[field] = [plain(getattr(rule, field)), plain(value)]
            setattr(rule, field, value)
    if changes or not rule.pk:
        rule.version += 1 if rule.pk else 0
        rule.full_clean(exclude=["tenant"])
        rule.save()
        stage_words.forget()
        audit_add(actor=by, action="change", target=rule, at=at, changes=changes, label=label or None)
    return rule


def _checked(stage: str, field: str, value: Any) -> Any:
    if field == "name":
        name = " ".join(str(value).split())
        others = {str(rule) for rule in stage_rules().values() if rule.stage != stage}
        if name and name in others:
            raise ValidationError({"name": _("Another stage has this name.")})
        return name
    if field == "confirmed":
        return bool(value)
    if value is None:
        return None
    try:
        group = parse(value, catalogue())
    except DefinitionFault as fault:
        raise ValidationError({field: fault_text(fault)}) from fault
    return value if group.parts else None


@dataclass(frozen=True)
class LifecycleRun:
    """What a run did: accounts moved, moves proposed to a person, proposals withdrawn, accounts kept by a hold."""

    moved: int = 0
    proposed: int = 0
    withdrawn: int = 0
    held: int = 0


def lifecycle_run(*, tenant: Tenant, as_of: date, at: datetime) -> LifecycleRun:
    """Let the rules act on the figures of a day. Twice is the same as once: what waits or is held stays so."""
    rules = stage_rules()
    conditions = conditions_of(rules.values())
    if not conditions.entries and not conditions.exits:
        return LifecycleRun(withdrawn=_withdraw(at, keep={}))
    transaction_lock(ACCOUNT_IDS, tenant.pk)
    wanted = {m.account_id: m for m in moves_wanted(conditions=conditions, day=as_of, zone=tenant.timezone)}
    held = _holds_look({pk: move.to for pk, move in wanted.items()})
    free = {pk: move for pk, move in wanted.items() if pk not in held}
    asked = {pk: move for pk, move in free.items() if rules[move.to].confirmed}
    withdrawn = _withdraw(at, keep=asked)
    moved = sum(_move(move, at) for pk, move in free.items() if pk not in asked)
    return LifecycleRun(moved, _propose(asked, rules, as_of, at), withdrawn, len(held))


def _holds_look(wanted: Mapping[int, str]) -> set[int]:
    """Hold what is to be held: the accounts that the rules leave alone. Holds whose time is over are gone."""
    kept, gone, new = set(), [], []
    for hold in StageHold.objects.select_for_update():
        wants = wanted.get(hold.account_id, "")
        if not wants or (hold.seen and wants != hold.against):
            gone.append(hold.pk)
            continue
        kept.add(hold.account_id)
        if not hold.seen:
            hold.seen, hold.against = True, wants
            new.append(hold)
    StageHold.objects.filter(pk__in=gone).delete()
    StageHold.objects.bulk_update(new, ["seen", "against"], batch_size=1000)
    return kept


def _withdraw(at: datetime, keep: Mapping[int, Move]) -> int:
    """End open proposals that the rules no longer make."""
    State = StageProposal.State  # noqa: N806 - a class
    open_now = StageProposal.objects.filter(state=State.OPEN).values_list("id", "account_id", "from_stage", "to_stage")
    over = [
        pk for pk, account_id, stage, to in open_now
        if account_id not in keep or (keep[account_id].stage, keep[account_id].to) != (stage, to)
    ]  # fmt: skip
    return StageProposal.objects.filter(pk__in=over).update(state=State.WITHDRAWN, decided_at=at) if over else 0


def _propose(moves: Mapping[int, Move], rules: Mapping[str, StageRule], as_of: date, at: datetime) -> int:
    """Ask a person about the moves that nobody is asked about yet."""
    asked = set(StageProposal.objects.filter(state=StageProposal.State.OPEN).values_list("account_id", flat=True))
    rows = [
        StageProposal(
            account_id=pk, from_stage=move.stage, to_stage=move.to, because=because(rules=rules, move=move), day=as_of,
            created_at=at,
        )
        for pk, move in moves.items() if pk not in asked
    ]  # fmt: skip
    StageProposal.objects.bulk_create(rows, batch_size=1000)
    return len(rows)


def _move(move: Move, at: datetime) -> bool:
    """Set the stage in the rules' name. An account that cannot be saved for another reason stays where it is."""
    account = Account.objects.get(pk=move.account_id)
    try:
        account_change(account=account, values={"lifecycle_stage": move.to}, at=at, by=None, label=LIFECYCLE_RULES)
    except ValidationError:
        return False
    return True


def proposal_accept(*, proposal: StageProposal, at: datetime, by: Member | None, label: str = "") -> None:
    """Make the move. Raises ValidationError when somebody was faster or the account is elsewhere by now.

    `label` names the program that acted where no member did.
    """
    account = _decide(proposal, StageProposal.State.ACCEPTED, at, by)
    account_change(account=account, values={"lifecycle_stage": proposal.to_stage}, at=at, by=by, label=label)
    StageHold.objects.filter(account=account).delete()  # the person and the rules agree


def proposal_decline(*, proposal: StageProposal, at: datetime, by: Member | None, label: str = "") -> None:
    """Leave the account where it is; the rules do not ask again while they want the same. Raises as above."""
    account = _decide(proposal, StageProposal.State.DECLINED, at, by)
    StageHold.objects.filter(account=account).delete()
    StageHold.objects.create(account=account, against=proposal.to_stage, seen=True, at=at)
    told = {"lifecycle_stage": [proposal.to_stage, proposal.from_stage]}
    audit_add(actor=by, action="decline", target=account, at=at, changes=told, label=label or None)


def _decide(proposal: StageProposal, state: str, at: datetime, by: Member | None) -> Account:
    """The account of an open proposal, which is decided from here on."""
    proposal.refresh_from_db(from_queryset=StageProposal.objects.select_for_update())
    account: Account = proposal.account
    if proposal.state != StageProposal.State.OPEN or account.lifecycle_stage != proposal.from_stage:
        raise ValidationError(_("This is decided already: the account is in “%(stage)s” now.") % {
            "stage": account.get_lifecycle_stage_display()})  # fmt: skip
    proposal.state, proposal.decided_by, proposal.decided_at = state, by, at
    proposal.save(update_fields=["state", "decided_by", "decided_at"])
    return account


def proposal_undo(*, proposal: StageProposal, at: datetime, by: Member) -> None:
    """Take the decision back: the account where it was, the question open again. Raises ValidationError if too late."""
    proposal.refresh_from_db(from_queryset=StageProposal.objects.select_for_update())
    account, accepted = proposal.account, proposal.state == StageProposal.State.ACCEPTED
    there = proposal.to_stage if accepted else proposal.from_stage
    decided = proposal.state in (StageProposal.State.ACCEPTED, StageProposal.State.DECLINED)
    others = StageProposal.objects.filter(account=account, state=StageProposal.State.OPEN)
    if not decided or account.lifecycle_stage != there or others.exists():
        raise ValidationError(_("The stage was changed again since, so it stays as it is."))
    if accepted:
        account_change(account=account, values={"lifecycle_stage": proposal.from_stage}, at=at, by=by)
    StageHold.objects.filter(account=account).delete()
    proposal.state, proposal.decided_by, proposal.decided_at = StageProposal.State.OPEN, None, None
    proposal.save(update_fields=["state", "decided_by", "decided_at"])
