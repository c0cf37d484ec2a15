"""What this room knows that may want a CSM: promises, renewals, hand-overs, what tiers owe, stages to confirm."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta

from django.core.exceptions import ValidationError
from django.db import connection
from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accounts.models import Account, Handover, NextStep, StageProposal, TierDuty
from accounts.reasons import Act, Asked, Reason, ReasonSource, Said, Words, row_id
from accounts.segments.catalogue import catalogue
from accounts.selectors.handovers import OPEN_STATES, Read, handovers_read, with_all
from accounts.selectors.lifecycle import said
from accounts.selectors.tiers import OWED_SQL
from accounts.services import proposal_accept, proposal_decline, proposal_undo, step_done, step_reopen
from common import formats
from tenants.models import Member

SOON = timedelta(days=7)
RENEWAL_DAYS = 90
GRACE = 30  # days for which a renewal that nobody decided is still asked for
# Days to the renewal up to which it is so urgent; before today more than the nearest.
RENEWAL_STEPS = ((-1, 80), (30, 70), (60, 50), (RENEWAL_DAYS, 30))


def _ids(reasons: Iterable[Reason]) -> dict[tuple[int, str], int]:
    """The row's id behind each reason whose key is `source:id` or begins so."""
    return {(reason.account_id, reason.key): row_id(reason.key) for reason in reasons}


def steps_load(asked: Asked) -> Iterable[Reason]:
    """Open promises due within a week or late, of accounts of the member or owned by them."""
    found = NextStep.objects.filter(asked.meant("owner"), done_at=None, due_on__lte=asked.today + SOON)
    for pk, account, due in found.values_list("id", "account_id", "due_on"):
        yield Reason(account, "step", f"step:{pk}", 50 if due <= asked.today else 25, due)


def steps_say(reasons: Sequence[Reason], asked: Asked) -> Words:
    """What was promised and by when."""
    ids = _ids(reasons)
    steps = NextStep.objects.select_related("owner__user").in_bulk(list(ids.values()))
    return {key: _step_said(steps[pk], asked) for key, pk in ids.items() if pk in steps}


def _step_said(step: NextStep, asked: Asked) -> Said:
    names = {"text": step.text, "due": formats.due(step.due_on, asked.today)}
    return Said(_("“%(text)s” is %(due)s") % names, who=str(step.owner or ""))


def _step(account: Account, key: str) -> NextStep:
    found = NextStep.objects.filter(pk=row_id(key), account=account).first()
    if found is None:
        raise ValidationError(_("This next step is gone."))
    return found


def step_deal(account: Account, key: str, by: Member, at: datetime, _on: date) -> str:
    """The promise is kept."""
    step = _step(account, key)
    step_done(step=step, at=at, by=by)
    return _("Done: %(text)s") % {"text": step.text}


def step_undeal(account: Account, key: str, by: Member, at: datetime, _on: date) -> str:
    """The promise is open again."""
    step_reopen(step=_step(account, key), at=at, by=by)
    return _("Open again.")


def renewals_load(asked: Asked) -> Iterable[Reason]:
    """Renewals within 90 days of the day shown, and those that passed within 30 days and nobody decided."""
    span = (asked.day - timedelta(days=GRACE), asked.day + timedelta(days=RENEWAL_DAYS))
    accounts = asked.accounts.filter(renewal_date__range=span)
    if asked.mine and asked.member is not None:
        accounts = accounts.filter(csm=asked.member)
    for pk, due in accounts.values_list("id", "renewal_date"):
        if due is not None:
            days = (due - asked.day).days
            limit, urgency = next(step for step in RENEWAL_STEPS if days <= step[0])
            yield Reason(pk, "renewal", f"renewal:{due}:{limit}", urgency, due, days)


def renewals_say(reasons: Sequence[Reason], _asked: Asked) -> Words:
    """In how many days, or since when."""
    return {(reason.account_id, reason.key): Said(_renewal_words(reason.facts)) for reason in reasons}


