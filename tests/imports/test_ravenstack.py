"""A whole company that somebody else wrote, imported file by file: what it contradicts is named, its nights run."""

import csv
import gzip
import io
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from accounts.models import Account, ContractLine, CustomField, Feature
from health.backtest import NEEDED
from health.backtest_words import report
from health.models import BackTest, Score
from health.outcomes import decided_terms
from health.replay import Trial, replay
from health.selectors import scorecard_get
from health.starters import starter_document
from imports.models import Import
from operations.models import Night
from pipeline.services import night_run
from service.models import Ticket
from tenants.scope import tenant_scope
from tenants.services import NewTenant
from tests.factories import make_tenant
from tests.imports.world import bring, everything, undo
from usage.models import AccountDay, Metric, UsageCount

DATA = Path(__file__).parents[1] / "data/churn_ravenstack"
AT = datetime(2025, 1, 2, 9, tzinfo=UTC)
DAY = date(2024, 12, 31)
ACCOUNTS = 60
Row = dict[str, str]


def rows_of(name: str) -> list[Row]:
    with gzip.open(DATA / f"ravenstack_{name}.csv.gz", "rt") as file:
        return list(csv.DictReader(file))


def part(rows: list[Row]) -> str:
    """Rows as a file."""
    out = io.StringIO()
    writer = csv.DictWriter(out, list(rows[0]))
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()


@pytest.fixture(scope="module")
def files() -> dict[str, str]:
    """What concerns the first companies: all files, as they were written, of those companies alone."""
    accounts = rows_of("accounts")[:ACCOUNTS]
    ids = {row["account_id"] for row in accounts}
    mine: Callable[[Row], bool] = lambda row: row["account_id"] in ids  # noqa: E731 - a condition, used thrice
    subscriptions = list(filter(mine, rows_of("subscriptions")))
    known = {row["subscription_id"] for row in subscriptions}
    usage = [row for row in rows_of("feature_usage") if row["subscription_id"] in known]
    return {
        "accounts": part(accounts),
        "contracts": part(subscriptions),
        "usage": part(usage),
        "tickets": part(list(filter(mine, rows_of("support_tickets")))),
        "losses": part(list(filter(mine, rows_of("churn_events")))),
    }


# What its files say of customers without naming users: tickets and how they went.
SERVED: dict[str, Any] = {
    "minimum_coverage": 0.5,
    "bands": {"green": 75, "amber": 50},
    "groups": [
        {
            "key": "service",
            "weight": 1,
            "measures": [
                {"key": "tickets_30", "weight": 2, "breakpoints": [[0, 100], [3, 0]], "missing": "skip"},
                {"key": "satisfaction_90", "weight": 1, "breakpoints": [[1, 0], [5, 100]], "missing": "skip"},
            ],
        }
    ],
}

FLAGS: dict[str, dict[int, str]] = {"accounts": {3: "new:pick", 9: "new:text"}}


def bring_all(made: NewTenant, files: dict[str, str], kept: dict[str, dict[int, str]]) -> dict[str, Import]:
    """Every file with the columns as guessed or remembered, dates accepted, and others `kept` as new fields."""
    return {
        name: bring(
            made.tenant, name, text, by=made.admin, accept=True, at=AT, mapping=kept.get(name), name=f"{name}.csv"
        )
        for name, text in files.items()
    }


def counts(of: Import) -> tuple[int, ...]:
    return tuple(of.counts[fate] for fate in ("created", "changed", "unchanged", "refused"))


@pytest.mark.django_db
def test_the_company_comes_in_with_its_contradictions_named_and_its_nights_run(files: dict[str, str]) -> None:
    made = make_tenant("raven", currency="USD", timezone="UTC")
    with tenant_scope(made.tenant):
        before = everything()
        done = bring_all(made, files, FLAGS)
        columns = {name: {of.heads[int(n)]: key for n, key in of.mapping.items()} for name, of in done.items()}
        assert columns["contracts"]["subscription_id"] == "contract"
        assert columns["contracts"]["mrr_amount"] == "mrr"
        assert "churn_flag" not in columns["contracts"], "an end is no outcome: the events say who left"
        assert columns["usage"] == {
            "usage_id": "external_id", "subscription_id": "contract", "usage_date": "on", "feature_name": "feature",
            "usage_count": "uses",
        }  # fmt: skip
        rows = {name: text.count("\n") - 1 for name, text in files.items()}
        assert counts(done["accounts"]) == (ACCOUNTS, 0, 0, 0)
        assert counts(done["contracts"]) == (rows["contracts"], 0, 0, 0)
        assert counts(done["tickets"]) == (rows["tickets"], 0, 0, 0)
        check_findings(done, files)
        check_world(files)
        check_nights(made)
        again = bring_all(made, files, {})
        for name, of in again.items():
            assert (of.counts["created"], of.counts["changed"]) == (0, 0), name
        for name in ("losses", "tickets", "usage", "contracts", "accounts"):
            undone = undo(made.tenant, done[name], by=made.admin, at=AT)
            assert undone.counts["kept"] == 0, name
        gone = {label for label, held in everything().items() if held != before[label]}
        # Figures of the nights that ran meanwhile are about accounts and days that are gone with them; slices follow.
        # A week's report on the scorecards stays, as what was found on its day.
        left = {"accounts.CustomField", "usage.AccountDay", "playbooks.Alert", "health.LintReport"}
        assert gone <= left, gone


