"""Today: one ranked list over everything that wants a CSM.

Every source of the registry loads its reasons; they are gathered by account and ranked; words are found only for the
rows that are shown. The number of queries depends on the sources, never on the number of accounts.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal, InvalidOperation

from django.db.models import Prefetch
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from accounts.models import Account
from accounts.reasons import Asked, Reason, ReasonSource, Said, reason_sources
from accounts.selectors import relation_facts
from accounts.selectors.contracts import rates_by_currency
from accounts.selectors.today import asides_of
from accounts.terms import rate_on
from health.models import Override, Score
from health.overrides import override_words, overrides_standing, shown_band
from health.selectors import scores_of_days
from portfolio.ranking import Pressing, Stake, first_first, ranked
from portfolio.risk import at_risk
from portfolio.selectors.table import change_of
from tenants.models import Member

PAGE = 30
WEEK = timedelta(days=7)


@dataclass(frozen=True)
class Gathered:
    """An account's place in the list and its reasons, the most urgent first. `until`: when what is aside returns."""

    account_id: int
    value: Decimal
    reasons: tuple[Reason, ...]
    aside: int = 0
    until: date | None = None

    @property
    def mark(self) -> str:
        """The row's place in the list, from which the next page goes on (`after`)."""
        return f"{self.account_id}:{self.value}"


def after(rows: Sequence[Gathered], mark: str) -> int | None:
    """How many rows come up to the marked one and with it; None for a mark that no row of ours gave.

    Rows before it may have gone since: they shorten the list and must not make it skip anybody. Where the marked row
    itself has gone, those of its rank come once more rather than never.
    """
    number, _colon, text = mark.partition(":")
    try:
        account, value = int(number), Decimal(text)
    except (ValueError, InvalidOperation):
        return None
    if not value.is_finite():
        return None
    for place, row in enumerate(rows):
        if row.account_id == account:
            return place + 1
    return next((place for place, row in enumerate(rows) if row.value <= value), len(rows))


@dataclass(frozen=True)
class Listed:
    """The whole list in order, before anything is said. `counts`: accounts per kind of reason, whatever kind is asked
    for. `at_risk`: in the tenant's currency. `aside`: accounts of which the person has put something aside.
    """

    rows: list[Gathered]
    counts: Mapping[str, int]
    at_risk: Decimal
    aside: int


@dataclass(frozen=True)
class Told:
    """A reason with its source and its words."""

    reason: Reason
    source: ReasonSource
    said: Said

    @property
    def label(self) -> str:
        """What kind of reason it is, as exactly as its source says."""
        return str(self.said.label or self.source.label)


@dataclass(frozen=True)
class TodayRow:
    """A row as it is shown: `lead` says why, `others` are what else there is."""

    account: Account
    value: Decimal
    score: Score | None
    change: float | None
    at_risk: Decimal
    silent: float | None
    lead: Told
    others: list[Told] = field(default_factory=list)
    aside: int = 0
    until: date | None = None
    override: Override | None = None

    @property
    def computed(self) -> str:
        """The band by the score alone."""
        return self.score.band if self.score else "unknown"

    @property
    def band(self) -> str:
        """The band to show: as a person set it, else the computed one."""
        return shown_band(self.override, self.computed)

    @property
    def by_hand(self) -> str:
        """What there is to know of a band that a person set; "" for a computed one."""
        return override_words(self.override, self.computed) if self.override else ""

    @property
    def line(self) -> str:
        """The reason in one line: the most urgent one, and the renewal where it does not speak of that itself."""
        more = [told.said.text for told in self.others if told.source.key == "renewal"][:1]
        return capfirst(_("; ").join([self.lead.said.text, *more]))

    @property
    def everything(self) -> list[Told]:
        """All reasons, the most urgent first."""
        return [self.lead, *self.others]


def today_list(*, asked: Asked, kinds: Collection[str] = (), put_aside: bool = False) -> Listed:
    """The accounts that want somebody, highest rank first. `kinds`: only with a reason of these, which then leads.

    What the member has put aside is left out until its day comes; `put_aside` asks for exactly that instead.
    """
    away = asides_of(member=asked.member, today=asked.today, account_ids=asked.ids) if asked.member else {}
    shown, hidden = _gather(asked, away)
    if put_aside:
        shown, hidden = hidden, shown
    counts = Counter(key for reasons in shown.values() for key in {reason.source for reason in reasons})
    chosen = {pk: of for pk, of in shown.items() if not kinds or any(reason.source in kinds for reason in of)}
    stakes, risk = _stakes(asked, chosen)
    places = {key: place for place, key in enumerate(reason_sources())}
    pressing = {pk: [_pressing(reason, places) for reason in of] for pk, of in chosen.items()}
    rows = [
        Gathered(
            stake.account_id,
            value,
            tuple(_in_order(chosen[stake.account_id], kinds, places, asked.today)),
            0 if put_aside else len(hidden.get(stake.account_id, ())),
            _until(away, stake.account_id, chosen[stake.account_id]) if put_aside else None,
        )
        for stake, value in ranked(stakes, pressing, asked.today)
    ]
    return Listed(rows, counts, risk, len(shown if put_aside else hidden))