def _renewal_words(days: int) -> str:
    if days < 0:
        words = ngettext("renewal date passed %(n)d day ago", "renewal date passed %(n)d days ago", -days)
        return words % {"n": -days}
    return ngettext("renews in %(n)d day", "renews in %(n)d days", days) % {"n": days} if days else _("renews today")


def handovers_load(asked: Asked) -> Iterable[Reason]:
    """Hand-overs due within a week or late, and those that wait to be accepted."""
    due = Q(state__in=OPEN_STATES, due_on__lte=asked.today + SOON)
    found = Handover.objects.filter(due | Q(state=Handover.State.COMPLETE), asked.meant("salesperson"))
    for pk, account, state, on in found.values_list("id", "account_id", "state", "due_on"):
        waits = state == Handover.State.COMPLETE
        urgency = 40 if waits else 60 if on < asked.today else 25
        yield Reason(account, "handover", f"handover:{pk}:{state}", urgency, None if waits else on)


def handovers_say(reasons: Sequence[Reason], asked: Asked) -> Words:
    """What it lacks, or who must accept it."""
    ids = _ids(reasons)
    read = handovers_read(list(with_all(Handover.objects.filter(pk__in=ids.values()))))
    by_id = {one.handover.pk: one for one in read}
    return {
        key: Said(
            _handover_words(by_id[pk], asked.today),
            url=asked.url("handover", by_id[pk].handover.account_id),
            open=_("Open the hand-over"),
            who=str(by_id[pk].handover.salesperson or ""),
        )
        for key, pk in ids.items()
        if pk in by_id
    }


def _handover_words(one: Read, today: date) -> str:
    if not one.handover.is_open:
        if one.poor and one.fit is not None:
            fit = formats.percent(float(one.fit))
            return _("hand-over fits poorly (%(fit)s): a manager must accept it") % {"fit": fit}
        return _("hand-over is complete and waits to be accepted")
    names = {"due": formats.due(one.handover.due_on, today), "steps": _steps_words(one)}
    return _("hand-over is %(due)s: %(steps)s") % names


def _steps_words(one: Read) -> str:
    """What is still to do: the steps that lack, else what sales has to answer or to press."""
    if lacks := len(one.missing):
        return ngettext("%(n)d step missing", "%(n)d steps missing", lacks) % {"n": lacks}
    if one.handover.state == Handover.State.RETURNED:
        return _("the question of the CSM waits for an answer")
    return _("everything is filled in, it only has to be handed over")


# One row per account: the duty furthest behind, and how many are.
_LATE_SQL = """SELECT DISTINCT ON (o.account_id) o.account_id, o.duty_id, o.due,
    count(*) OVER (PARTITION BY o.account_id) FROM ({owed}) o
WHERE o.due < %(today)s ORDER BY o.account_id, o.due, o.duty_id"""


def owed_load(asked: Asked) -> Iterable[Reason]:
    """Accounts behind on what their service tier owes; one reason each."""
    touched = "AND account_id = ANY(%(ids)s)" if asked.ids is not None else ""
    sql = OWED_SQL.format(day="%(today)s", touched=touched, meant=f"AND {asked.sql('a')}")
    with connection.cursor() as cursor:
        cursor.execute(_LATE_SQL.format(owed=sql), asked.params)
        for account, duty, due, count in cursor.fetchall():
            yield Reason(account, "owed", f"owed:{duty}:{due}", 20, due, count)


def owed_say(reasons: Sequence[Reason], asked: Asked) -> Words:
    """Which duty of which tier, how far behind, and how many more."""
    duties = TierDuty.objects.select_related("tier").in_bulk(list(_ids(reasons).values()))
    return {
        (reason.account_id, reason.key): Said(_owed_words(duties[pk], reason, asked.today))
        for reason in reasons
        if (pk := row_id(reason.key)) in duties
    }


