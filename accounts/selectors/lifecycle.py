"""Reads the lifecycle: the stages as the tenant has them, what the rules want, and how long accounts stay where."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.db import connection
from django.db.models import F, QuerySet

from accounts.facts import Values
from accounts.models import Account, AccountFieldHistory, LifecycleStage, Segment, StageHold, StageProposal, StageRule
from accounts.segments.catalogue import catalogue
from accounts.segments.compiler import Compiler
from accounts.segments.definition import DefinitionFault, Field, Group, parse
from accounts.segments.words import fault_text, sentence
from accounts.selectors import visible_sql, visible_to
from accounts.selectors.segments import segment_account_ids
from accounts.stages import ORDER, StageFigures, Stay, funnel, stays_of, target
from tenants.models import Member
from tenants.scope import current_tenant_id

SAMPLE = 6
Fields = Mapping[str, Field]


def stage_rules() -> dict[str, StageRule]:
    """The five stages in order; one that the tenant has not touched is a rule without conditions, not saved."""
    held = {rule.stage: rule for rule in StageRule.objects.all()}
    return {stage: held.get(stage) or StageRule(stage=stage) for stage in ORDER}


def stage_counts(*, member: Member) -> dict[str, int]:
    """How many of the accounts that the member sees are in each stage."""
    return Counter(visible_to(member).values_list("lifecycle_stage", flat=True))


def stage_states(*, accounts: Iterable[Account]) -> dict[int, dict[str, Any]]:
    """Since when accounts are in their stage, and the hold that keeps the rules still, plainly, by id."""
    found = list(accounts)
    holds = {hold.account_id: hold for hold in StageHold.objects.filter(account__in=[one.pk for one in found])}
    return {
        one.pk: {
            "since": one.stage_since.isoformat() if one.stage_since else None,
            "hold": {"against": hold.against, "seen": hold.seen, "at": hold.at.isoformat()}
            if (hold := holds.get(one.pk)) else None,
        }
        for one in found
    }  # fmt: skip


@dataclass(frozen=True)
class Conditions:
    """The conditions of all stages, checked. `faults`: of a stage and which condition, why it cannot be read (any
    more); such a condition counts as one that does not hold, so that nothing moves by mistake.
    """

    entries: Mapping[str, Group | None]
    exits: Mapping[str, Group | None]
    faults: Mapping[tuple[str, str], DefinitionFault]


def conditions_of(rules: Iterable[StageRule], fields: Fields | None = None) -> Conditions:
    """The checked conditions of the rules, by stage; stages without a condition are left out."""
    found: dict[str, dict[str, Group | None]] = {"entry": {}, "exit": {}}
    faults: dict[tuple[str, str], DefinitionFault] = {}
    for rule in rules:
        for which in ("entry", "exit"):
            document = getattr(rule, which)
            if document is None:
                continue
            fields = catalogue() if fields is None else fields
            try:
                found[which][rule.stage] = parse(document, fields)
            except DefinitionFault as fault:
                faults[rule.stage, which] = fault
                found[which][rule.stage] = None
    return Conditions(found["entry"], found["exit"], faults)


@dataclass(frozen=True)
class Move:
    """An account that the rules want elsewhere."""

    account_id: int
    stage: str
    to: str


def moves_wanted(*, conditions: Conditions, day: date, zone: str, visible: str = "a.archived_at IS NULL") -> list[Move]:
    """Every live account that the conditions want in another stage, on the figures of a day, in one query.

    `visible`: a condition on the accounts as `a`. No query where there are no conditions.
    """
    asked = [("entry", s, g) for s, g in conditions.entries.items()]
    asked += [("exit", s, g) for s, g in conditions.exits.items()]
    if not asked:
        return []
    compiler = Compiler(day, zone, prefix="stage")
    columns = [compiler.group(group) if group else "false" for _which, _stage, group in asked]
    sql = f"""SELECT a.id, a.lifecycle_stage, {", ".join(columns)} FROM accounts_account a
        WHERE a.tenant_id = %(tenant)s AND {visible} ORDER BY a.id"""  # noqa: S608 - compiled from the catalogue, values are parameters
    found = []
    with connection.cursor() as cursor:
        cursor.execute(sql, {**compiler.params, "tenant": current_tenant_id()})
        for pk, stage, *held in cursor.fetchall():
            holds: dict[str, dict[str, bool]] = {"entry": {}, "exit": {}}
            for (which, of, _group), yes in zip(asked, held, strict=True):
                holds[which][of] = yes
            if to := target(stage, holds["entry"], holds["exit"]):
                found.append(Move(pk, stage, to))
    return found


def because(*, rules: Mapping[str, StageRule], move: Move) -> dict[str, Any]:
    """The conditions behind a move, as one definition: the exit of the stage left and the entry of the one entered."""
    parts = [part for part in (rules[move.stage].exit, rules[move.to].entry) if part]
    return parts[0] if len(parts) == 1 else {"all": parts}


def said(document: Any, fields: Fields) -> str:
    """A definition in words, or why it cannot be read any more."""
    try:
        return sentence(parse(document, fields))
    except DefinitionFault as fault:
        return fault_text(fault)


@dataclass(frozen=True)
class StagePreview:
    """What the rules would do with a condition as typed: moves by (from, to), some names, and how many a hold keeps."""

    count: int = 0
    moves: tuple[tuple[str, str, int], ...] = ()
    names: tuple[str, ...] = ()
    held: int = 0
    fault: DefinitionFault | None = None
    group: Group = Group(())


def stage_preview(
    *, stage: str, which: str, document: Any, member: Member, day: date, zone: str, fields: Fields | None = None
) -> StagePreview:
    """How many accounts would move into (`entry`) or out of (`exit`) a stage if its condition were `document`.

    Nothing, an empty group, is no condition. The other stages count with the conditions that they have.
    """
    fields = catalogue() if fields is None else fields
    rules = stage_rules()
    try:
        group = parse(document, fields)
    except DefinitionFault as fault:
        return StagePreview(fault=fault)
    setattr(rules[stage], which, document if group.parts else None)
    conditions = conditions_of(rules.values(), fields)
    wanted = moves_wanted(conditions=conditions, day=day, zone=zone, visible=visible_sql(member, "a"))
    meant = [move for move in wanted if (move.to if which == "entry" else move.stage) == stage]
    refused = dict(StageHold.objects.values_list("account_id", "against"))
    free = [move for move in meant if refused.get(move.account_id) != move.to]
    names = Account.objects.filter(pk__in=[m.account_id for m in free]).order_by("-arr", "id").values_list("name")
    counted = Counter((move.stage, move.to) for move in free)
    pairs = sorted(((*pair, count) for pair, count in counted.items()), key=lambda row: -row[2])
    return StagePreview(
        len(free), tuple(pairs), tuple(name for (name,) in names[:SAMPLE]), len(meant) - len(free), None, group
    )


def proposals_open(*, accounts: Iterable[Account] | QuerySet[Account], limit: int | None = None) -> list[StageProposal]:
    """The moves of these accounts that wait for a person, the largest ARR first."""
    found = StageProposal.objects.filter(state=StageProposal.State.OPEN, account__in=accounts)
    found = found.select_related("account__csm__user").order_by(F("account__arr").desc(nulls_last=True), "id")
    return list(found[:limit] if limit else found)


def proposals_said(
    *, accounts: Iterable[Account] | QuerySet[Account], limit: int | None = None
) -> list[tuple[StageProposal, str]]:
    """`proposals_open` with the conditions behind each in words. One query where nothing waits."""
    found = proposals_open(accounts=accounts, limit=limit)
    fields = catalogue() if found else {}
    return [(one, said(one.because, fields)) for one in found]


@dataclass(frozen=True)
class Asked:
    """Whose way through the stages: first stays that began in [start, end), of accounts of a CSM, in a segment as it
    is now.
    """

    start: date
    end: date
    csm_id: int | None = None
    segment: Segment | None = None


def stage_stays(*, accounts: QuerySet[Account], zone: str) -> list[Stay]:
    """Every stay of these accounts in a stage, from the history of the field, by the tenant's days."""
    tz = ZoneInfo(zone)
    rows: Iterable[tuple[int, str | None, datetime]] = (
        AccountFieldHistory.objects.filter(field="lifecycle_stage", account__in=accounts)
        .order_by("account_id", "at", "id")
        .values_list("account_id", "value", "at")
    )
    return stays_of((pk, value, at.astimezone(tz).date()) for pk, value, at in rows if value in LifecycleStage.values)


