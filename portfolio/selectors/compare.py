"""An account beside the median of its segment."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from statistics import median

from accounts.facts import Fact, fact_values, known_facts
from accounts.models import Account
from health.models import Score
from usage.activity import METRICS

SHOWN = (*(metric.key for metric in METRICS), "top_user_share", "user_concentration", "days_silent", "people_known")


@dataclass(frozen=True)
class Compared:
    """A figure of the account and the median of the accounts of its segment that have one (`of` of them)."""

    fact: Fact
    own: float | None
    median: float | None
    of: int


@dataclass(frozen=True)
class Comparison:
    """The figures, the score's, and how many accounts the segment has; `segment` empty: the whole tenant."""

    segment: str
    accounts: int
    score: tuple[float | None, float | None]
    figures: list[Compared]


def compare_get(*, account: Account, day: date) -> Comparison:
    """The account's figures of the day beside the medians of its segment, the account itself among them."""
    peers = Account.objects.filter(archived_at=None)
    if account.segment:
        peers = peers.filter(segment=account.segment)
    ids = list(peers.values_list("pk", flat=True))
    values = fact_values(keys=SHOWN, as_of=day, account_ids=ids)
    facts = known_facts()
    figures = [_compared(facts[key], values.get(key, {}), account.pk) for key in SHOWN]
    scores = dict(Score.objects.filter(day=day, account_id__in=ids).values_list("account_id", "score"))
    known = [float(score) for score in scores.values() if score is not None]
    own = scores.get(account.pk)
    score = (None if own is None else float(own), median(known) if known else None)
    return Comparison(account.segment, len(ids), score, figures)


def _compared(fact: Fact, values: Mapping[int, float | None], pk: int) -> Compared:
    known = [float(value) for value in values.values() if value is not None]
    return Compared(fact, values.get(pk), median(known) if known else None, len(known))
