"""Metrics compared with the account's own baseline: now against what was usual for the account itself.

The mean of the 28 days ending on the day ÷ the mean of the 84 days before them, over the days on which the metric was
defined and somebody at the account had ever used the product. Not defined with fewer than 14 such days in the first or
42 in the second, and where the second mean is nothing.
"""

# ruff: noqa: S608 - statements are put together from constants of this module and names of metrics

from collections.abc import Mapping, Sequence
from datetime import date

from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy
from django.utils.translation import gettext_lazy as _

from accounts.facts import Fact, Load, Source, Values
from accounts.past import PAIRS, LoadPast, Pair, Past, pair_columns
from usage.activity import METRICS
from usage.sql import rows

NOW_DAYS, BEFORE_DAYS = 28, 84
NOW_LEAST, BEFORE_LEAST = 14, 42
REACH = NOW_DAYS + BEFORE_DAYS - 1  # how many days before the day it looks at
_SUFFIX = "_baseline"
_COMPARED = tuple(metric for metric in METRICS if metric.key != "usage_trend")  # that is a comparison itself
_DEFINITION = _(
    "The mean of the metric over the 28 days ending on the day ÷ its mean over the 84 days before: 1 is what is "
    "usual for this account itself. Not defined with fewer than 14 days with figures now or 42 before, counted from "
    "the first use on, or where the mean before is 0."
)

# Sums of whole billionths: the same to the last bit in whichever order rows come, so that a stored score can be derived
# again from what is stored.
_SUM = "sum((x::float8 * 1000000000)::bigint) FILTER (WHERE {of})::float8"
_COUNT = "count(x) FILTER (WHERE {of})"
_NOW, _BEFORE = f"at > {{day}} - {NOW_DAYS}", f"at <= {{day}} - {NOW_DAYS}"
_RATIO = f"""CASE WHEN {_COUNT.format(of=_NOW)} >= {NOW_LEAST} AND {_COUNT.format(of=_BEFORE)} >= {BEFORE_LEAST}
    THEN ({_SUM.format(of=_NOW)} / {_COUNT.format(of=_NOW)})
        / NULLIF({_SUM.format(of=_BEFORE)} / {_COUNT.format(of=_BEFORE)}, 0) END"""
_KNOWN = f"""SELECT account_id, {_RATIO} AS value FROM (
    SELECT k.account_id, k.day AS at, k.{{key}} AS x FROM usage_metric k
    WHERE k.tenant_id = %(tenant)s AND k.day BETWEEN {{day}} - {REACH} AND {{day}} AND k.users_ever > 0) held
    GROUP BY account_id"""
_REPORTED = f"""SELECT account_id, {_RATIO} AS value FROM (
    SELECT k.account_id, k.day AS at, CASE WHEN r.account_id IS NULL THEN k.{{key}} ELSE r.{{key}} END AS x
    FROM usage_metric k LEFT JOIN usage_reportedmetric r
        ON r.tenant_id = k.tenant_id AND r.day = k.day AND r.account_id = k.account_id
    WHERE k.tenant_id = %(tenant)s AND k.day BETWEEN {{day}} - {REACH} AND {{day}} AND k.reported <> 0
        AND CASE WHEN r.account_id IS NULL THEN k.users_ever ELSE r.users_ever END > 0) held
    GROUP BY account_id"""
# Days one by one: the tables are keyed by day, and a pair needs few of them.
_THEN = f"""SELECT place, {_RATIO.replace("{day}", "day")} AS value FROM (
    SELECT p.place, p.day, k.day AS at, {{value}} AS x FROM {PAIRS}
    CROSS JOIN LATERAL generate_series(p.day - {REACH}, p.day, interval '1 day') d (at)
    JOIN usage_metric k ON k.tenant_id = %(tenant)s AND k.day = d.at::date AND k.account_id = p.account_id
    {{join}}) held GROUP BY place, day"""
_THEN_REPORTED = """LEFT JOIN usage_reportedmetric r
        ON r.tenant_id = %(tenant)s AND r.day = k.day AND r.account_id = k.account_id
    WHERE k.reported <> 0 AND CASE WHEN r.account_id IS NULL THEN k.users_ever ELSE r.users_ever END > 0"""


def baseline_key(metric: str) -> str:
    """The key of a metric's fact that compares it with its own baseline."""
    return metric + _SUFFIX


def baseline_sources() -> list[Source]:
    """A source per metric, so that only those that a card, a segment or a column asks for are computed."""
    return [Source((_fact(one.key, one.label),), _load(one.key), _load_past(one.key)) for one in _COMPARED]


def _fact(metric: str, label: str) -> Fact:
    return Fact(
        baseline_key(metric),
        format_lazy(_("{metric}, against own baseline"), metric=gettext_lazy(label)),
        "ratio",
        "usage",
        _DEFINITION,
        sql=_KNOWN.replace("{key}", metric),
        sql_reported=_REPORTED.replace("{key}", metric),
        reach=REACH,
    )


def _load(metric: str) -> Load:
    sql = _KNOWN.replace("{key}", metric).replace("{day}", "%(day)s::date")
    some = sql.replace("AND k.users_ever", "AND k.account_id = ANY (%(ids)s) AND k.users_ever")

    def load(as_of: date, account_ids: Sequence[int] | None) -> Mapping[str, Values]:
        found = rows(sql, day=as_of) if account_ids is None else rows(some, day=as_of, ids=list(account_ids))
        return {baseline_key(metric): dict(found)}

    return load


def _load_past(metric: str) -> LoadPast:
    """Guarded, every day of both means as its own night reported it: what it says was all received by then."""
    key = baseline_key(metric)
    value = f"CASE WHEN r.account_id IS NULL THEN k.{metric} ELSE r.{metric} END"
    reported = _THEN.replace("{value}", value).replace("{join}", _THEN_REPORTED)
    known = _THEN.replace("{value}", f"k.{metric}").replace("{join}", "WHERE k.users_ever > 0")

    def past(pairs: Sequence[Pair], guarded: bool) -> Past:
        return Past(pair_columns(reported if guarded else known, pairs, (key,)))

    return past
