"""Scores that moved far within a week as reasons to call."""

from collections.abc import Iterable, Sequence
from datetime import timedelta
from decimal import Decimal
from typing import NamedTuple

from django.db import connection
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.reasons import Asked, Reason, ReasonSource, Said, Words
from common import formats
from health.models import Score, ScorecardVersion
from health.moves import WORTH_TELLING, Split, change_splits, measure_label, scores_again
from health.selectors import scores_of_days

WEEK = timedelta(days=7)
WORTH = 5  # points by which behaviour must have moved a score
MOVERS = 2
_MOVED_SQL = """SELECT s.account_id, s.score, o.score, s.version_id, o.version_id,
    CASE WHEN s.version_id <> o.version_id THEN s.raws END, CASE WHEN s.version_id <> o.version_id THEN o.raws END
FROM health_score s
JOIN health_score o ON o.tenant_id = s.tenant_id AND o.account_id = s.account_id AND o.day = %(before)s
JOIN accounts_account a ON a.tenant_id = s.tenant_id AND a.id = s.account_id
WHERE s.tenant_id = %(tenant)s AND s.day = %(day)s AND s.score IS NOT NULL AND o.score IS NOT NULL
AND (s.version_id <> o.version_id OR abs(s.score - o.score) >= %(worth)s) AND {meant}"""


class Row(NamedTuple):
    """A score of the day shown and of a week before; raw values where the version changed between them."""

    account_id: int
    now: Decimal
    then: Decimal
    version: int
    old_version: int
    raws: list[float | None]
    old_raws: list[float | None]


class Move(NamedTuple):
    """A score then and now, and how many points of the change are the customer's."""

    now: Decimal
    then: Decimal
    behaviour: float


def load(asked: Asked) -> Iterable[Reason]:
    """Scores that behaviour moved by 5 points or more in the 7 days to the day shown.

    What a new version of the scorecard did is taken out first: nobody calls a customer about that.
    """
    with connection.cursor() as cursor:
        params = {**asked.params, "before": asked.day - WEEK, "worth": WORTH}
        cursor.execute(_MOVED_SQL.format(meant=asked.sql("a")), params)
        rows = [Row(*row) for row in cursor.fetchall()]
    switched = _again([row for row in rows if row.version != row.old_version])
    for row in rows:
        points = float(row.now) - switched.get(row.account_id, float(row.then))
        if abs(points) >= WORTH:
            yield _reason(row.account_id, Move(row.now, row.then, points))


def _again(rows: Sequence[Row]) -> dict[int, float]:
    """What accounts whose version changed would have scored a week ago under the new one."""
    versions = ScorecardVersion.objects.in_bulk({pk for row in rows for pk in (row.version, row.old_version)})
    found: dict[int, float] = {}
    for new, old in {(row.version, row.old_version) for row in rows}:
        some = [row for row in rows if (row.version, row.old_version) == (new, old)]
        raws = ([row.old_raws for row in some], [row.raws for row in some])
        found.update(zip((r.account_id for r in some), scores_again(*raws, versions[old], versions[new]), strict=True))
    return found


def splits(ids: Sequence[int], asked: Asked) -> dict[int, Split]:
    """The change within the week of each named account, in its parts."""
    now, then = scores_of_days(days=[asked.day, asked.day - WEEK], account_ids=ids).values()
    pairs: list[tuple[Score, Score]] = [(now[pk], then[pk]) for pk in ids if pk in now and pk in then]
    return change_splits(pairs)


def _reason(pk: int, move: Move) -> Reason:
    size = abs(move.behaviour)
    if move.behaviour > 0:
        return Reason(pk, "score", f"score:up:{size // 10:.0f}", 3, None, move)
    return Reason(pk, "score", f"score:down:{size // 10:.0f}", min(60, 20 + int(size)), None, move)


def say(reasons: Sequence[Reason], asked: Asked) -> Words:
    """From which score to which, and the measures that did it."""
    found = splits([reason.account_id for reason in reasons], asked)
    return {
        (reason.account_id, reason.key): Said(_words(reason.facts, found[reason.account_id]))
        for reason in reasons
        if reason.account_id in found
    }


def _words(move: Move, split: Split) -> str:
    told = (f"{measure_label(share)} {formats.signed(points, 1)}" for share, points in split.moved[:MOVERS])
    movers = _(", ").join(told)
    names = {"then": formats.number(move.then), "now": formats.number(move.now), "movers": movers}
    words = _("score rose %(then)s → %(now)s in 7 days") if move.now > move.then else ""
    words = words or _("score fell %(then)s → %(now)s in 7 days")
    said = words % names + (_(": %(movers)s") % names if movers else "")
    if abs(split.data) >= WORTH_TELLING:
        said += _("; data that came or went: %(points)s") % {"points": formats.signed(split.data, 1)}
    if split.card is not None and abs(split.card) >= WORTH_TELLING:
        said += _("; the new scorecard: %(points)s") % {"points": formats.signed(split.card, 1)}
    return said


SOURCES = (
    ReasonSource(
        "score",
        gettext_lazy("Score change"),
        gettext_lazy(
            "The customer's behaviour moved the score by 5 points or more in 7 days: down (20 and one more per point,"
            " at most 60), up (3). What a new scorecard did does not count."
        ),
        load,
        say,
    ),
)