def stage_funnel(*, accounts: QuerySet[Account], zone: str, asked: Asked, until: date) -> list[StageFigures]:
    """How these accounts went through the stages, as known at the end of the day before `until`.

    Raises DefinitionFault for a segment that cannot be read.
    """
    if asked.csm_id is not None:
        accounts = accounts.filter(csm=asked.csm_id)
    if asked.segment is not None:
        accounts = accounts.filter(pk__in=segment_account_ids(segment=asked.segment, day=until, zone=zone))
    gone: dict[int, date] = {
        pk: at.astimezone(ZoneInfo(zone)).date()
        for pk, at in accounts.exclude(archived_at=None).values_list("id", "archived_at")
        if at is not None
    }
    stays = stage_stays(accounts=accounts, zone=zone)
    return funnel(stays, start=asked.start, end=asked.end, until=until, gone=gone)


def stage_facts(as_of: date, account_ids: Sequence[int] | None) -> Mapping[str, Values]:
    """Days in the present stage by account; not defined on days before it began."""
    accounts = Account.objects.filter(archived_at=None, stage_since__lte=as_of)
    if account_ids is not None:
        accounts = accounts.filter(pk__in=account_ids)
    rows = accounts.values_list("id", "stage_since")
    return {"days_in_stage": {pk: (as_of - since).days for pk, since in rows if since}}
