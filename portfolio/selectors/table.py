"""The portfolio: filtered, sorted and paged in the database, then furnished for the rows shown.

The number of queries does not depend on the number of accounts.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.db import connection
from django.db.models import Prefetch
from django.utils.translation import gettext as _

from accounts.models import Account, SearchToken
from accounts.selectors import LAST_SIGN, relation_facts, search_tokens, visible_sql
from accounts.tokens import typed_text
from common import formats
from health.certainty import flags_of
from health.models import Score
from health.moves import change_splits, measure_label
from health.overrides import overrides_standing
from health.selectors import scores_of_days
from playbooks.models import Alert, AlertRule
from playbooks.selectors import alerts_by_account, alerts_standing, reason
from portfolio.cells import SPARK_WEEKS, Row
from portfolio.columns import COLUMNS, PortfolioColumn
from portfolio.extra import extra_values, join_of
from portfolio.filters import Filters
from portfolio.risk import share_sql
from portfolio.selectors.travel import (
    REPORTED_JOINS,
    Lens,
    accounts_then,
    put_back,
    reported_metrics,
    reported_scores,
)
from tenants.models import Member
from tenants.scope import current_tenant_id
from usage.models import Metric

PAGE = 30  # more than a screen shows: the next rows come when the last one is seen
RISK_DAYS = 90
WEEK = timedelta(days=7)
WORTH_SAYING = 2.0  # points: a measure that moved less is no reason to look at an account

# What the sort or a condition may need beside the accounts. Every join is on a primary key or an index that starts
# with the tenant.
JOINS = {
    "s.": "LEFT JOIN health_score s ON s.tenant_id = a.tenant_id AND s.day = %(day)s AND s.account_id = a.id",
    "before.": "LEFT JOIN health_score before ON before.tenant_id = a.tenant_id AND before.day = %(before)s"
    " AND before.account_id = a.id",
    "m.": "LEFT JOIN usage_metric m ON m.tenant_id = a.tenant_id AND m.day = %(day)s AND m.account_id = a.id",
    "u.": "LEFT JOIN tenants_member csm ON csm.tenant_id = a.tenant_id AND csm.id = a.csm_id"
    " LEFT JOIN tenants_user u ON u.id = csm.user_id",
    "tier.": "LEFT JOIN accounts_servicetier tier ON tier.tenant_id = a.tenant_id AND tier.id = a.tier_id",
    "silent.": "LEFT JOIN LATERAL (SELECT %(day)s - COALESCE((SELECT max(t.on) FROM accounts_touch t"
    " WHERE t.tenant_id = a.tenant_id AND t.account_id = a.id AND t.two_way AND t.on <= %(day)s), a.contract_start)"
    " AS days) silent ON true",
}
ORDERS = {column.key: column.sql for column in COLUMNS if column.sortable}
NO_EXTRA: tuple[PortfolioColumn, ...] = ()


@dataclass(frozen=True)
class Totals:
    """The head line of what is shown: accounts, ARR and ARR at risk, in the tenant's currency.

    At risk: ARR of red accounts and half that of amber and unknown ones, renewals of the next 90 days only.
    `foreign`: accounts with ARR in another currency, which no sum holds.
    """

    accounts: int
    arr: Decimal
    at_risk: Decimal
    foreign: int


@dataclass(frozen=True)
class Asked:
    """A selection compiled to SQL: its conditions and their parameters."""

    where: str
    params: Mapping[str, Any]


def _condition(filters: Filters, member: Member, day: date, lens: Lens | None = None) -> Asked:
    """The conditions of the filters and of the lens's segments, within what the member may see."""
    params: dict[str, Any] = {
        "tenant": current_tenant_id(),
        "day": day,
        "before": day - WEEK,
        "until": day + timedelta(days=RISK_DAYS),
    }
    travels = lens is not None and lens.until is not None  # then the accounts' own table has seen to visibility
    parts = ["a.tenant_id = %(tenant)s", "true" if travels else visible_sql(member, "a")]
    for name, column in (("segment", "a.segment"), ("industry", "a.industry"), ("stage", "a.lifecycle_stage")):
        if values := getattr(filters, name):
            parts.append(f"{column} = ANY(%({name})s)")
            params[name] = list(values)
    if filters.band:
        parts.append("COALESCE(s.band, 'unknown') = ANY(%(band)s)")
        params["band"] = list(filters.band)
    if filters.parent is not None:
        parts.append("(a.parent_id = %(parent)s OR a.id = %(parent)s)")
        params["parent"] = filters.parent
    for part, more in (_of_csm(filters, member), _of_days(filters, day), _of_search(filters)):
        parts += part
        params.update(more)
    if lens is not None:
        compiler = lens.compiler()
        parts += [compiler.group(group) for group in lens.groups]
        params.update(compiler.params)
        params["until_instant"] = lens.until
    return Asked(" AND ".join(parts), params)