def _owed_words(duty: TierDuty, reason: Reason, today: date) -> str:
    late = (today - reason.due).days if reason.due else 0
    names = {"duty": duty.name, "tier": duty.tier.name, "days": formats.days(late)}
    words = _("“%(duty)s” is %(days)s behind (%(tier)s)") % names
    more = reason.facts - 1
    if not more:
        return words
    return words + ngettext(", and %(n)d more is late", ", and %(n)d more are late", more) % {"n": more}


def stages_load(asked: Asked) -> Iterable[Reason]:
    """Moves of the lifecycle that wait for a person."""
    found = StageProposal.objects.filter(asked.meant(), state=StageProposal.State.OPEN)
    for pk, account in found.values_list("id", "account_id"):
        yield Reason(account, "stage", f"stage:{pk}", 20)


def stages_say(reasons: Sequence[Reason], _asked: Asked) -> Words:
    """From where to where and why, with what can be answered."""
    ids = _ids(reasons)
    fields = catalogue()
    moves = StageProposal.objects.in_bulk(list(ids.values()))
    return {key: _stage_said(moves[pk], said(moves[pk].because, fields)) for key, pk in ids.items()}


def _stage_said(move: StageProposal, why: str) -> Said:
    names = {"old": move.get_from_stage_display(), "new": move.get_to_stage_display(), "why": why}
    acts = (Act(_("Accept"), "accept", "a"), Act(_("Decline"), "decline", "d"))
    return Said(_("%(old)s → %(new)s to confirm: %(why)s") % names, acts=acts)


def _move(account: Account, key: str) -> StageProposal:
    found = StageProposal.objects.select_related("account").filter(pk=row_id(key), account=account).first()
    if found is None:
        raise ValidationError(_("This move is gone."))
    return found


def stage_accept(account: Account, key: str, by: Member, at: datetime, _on: date) -> str:
    """The account moves."""
    move = _move(account, key)
    proposal_accept(proposal=move, at=at, by=by)
    return _("in “%(stage)s” now") % {"stage": move.get_to_stage_display()}


def stage_decline(account: Account, key: str, by: Member, at: datetime, _on: date) -> str:
    """The account stays."""
    move = _move(account, key)
    proposal_decline(proposal=move, at=at, by=by)
    return _("stays in “%(stage)s”") % {"stage": move.get_from_stage_display()}


def stage_undo(account: Account, key: str, by: Member, at: datetime, _on: date) -> str:
    """The move waits for a decision again."""
    proposal_undo(proposal=_move(account, key), at=at, by=by)
    return _("as before")


SOURCES = (
    ReasonSource(
        "step",
        gettext_lazy("Next step"),
        gettext_lazy("A promise due within 7 days (urgency 25), due today or late (50)."),
        steps_load, steps_say, {"done": step_deal, "undo": step_undeal},
    ),
    ReasonSource(
        "renewal",
        gettext_lazy("Renewal"),
        gettext_lazy("Within 90 days (30), 60 days (50), 30 days (70), or passed within 30 days and undecided (80)."),
        renewals_load, renewals_say,
    ),
    ReasonSource(
        "handover",
        gettext_lazy("Hand-over"),
        gettext_lazy("Due within 7 days (25), complete and not accepted yet (40), late (60)."),
        handovers_load, handovers_say,
    ),
    ReasonSource(
        "owed",
        gettext_lazy("Owed touch"),
        gettext_lazy("A touch that the account's service tier owes is overdue (20)."),
        owed_load, owed_say,
    ),
    ReasonSource(
        "stage",
        gettext_lazy("Stage to confirm"),
        gettext_lazy("The conditions of the lifecycle want the account in another stage; a person decides (20)."),
        stages_load, stages_say, {"accept": stage_accept, "decline": stage_decline, "undo": stage_undo},
    ),
)  # fmt: skip
