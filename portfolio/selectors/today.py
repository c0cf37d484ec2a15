"""Today: whom to call first, what changed most, what renews soon."""

from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import QuerySet

from accounts.models import Account
from accounts.selectors import relation_facts, visible_to
from accounts.selectors.tiers import Owed, behind
from health.models import Score
from health.selectors import explain_many, scores_of_day
from playbooks.models import Alert
from playbooks.selectors import alert_open_list, reason
from portfolio.selectors.table import RISK_DAYS, WEEK, change_of, moves
from tenants.models import Member

MOST_CHANGED = 8
MOST_RENEWALS = 12
RISK = {"red": Decimal(1), "green": Decimal(0)}


@dataclass
class Call:
    """An account to call, with the alerts that say why. `at_risk`: ARR × (red 1, amber and unknown ½, green 0)."""

    account: Account
    at_risk: Decimal
    score: Score | None
    change: float | None
    alerts: list[tuple[Alert, str]] = field(default_factory=list)
    silent: float | None = None

    @property
    def due(self) -> date:
        """The earliest due date of its alerts."""
        return min(alert.due_on for alert, _text in self.alerts)


@dataclass(frozen=True)
class Change:
    """An account whose score changed: from, to, and the measures that did it, in points."""

    account: Account
    now: Score
    then: Score
    change: float
    moved: list[tuple[str, float]]


@dataclass(frozen=True)
class Renewal:
    """A renewal within 90 days."""

    account: Account
    score: Score | None
    days: int
    at_risk: Decimal


@dataclass(frozen=True)
class Today:
    """The three lists and how many alerts stand behind the first."""

    calls: list[Call]
    changes: list[Change]
    renewals: list[Renewal]
    renewals_left: int


def at_risk(account: Account, score: Score | None) -> Decimal:
    """The ARR that may be lost: all of a red account's, half of an amber or unknown one's."""
    band = score.band if score else "unknown"
    return (account.arr or Decimal(0)) * RISK.get(band, Decimal("0.5"))


def accounts_of(*, member: Member, mine: bool) -> QuerySet[Account]:
    """The accounts the page is about: the member's own, or all they may see."""
    seen = visible_to(member)
    return seen.filter(csm=member) if mine else seen


def today_get(*, member: Member, mine: bool, day: date, today: date) -> Today:
    """The lists as of the day shown; snoozed alerts come back on the tenant's today."""
    accounts = accounts_of(member=member, mine=mine)
    alerts = alert_open_list(accounts=accounts, as_of=today)
    changed = _most_changed(accounts, day)
    due = accounts.filter(renewal_date__range=(day, day + timedelta(days=RISK_DAYS))).select_related("csm__user")
    renewals = list(due.order_by("renewal_date", "-arr", "id")[: MOST_RENEWALS + 1])
    left = due.count() - MOST_RENEWALS if len(renewals) > MOST_RENEWALS else 0
    ids = {alert.account_id for alert in alerts} | {account.pk for account in renewals} | {a.pk for a in changed}
    scores = scores_of_day(day=day, account_ids=list(ids))
    before = scores_of_day(day=day - WEEK, account_ids=list(ids))
    return Today(
        calls=_calls(alerts, scores, before, day),
        changes=_changes(changed, scores, before),
        renewals=[
            Renewal(a, scores.get(a.pk), (a.renewal_date - day).days, at_risk(a, scores.get(a.pk)))
            for a in renewals[:MOST_RENEWALS]
            if a.renewal_date
        ],
        renewals_left=left,
    )


@dataclass(frozen=True)
class Late:
    """What is overdue by an account's tier: the duty furthest behind, and how many more."""

    account: Account
    first: Owed
    more: int


def owed_today(*, accounts: QuerySet[Account], today: date, limit: int) -> tuple[list[Late], int]:
    """The accounts behind on what their tier owes, the furthest behind first, and how many more; two queries."""
    held = {a.pk: a for a in accounts.exclude(tier=None).select_related("csm__user", "tier")}
    late: dict[int, list[Owed]] = {}
    for one in behind(list(held), today) if held else []:
        late.setdefault(one.account_id, []).append(one)
    rows = [Late(held[pk], each[0], len(each) - 1) for pk, each in late.items()]
    return rows[:limit], max(len(rows) - limit, 0)


def _calls(alerts: list[Alert], scores: dict[int, Score], before: dict[int, Score], day: date) -> list[Call]:
    """One entry per account, those with most ARR at risk first, then those due first."""
    found: dict[int, Call] = {}
    for alert in alerts:
        pk = alert.account_id
        if pk not in found:
            score = scores.get(pk)
            found[pk] = Call(alert.account, at_risk(alert.account, score), score, change_of(score, before.get(pk)))
        found[pk].alerts.append((alert, reason(alert)))
    silent = relation_facts(day, list(found))["days_silent"]
    for pk, call in found.items():
        call.silent = silent.get(pk)
    return sorted(found.values(), key=lambda call: (-call.at_risk, call.due, -(call.account.arr or 0), call.account.pk))


def _most_changed(accounts: QuerySet[Account], day: date) -> list[Account]:
    """The accounts whose score moved furthest in 7 days, by at least one point."""
    now = dict(Score.objects.filter(day=day, account__in=accounts).values_list("account_id", "score"))
    then = dict(Score.objects.filter(day=day - WEEK, account__in=accounts).values_list("account_id", "score"))
    both = ((pk, score, then.get(pk)) for pk, score in now.items())
    sizes = {pk: abs(score - old) for pk, score, old in both if score is not None and old is not None}
    first = sorted((pk for pk in sizes if sizes[pk] >= 1), key=lambda pk: (-sizes[pk], pk))[:MOST_CHANGED]
    held = {account.pk: account for account in Account.objects.filter(pk__in=first).select_related("csm__user")}
    return [held[pk] for pk in first]


def _changes(accounts: list[Account], scores: dict[int, Score], before: dict[int, Score]) -> list[Change]:
    pairs: list[Any] = [(a, scores[a.pk], before[a.pk]) for a in accounts if a.pk in scores and a.pk in before]
    now, then = explain_many([new for _a, new, _o in pairs]), explain_many([old for _a, _n, old in pairs])
    return [
        Change(account, new, old, change_of(new, old) or 0.0, moves(now[account.pk], then[account.pk])[:3])
        for account, new, old in pairs
    ]