def _of_csm(filters: Filters, member: Member) -> tuple[list[str], dict[str, Any]]:
    if not filters.csm:
        return [], {}
    ids = [member.pk if value == "me" else int(value) for value in filters.csm if value != "none"]
    none = " OR a.csm_id IS NULL" if "none" in filters.csm else ""
    return [f"(a.csm_id = ANY(%(csms)s){none})"], {"csms": ids}


def _of_days(filters: Filters, day: date) -> tuple[list[str], dict[str, Any]]:
    parts: list[str] = []
    params: dict[str, Any] = {}
    if filters.renewal is not None:
        parts.append("a.renewal_date BETWEEN %(day)s AND %(renewal)s")
        params["renewal"] = day + timedelta(days=min(filters.renewal, 36_500))
    if filters.silent is not None:
        parts.append("silent.days > %(silent)s")
        params["silent"] = filters.silent
    return parts, params


def _of_search(filters: Filters) -> tuple[list[str], dict[str, Any]]:
    """By a word of the name (Chinese also by its pinyin or its first letters) or of the external id.

    Where none begins with what was typed, all names and ids are read for the ones that hold it anywhere.
    """
    typed = typed_text(filters.q)
    if not typed:
        return [], {}
    params = {"q": typed, "kind": SearchToken.Kind.ACCOUNT, "q_end": typed + LAST_SIGN}
    if search_tokens(kind=SearchToken.Kind.ACCOUNT, text=filters.q).exists():
        return [_FOUND_SQL], params
    return ["(strpos(replace(a.name_key, ' ', ''), %(q)s) > 0 OR strpos(lower(a.external_id), %(q)s) > 0)"], params


_FOUND_SQL = """a.id IN (SELECT found.object_id FROM accounts_searchtoken found WHERE found.tenant_id = %(tenant)s
    AND found.kind = %(kind)s AND found.token >= %(q)s AND found.token < %(q_end)s)"""


def _from(*needed: str, member: Member | None = None, lens: Lens | None = None) -> str:
    text = " ".join(needed)
    joins = JOINS if lens is None or not lens.reported else {**JOINS, **REPORTED_JOINS}
    accounts = "accounts_account"
    if lens is not None and lens.until is not None and member is not None:
        accounts = accounts_then(visible_sql(member, "x"))
    return f"FROM {accounts} a " + " ".join(join for word, join in joins.items() if word in text)


def account_ids(
    *, member: Member, filters: Filters, order: str, day: date, offset: int = 0, limit: int | None = PAGE,
    lens: Lens | None = None, extra: Sequence[PortfolioColumn] = NO_EXTRA,
) -> list[int]:  # fmt: skip
    """The ids of a page in order; what has no value comes last, whichever way. `extra`: columns beside the
    portfolio's own that the order may name.
    """
    asked = _condition(filters, member, day, lens)
    params = {**asked.params, "offset": offset, "limit": limit}
    key, join = _order(order.removeprefix("-"), extra, lens or Lens(day), params)
    way = "DESC NULLS LAST" if order.startswith("-") else "ASC NULLS LAST"
    source = f"{_from(asked.where, key, member=member, lens=lens)} {join}"
    sql = f"SELECT a.id {source} WHERE {asked.where} ORDER BY {key} {way}, a.name_key, a.id"  # noqa: S608 - columns and joins come from this module, values are parameters
    with connection.cursor() as cursor:
        cursor.execute(f"{sql} OFFSET %(offset)s LIMIT %(limit)s", params)
        return [row[0] for row in cursor.fetchall()]


def page_with_totals(
    *, member: Member, filters: Filters, order: str, day: date, offset: int, limit: int, lens: Lens,
    extra: Sequence[PortfolioColumn] = NO_EXTRA,
) -> tuple[list[int], Totals]:  # fmt: skip
    """`account_ids` and `totals` of one look at the accounts, for conditions that cost more than sorting does."""
    asked = _condition(filters, member, day, lens)
    params = {**asked.params, "offset": offset, "limit": limit, "currency": member.tenant.currency}
    key, join = _order(order.removeprefix("-"), extra, lens, params)
    way = "DESC NULLS LAST" if order.startswith("-") else "ASC NULLS LAST"
    source = f"{_from(asked.where, key, member=member, lens=lens)} {join}"
    sql = f"""WITH a AS MATERIALIZED (SELECT {_SUMMED}, a.name_key, {key} AS sort_key {source} WHERE {asked.where})
        SELECT ARRAY(SELECT id FROM a ORDER BY sort_key {way}, name_key, id OFFSET %(offset)s LIMIT %(limit)s),
        {_sums(lens)} FROM a"""  # noqa: S608 - as above
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        ids, count, arr, at_risk, foreign = cursor.fetchone()
    return ids, Totals(count, arr, Decimal(at_risk), foreign)


