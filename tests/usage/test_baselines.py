"""Metrics against the account's own baseline: the definition by hand, as known now and as reported then."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

import numpy as np
import pytest
from django.db import connection

from accounts.facts import fact_values, known_facts, measurable_facts, past_values
from accounts.models import Account
from accounts.segments.compiler import Compiler
from health.card import card_of
from health.inputs import raws_of
from health.models import Score, StaleScore
from health.past import pairs_of, raws_at
from health.selectors import scorecard_get, version_latest
from health.services import scorecard_publish, scores_fill, scores_mark_stale
from tenants.models import Tenant
from tenants.scope import tenant_scope
from tests.factories import AT, DAY, make_account, make_tenant
from usage.baselines import REACH, baseline_key
from usage.models import Metric, ReportedMetric

pytestmark = pytest.mark.django_db
KEYS = [baseline_key(key) for key in ("mau", "stickiness", "minutes_online", "breadth")]
FIGURES: dict[str, Any] = {
    "seats": 40, "seats_from": "account", "dau": 1, "wau": 2, "activation_rate": None, "login_ratio": None,
    "login_listed": True, "depth": None, "application_gap": None, "usage_trend": None, "users_28": 0,
    "users_28_before": 0,
}  # fmt: skip
Rows = Mapping[date, Mapping[str, Any]]


def by_hand(days: Rows, key: str, day: date) -> float | None:
    """The definition, sentence by sentence."""
    found: list[list[float]] = [[], []]
    for at, figures in days.items():
        back = (day - at).days
        if 0 <= back <= 111 and figures["users_ever"] > 0 and figures[key] is not None:
            found[0 if back < 28 else 1].append(figures[key])
    now, before = found
    if len(now) < 14 or len(before) < 42 or sum(before) == 0:
        return None
    return (sum(now) / len(now)) / (sum(before) / len(before))


def history(account: Account, rnd: np.random.Generator, *, days: int, first_use: int, gaps: float) -> dict[date, Any]:
    """Random days of an account up to DAY, some missing, some figures not defined."""
    made: dict[date, Any] = {}
    for back in range(days, -1, -1):
        if rnd.random() < gaps / 3:
            continue
        used = back <= first_use
        made[DAY - timedelta(days=back)] = {
            "mau": int(rnd.integers(0, 30)) if used else 0,
            "stickiness": float(rnd.random()) if used and rnd.random() > gaps else None,
            "minutes_online": float(rnd.random() * 900) if used else 0.0,
            "breadth": float(rnd.integers(0, 5)) / 5 if rnd.random() > gaps else None,
            "users_ever": 3 if used else 0,
        }
    Metric.objects.bulk_create(
        Metric(tenant_id=account.tenant_id, account=account, day=day, reported=1, **FIGURES, **figures)
        for day, figures in made.items()
    )
    return made


@pytest.fixture
def tenant() -> Tenant:
    return make_tenant().tenant


def near(found: float | None, expected: float | None) -> bool:
    if found is None or expected is None:
        return found is None and expected is None
    return found == pytest.approx(expected, rel=1e-6)


def test_every_way_to_read_it_gives_the_definition(tenant: Tenant) -> None:
    rnd = np.random.default_rng(5)
    with tenant_scope(tenant):
        held: dict[int, dict[date, Any]] = {}
        for number in range(24):
            account = make_account(tenant)
            first = int(rnd.choice([200, 112, 90, 69, 50, 13]))
            held[account.pk] = history(
                account, rnd, days=int(rnd.choice([130, 111, 70, 20])), first_use=first, gaps=number % 4 / 5
            )
        known = 0
        for day in (DAY, DAY - timedelta(days=9)):
            values = fact_values(keys=KEYS, as_of=day)
            some = fact_values(keys=KEYS, as_of=day, account_ids=list(held)[:5])
            pairs = pairs_of([(pk, day) for pk in held])
            past = past_values(keys=set(KEYS), pairs=pairs, guarded=True)
            later = past_values(keys=set(KEYS), pairs=pairs, guarded=False)
            for key in KEYS:
                listed = from_sql(key, day)
                for place, (pk, days) in enumerate(held.items()):
                    expected = by_hand(days, key.removesuffix("_baseline"), day)
                    known += expected is not None
                    read = values[key].get(pk)
                    assert near(read, expected), (key, pk, day)
                    assert past.values[key][place] == later.values[key][place] == read == listed.get(pk)
                    if place < 5:
                        assert some[key].get(pk) == read
        assert known > 40


def from_sql(key: str, day: date) -> dict[int, float | None]:
    """What segments and columns read, known and reported: here nothing has changed since."""
    found = []
    for reported in (False, True):
        fact = known_facts()[key]
        compiler = Compiler(day, "UTC", reported=reported)
        compiler.params["day0"] = day
        sql = (fact.sql_reported if reported else fact.sql).replace("{day}", "%(day0)s::date")
        with connection.cursor() as cursor:
            cursor.execute(sql, {**compiler.params, "tenant": Tenant.objects.get().pk})
            found.append(dict(cursor.fetchall()))
    assert found[0] == found[1]
    return found[0]


def test_what_came_in_later_moves_what_is_known_and_not_what_was_reported_then(tenant: Tenant) -> None:
    key = baseline_key("mau")
    with tenant_scope(tenant):
        account = make_account(tenant)
        days = history(account, np.random.default_rng(1), days=120, first_use=200, gaps=0)
        before = by_hand(days, "mau", DAY)
        late = DAY - timedelta(days=40)
        row = Metric.objects.get(account=account, day=late)
        values = {f.attname: getattr(row, f.attname) for f in ReportedMetric._meta.local_fields if f.column}
        ReportedMetric.objects.create(**values)
        Metric.objects.filter(account=account, day=late).update(mau=900, reported=2)
        Metric.objects.create(
            tenant=tenant, account=account, day=DAY + timedelta(days=1), reported=1, **FIGURES, mau=999,
            stickiness=None, minutes_online=0, breadth=None, users_ever=3,
        )  # fmt: skip
        days[late] = {**days[late], "mau": 900}
        after = by_hand(days, "mau", DAY)
        pairs = pairs_of([(account.pk, DAY)])
        assert before != after
        assert near(fact_values(keys={key}, as_of=DAY)[key][account.pk], after)
        assert near(past_values(keys={key}, pairs=pairs, guarded=False).values[key][0], after)
        assert near(past_values(keys={key}, pairs=pairs, guarded=True).values[key][0], before)


def test_a_card_measures_it_and_a_late_event_marks_the_days_that_rest_on_it(tenant: Tenant) -> None:
    key = baseline_key("wau")
    with tenant_scope(tenant):
        assert key in measurable_facts()
        account = make_account(tenant)
        history(account, np.random.default_rng(2), days=120, first_use=200, gaps=0)
        changed = DAY - timedelta(days=30)
        scores_fill(days=[DAY - timedelta(days=back) for back in range(5)])
        scores_mark_stale(days={changed: [account.pk]})
        assert set(StaleScore.objects.values_list("day", flat=True)) == {changed}  # no card looks back
        measure = {"key": key, "weight": 10, "breakpoints": [[0.5, 0], [1, 100]], "missing": "skip"}
        document = {**version_latest().definition, "groups": [{"key": "activity", "weight": 1, "measures": [measure]}]}
        scorecard_publish(document=document, by=None, at=AT, tenant=tenant, reason="Own baseline")
        scores_fill(days=[DAY])
        score = Score.objects.get(account=account, day=DAY)
        assert score.raws == [pytest.approx(1.0)]  # always two users a week
        card = card_of(score.version.definition)
        assert raws_at(card=card, pairs=[(account.pk, DAY)]).left_out == []
        assert raws_of(card=card, as_of=DAY, account_ids=[account.pk]).tolist() == [score.raws]
        StaleScore.objects.all().delete()
        scores_mark_stale(days={changed: [account.pk]})
        marked = set(StaleScore.objects.values_list("day", flat=True))
        assert marked == {changed + timedelta(days=number) for number in range(31)}  # up to the last scored day
        assert REACH == 111
        assert scorecard_get().is_default