def check_findings(done: dict[str, Import], files: dict[str, str]) -> None:
    """What the files contradict is said, with its numbers."""
    said = {name: " ".join(of.findings) for name, of in done.items()}
    assert "overlap another of the same account" in said["contracts"]
    assert "names no users" in said["usage"]
    assert "lie outside the term of their contract" in said["usage"]
    assert "before it began" in said["usage"]
    ids = [row["usage_id"] for row in csv.DictReader(io.StringIO(files["usage"]))]
    assert done["usage"].counts["refused"] == len(ids) - len(set(ids))
    flagged = sum(row["churn_flag"] == "TRUE" for row in csv.DictReader(io.StringIO(files["accounts"])))
    assert f"marks {flagged} accounts" in said["losses"]
    assert "had left before" in said["losses"]


def check_world(files: dict[str, str]) -> None:
    """What stands in the tenant is what the files say."""
    assert {field.label for field in CustomField.objects.all()} == {"country", "churn_flag"}
    uses = sum(int(row["usage_count"]) for row in _once(files["usage"]))
    assert sum(UsageCount.objects.values_list("uses", flat=True)) == uses
    assert Feature.objects.filter(key="feature_20").exists() or Feature.objects.filter(name="feature_20").exists()
    lost = ContractLine.objects.filter(outcome="lost")
    assert lost.exists()
    assert all(line.end == line.outcome_date for line in lost)
    answered = Ticket.objects.exclude(first_response_at=None).count()
    assert answered == Ticket.objects.count()


def _once(text: str) -> list[Row]:
    seen: dict[str, Row] = {}
    for row in csv.DictReader(io.StringIO(text)):
        seen.setdefault(row["usage_id"], row)
    return list(seen.values())


def check_nights(made: NewTenant) -> None:
    """A night closes: days hold the counts, nobody is active, breadth is known, accounts have scores."""
    steps = night_run(tenant=made.tenant, day=DAY, at=AT)
    assert [step.job for step in steps if step.state != Night.State.DONE] == []
    assert AccountDay.objects.filter(day=DAY).exists()
    assert set(Metric.objects.filter(day=DAY).values_list("dau", flat=True)) == {0}
    gaps: list[Any] = list(Metric.objects.filter(day=DAY).values_list("application_gap", flat=True))
    assert any(gap is not None and gap < 1 for gap in gaps), "a feature used without a user is not unused"
    assert Score.objects.filter(day=DAY).count() == Account.objects.count()


@pytest.mark.django_db
def test_a_back_test_of_the_imported_company_says_that_its_score_tells_nothing(files: dict[str, str]) -> None:
    made = make_tenant("raven-past", currency="USD", timezone="UTC")
    with tenant_scope(made.tenant):
        bring_all(made, files, FLAGS)
        trial = Trial(scorecard_get(), SERVED, DAY, guarded=False)
        terms = decided_terms(until=DAY)
        assert min(sum(one.kind == "lost" for one in terms), sum(one.kind == "renewed" for one in terms)) >= NEEDED
        judged = [one for one in replay(trial)["horizons"] if not one["refused"]]
        assert judged
        assert "useful" not in {one["verdict"] for one in judged}
        check_blank(trial)
        assert decided_terms(until=DAY + timedelta(days=700)) == terms, (
            "a history that stopped tells of nobody who stayed"
        )
        guarded = replay(replace(trial, guarded=True))["horizons"]
        assert all(one["refused"] and one["unscored"] == one["outcomes"] for one in guarded), "all came in later"


def check_blank(trial: Trial) -> None:
    """A card of figures that need users has no score for them, and the report names what was missing."""
    found = replay(replace(trial, document=starter_document("daily")))
    test = BackTest(result=found, guarded=False)
    said = report(test, "USD")
    assert said["verdict"].startswith("Nothing can be said yet. Too few outcomes with a score")
    assert "Nothing was known of: Usage trend, Stickiness, Login ratio" in said["reasons"][0]
    assert said["lead"] == ""