def _order(key: str, extra: Sequence[PortfolioColumn], lens: Lens, params: dict[str, Any]) -> tuple[str, str]:
    """What to sort by and the join that it needs; the join's parameters are added to `params`."""
    if key in ORDERS:
        return ORDERS[key], ""
    column = next(column for column in extra if column.key == key)
    compiler = lens.compiler("sort")
    join = join_of(column, compiler)
    params.update(compiler.params)
    return column.sql, join


def totals(*, member: Member, filters: Filters, day: date, lens: Lens | None = None) -> Totals:
    """The sums over everything that the filters leave. Scores are looked at only where a renewal is near."""
    asked = _condition(filters, member, day, lens)
    if "s." in asked.where and (lens is None or not lens.groups):  # scores are looked at anyway
        sql = f"""SELECT {_PLAIN_SUMS[0]}, COALESCE(sum(a.arr * {_RISK}) FILTER (WHERE {_NEAR}), 0), {_PLAIN_SUMS[1]}
        {_from(asked.where, "s.", member=member, lens=lens)} WHERE {asked.where}"""  # noqa: S608 - as above
    elif lens is None or not lens.groups:
        sql = f"""SELECT {_PLAIN_SUMS[0]},
        COALESCE((SELECT sum(a.arr * {_RISK})
            {_from(asked.where, "s.", member=member, lens=lens)} WHERE {asked.where} AND {_NEAR}), 0), {_PLAIN_SUMS[1]}
        {_from(asked.where, member=member, lens=lens)} WHERE {asked.where}"""  # noqa: S608 - as above
    else:  # the conditions of a segment cost more than a join: ask them once
        source = _from(asked.where, member=member, lens=lens)
        sql = f"""WITH a AS MATERIALIZED (SELECT {_SUMMED} {source} WHERE {asked.where})
        SELECT {_sums(lens)} FROM a"""  # noqa: S608 - as above
    with connection.cursor() as cursor:
        cursor.execute(sql, {**asked.params, "currency": member.tenant.currency})
        count, arr, at_risk, foreign = cursor.fetchone()
    return Totals(count, arr, Decimal(at_risk), foreign)


def _sums(lens: Lens) -> str:
    """The totals of the accounts in the common table `a`."""
    return f"""{_PLAIN_SUMS[0]},
        COALESCE((SELECT sum(a.arr * {_RISK})
            {_from("s.", lens=lens).replace("accounts_account a ", "a ")} WHERE {_NEAR}), 0), {_PLAIN_SUMS[1]}"""  # noqa: S608 - as above


_PLAIN_SUMS = (
    "count(*), COALESCE(sum(a.arr) FILTER (WHERE a.currency = %(currency)s), 0)",
    "count(*) FILTER (WHERE a.currency <> %(currency)s AND a.arr > 0)",
)
_NEAR = "a.renewal_date BETWEEN %(day)s AND %(until)s AND a.currency = %(currency)s"
_SUMMED = "a.id, a.tenant_id, a.arr, a.currency, a.renewal_date"
_RISK = share_sql("s")


def rows_of(
    *, ids: Sequence[int], day: date, lens: Lens | None = None, extra: Sequence[PortfolioColumn] = NO_EXTRA
) -> list[Row]:
    """The rows of the named accounts in the given order, in a constant number of queries."""
    lens = lens or Lens(day)
    csm = Prefetch("csm", Member.objects.select_related("user"))  # few people look after many accounts
    accounts = {a.pk: a for a in Account.objects.filter(pk__in=ids).prefetch_related(csm, "tier")}
    scores, before = scores_of_days(days=[day, day - WEEK], account_ids=ids).values()
    if lens.reported:
        scores, before = reported_scores(scores, day), reported_scores(before, day - WEEK)
    if lens.until is not None:
        put_back(accounts, lens.until, lens.day)
    past = lens.until is not None
    alerts = alerts_standing(account_ids=ids, day=day) if past else alerts_by_account(account_ids=ids)
    facts = relation_facts(day, ids)
    weeks, metrics = _activity(ids, day)
    if lens.reported:
        metrics = reported_metrics(metrics, day)
    more = extra_values(columns=extra, ids=ids, compiler=lens.compiler()) if extra else {}
    movers = _movers(scores, before, without=alerts)
    overrides = overrides_standing(day=day, account_ids=ids, past=past)
    unsure = flags_of(scores)
    return [
        Row(
            account=accounts[pk],
            day=day,
            score=scores.get(pk),
            change=change_of(scores.get(pk), before.get(pk)),
            metric=metrics.get(pk),
            silent=facts["days_silent"].get(pk),
            renewal_in=facts["days_to_renewal"].get(pk),
            weeks=tuple(weeks.get(pk, ())),
            extra=more.get(pk, {}),
            override=overrides.get(pk),
            unsure=unsure.get(pk, ""),
            **_why(alerts.get(pk, []), movers.get(pk), past),
        )
        for pk in ids
        if pk in accounts
    ]