def _gather(
    asked: Asked, away: Mapping[tuple[int, str], date]
) -> tuple[dict[int, list[Reason]], dict[int, list[Reason]]]:
    """The reasons by account: those to show, and those that the member has put aside."""
    shown: dict[int, list[Reason]] = defaultdict(list)
    hidden: dict[int, list[Reason]] = defaultdict(list)
    for source in reason_sources().values():
        for reason in source.load(asked):
            (hidden if (reason.account_id, reason.key) in away else shown)[reason.account_id].append(reason)
    return shown, hidden


def _until(away: Mapping[tuple[int, str], date], account_id: int, reasons: Iterable[Reason]) -> date:
    return min(away[account_id, reason.key] for reason in reasons)


def _pressing(reason: Reason, places: Mapping[str, int]) -> Pressing:
    return Pressing(reason.urgency, reason.due, (places[reason.source], reason.key))


def _in_order(
    reasons: Iterable[Reason], kinds: Collection[str], places: Mapping[str, int], today: date
) -> list[Reason]:
    """The most urgent first; one of the kinds asked for before all others."""
    return sorted(
        reasons,
        key=lambda reason: (bool(kinds) and reason.source not in kinds, first_first(_pressing(reason, places), today)),
    )


def _stakes(asked: Asked, wanted: Collection[int]) -> tuple[list[Stake], Decimal]:
    """What the accounts have at stake, and their ARR at risk in the tenant's currency."""
    own = asked.tenant.currency
    bands = dict(Score.objects.filter(day=asked.day, account_id__in=wanted).values_list("account_id", "band"))
    rows = list(Account.objects.filter(pk__in=wanted).values_list("id", "arr", "currency", "name_key"))
    rates = rates_by_currency() if any(currency != own for _pk, _arr, currency, _name in rows) else {}
    stakes, risk = [], Decimal(0)
    for pk, arr, currency, name in rows:
        band = bands.get(pk, "unknown")
        rate = rate_on(rates, currency, own, asked.day)
        worth = arr * rate if arr is not None and rate is not None else None
        risk += at_risk(worth, band)
        stakes.append(Stake(pk, worth, band, name))
    return stakes, risk


def rows_told(*, gathered: Sequence[Gathered], asked: Asked) -> list[TodayRow]:
    """The rows with everything that they show, in the given order, in a constant number of queries."""
    ids = [one.account_id for one in gathered]
    csm = Prefetch("csm", Member.objects.select_related("user"))
    accounts = {a.pk: a for a in Account.objects.filter(pk__in=ids).prefetch_related(csm)}
    scores, before = scores_of_days(days=[asked.day, asked.day - WEEK], account_ids=ids).values()
    silent = relation_facts(asked.day, ids)["days_silent"]
    overrides = overrides_standing(day=asked.today, account_ids=ids)
    words = _words(gathered, asked)
    rows = []
    for one in gathered:
        told = _told(one, words)
        account, score = accounts.get(one.account_id), scores.get(one.account_id)
        if account is None or not told:
            continue
        change = change_of(score, before.get(account.pk))
        risk = at_risk(account.arr, score.band if score else "unknown")
        facts = (account, one.value, score, change, risk, silent.get(account.pk))
        rows.append(TodayRow(*facts, told[0], told[1:], one.aside, one.until, overrides.get(account.pk)))
    return rows


def _words(gathered: Sequence[Gathered], asked: Asked) -> dict[tuple[int, str], Said]:
    by_source: dict[str, list[Reason]] = defaultdict(list)
    for one in gathered:
        for reason in one.reasons:
            by_source[reason.source].append(reason)
    found: dict[tuple[int, str], Said] = {}
    for key, reasons in by_source.items():
        found.update(reason_sources()[key].say(reasons, asked))
    return found


def _told(one: Gathered, words: Mapping[tuple[int, str], Said]) -> list[Told]:
    """The reasons that could be said; what another line says already does not stand there twice."""
    sources = reason_sources()
    told = [
        Told(reason, sources[reason.source], words[one.account_id, reason.key])
        for reason in one.reasons
        if (one.account_id, reason.key) in words
    ]
    covered = {key for each in told for key in each.said.covers}
    return told[:1] + [each for each in told[1:] if each.source.key not in covered]