def change_of(now: Score | None, then: Score | None) -> float | None:
    """Points between two scores; None when either is missing."""
    if now is None or then is None or now.score is None or then.score is None:
        return None
    return float(now.score - then.score)


# A row per account: a row per account and week would take the client longer than the look-ups take the database.
_WEEKS_SQL = """
SELECT account_id, array_agg((%(day)s - day) / 7), array_agg(wau) FROM usage_metric
WHERE tenant_id = %(tenant)s AND day = ANY(%(days)s) AND account_id = ANY(%(ids)s) GROUP BY 1"""


def _activity(ids: Sequence[int], day: date) -> tuple[dict[int, list[float | None]], dict[int, Metric]]:
    """WAU of each of the last 26 weeks, and the metrics of the day itself. Each named day is one look-up."""
    days = [day - WEEK * back for back in range(SPARK_WEEKS)]
    weeks: dict[int, list[float | None]] = {}
    with connection.cursor() as cursor:
        cursor.execute(_WEEKS_SQL, {"tenant": current_tenant_id(), "day": day, "days": days, "ids": list(ids)})
        for account_id, back, users in cursor.fetchall():
            known = dict(zip(back, users, strict=True))
            weeks[account_id] = [known.get(i) for i in range(SPARK_WEEKS - 1, -1, -1)]
    return weeks, {m.account_id: m for m in Metric.objects.filter(day=day, account_id__in=ids)}


def _movers(
    scores: Mapping[int, Score], before: Mapping[int, Score], without: Mapping[int, Any]
) -> dict[int, tuple[str, float]]:
    """For each account without an alert, by which measure the customer moved the score most, and by how many points."""
    scored = [pk for pk, score in scores.items() if score.score is not None and pk not in without]
    pairs = [(scores[pk], before[pk]) for pk in scored if pk in before and before[pk].score is not None]
    found = {}
    for pk, split in change_splits(pairs).items():
        if split.moved and abs(split.moved[0][1]) >= WORTH_SAYING:
            share, points = split.moved[0]
            found[pk] = (measure_label(share), points)
    return found


def _why(alerts: Sequence[Alert], mover: tuple[str, float] | None, past: bool) -> dict[str, Any]:
    """Of a past day only since when its alert stood: the alert's figures are renewed every night."""
    if alerts:
        first = alerts[0]
        said = _("since %(day)s") % {"day": formats.day(first.opened_on, "short")} if past else reason(first)
        return {"why_rule": str(AlertRule(first.rule).label), "why": said, "alerts": len(alerts)}
    if mover:
        points = _("%(points)s points in 7 days") % {"points": formats.signed(mover[1], 1)}
        return {"why_rule": mover[0], "why": points}
    return {}


@dataclass(frozen=True)
class Choices:
    """What can be filtered by: values in use, with their words."""

    csms: list[tuple[str, str]]
    segments: list[str]
    industries: list[str]


# Distinct values by stepping through an index from each to the next: a few look-ups where all accounts would be read.
_USED_SQL = """ARRAY(WITH RECURSIVE used(value) AS (
    (SELECT a.{column} FROM accounts_account a WHERE {seen} ORDER BY a.{column} LIMIT 1)
    UNION ALL SELECT (SELECT a.{column} FROM accounts_account a WHERE {seen} AND a.{column} > used.value
        ORDER BY a.{column} LIMIT 1) FROM used WHERE used.value IS NOT NULL)
    SELECT value FROM used WHERE value IS NOT NULL)"""


def choices(*, member: Member, colleagues: Iterable[Member]) -> Choices:
    """The CSMs (among the tenant's members), segments and industries of the accounts that the member may see."""
    seen = f"a.tenant_id = %(tenant)s AND {visible_sql(member, 'a')}"
    lists = (_USED_SQL.format(column=column, seen=seen) for column in ("csm_id", "segment", "industry"))
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {', '.join(lists)}", {"tenant": current_tenant_id()})
        csms, segments, industries = cursor.fetchone()
    return Choices(
        sorted(((str(m.pk), str(m)) for m in colleagues if m.pk in csms), key=lambda csm: (csm[1], csm[0])),
        [name for name in segments if name],
        [name for name in industries if name],
    )
