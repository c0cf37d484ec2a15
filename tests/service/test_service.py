"""Tickets: the figures against plain arithmetic, upserts that are all or nothing, facts that know only their day."""

from datetime import UTC, date, datetime, timedelta
from statistics import mean, median
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from accounts.facts import fact_values
from accounts.models import Account
from service.models import Ticket
from service.quality import Case, quality
from service.selectors import service_report
from service.services import RefusedTickets, tickets_upsert
from tenants.models import Role
from tenants.scope import tenant_scope
from tenants.services import NewTenant
from tests.factories import make_account, make_member, make_tenant

NOON = datetime(2026, 3, 9, 12, tzinfo=UTC)
AT = NOON + timedelta(days=30)
times = st.none() | st.integers(0, 60 * 24 * 20).map(lambda m: NOON + timedelta(minutes=m))
cases = st.lists(
    st.builds(
        lambda answered, closed, stars, basic, deflected: Case(
            NOON, answered, closed, stars, basic, basic and deflected
        ),
        times, times, st.none() | st.integers(1, 5), st.booleans(), st.booleans(),
    )
)  # fmt: skip


@given(cases)
def test_the_figures_are_those_of_their_definitions(found: list[Case]) -> None:
    said = quality(found)
    waits = [(c.first_response_at - NOON).total_seconds() / 60 for c in found if c.first_response_at]
    closed = [(c.closed_at - NOON).total_seconds() / 3600 for c in found if c.closed_at]
    stars = [c.satisfaction for c in found if c.satisfaction]
    assert said.tickets == len(found)
    assert said.first_response == (median(waits) if waits else None)
    assert said.handling == (pytest.approx(median(closed)) if closed else None)
    assert said.resolution_rate == (len(closed) / len(found) if found else None)
    assert said.satisfaction == (pytest.approx(mean(stars)) if stars else None)
    assert said.unanswered == len([c for c in found if not c.first_response_at and not c.closed_at])
    basic = [c for c in found if c.basic]
    assert said.deflected_share == (sum(c.deflected for c in basic) / len(basic) if basic else None)


@pytest.fixture
def made(db: None) -> NewTenant:
    return make_tenant("helpdesk", timezone="Asia/Shanghai")


def row(number: int, **values: Any) -> dict[str, Any]:
    return {"external_id": f"t{number}", "account_external_id": "a", "subject": "Help", "opened_at": NOON, **values}


def test_the_same_tickets_twice_change_nothing_and_one_refused_row_keeps_all_out(made: NewTenant) -> None:
    with tenant_scope(made.tenant):
        make_account(made.tenant, "a")
        assert tickets_upsert(rows=[row(1), row(2)], at=AT, by=None, label="test") == ["created", "created"]
        assert tickets_upsert(rows=[row(1), row(2)], at=AT, by=None, label="test") == ["unchanged", "unchanged"]
        assert tickets_upsert(rows=[row(1, satisfaction=4)], at=AT, by=None, label="test") == ["changed"]
        bad = [
            row(3),
            row(4, closed_at=NOON - timedelta(hours=1)),
            row(5, account_external_id="nobody"),
            row(6, deflected=True),
        ]
        with pytest.raises(RefusedTickets) as refused, transaction.atomic():
            tickets_upsert(rows=bad, at=AT, by=None, label="test")
        assert sorted(refused.value.by_row) == [1, 2, 3]
        assert Ticket.objects.count() == 2


def test_the_database_itself_refuses_a_ticket_that_closes_before_it_opens(made: NewTenant) -> None:
    with tenant_scope(made.tenant):
        account = make_account(made.tenant, "a")
        with pytest.raises(IntegrityError), transaction.atomic():
            Ticket.objects.create(
                account=account,
                external_id="x",
                subject="x",
                opened_at=NOON,
                closed_at=NOON - timedelta(1),
                created_at=AT,
            )


def facts(day: date, account: Account) -> dict[str, float | None]:
    keys = ["tickets_open", "tickets_30", "first_response_30", "resolution_rate_30", "satisfaction_90"]
    return {key: values.get(account.pk) for key, values in fact_values(keys=keys, as_of=day).items()}


def test_a_day_knows_only_what_had_happened_by_its_local_end(made: NewTenant) -> None:
    late = datetime(2026, 3, 9, 16, 30, tzinfo=UTC)  # half past midnight of the 10th in Shanghai
    with tenant_scope(made.tenant):
        account, quiet = make_account(made.tenant, "a"), make_account(made.tenant, "b")
        tickets_upsert(
            rows=[
                row(1, first_response_at=NOON + timedelta(minutes=30), closed_at=late, satisfaction=5),
                row(2, opened_at=late),
            ],
            at=AT, by=None, label="test",
        )  # fmt: skip
        before = facts(date(2026, 3, 9), account)
        assert (before["tickets_open"], before["tickets_30"], before["first_response_30"]) == (1, 1, 30)
        assert (before["resolution_rate_30"], before["satisfaction_90"]) == (0, None)
        after = facts(date(2026, 3, 10), account)
        assert (after["tickets_open"], after["tickets_30"], after["resolution_rate_30"]) == (1, 2, 0.5)
        assert after["satisfaction_90"] == 5
        assert facts(date(2026, 3, 10), quiet)["tickets_open"] == 0
        assert facts(date(2026, 3, 8), account)["tickets_open"] is None, "before the first ticket nothing is known"
        assert facts(date(2026, 5, 9), account)["tickets_30"] == 0


def test_the_report_sums_to_its_parts_and_shows_weeks_without_tickets(made: NewTenant) -> None:
    with tenant_scope(made.tenant):
        make_account(made.tenant, "a")
        rows = [row(n, opened_at=NOON + timedelta(days=3 * n), channel=["mail", "wecom"][n % 2]) for n in range(6)]
        tickets_upsert(rows=[*rows, row(9, opened_at=NOON - timedelta(days=40))], at=AT, by=None, label="test")
        report = service_report(
            tickets=Ticket.objects.all(), zone="Asia/Shanghai", start=date(2026, 3, 2), end=date(2026, 4, 1)
        )
    assert report.total.tickets == 6
    for lines in (report.weeks, report.channels, report.people, report.accounts):
        assert sum(line.quality.tickets for line in lines) == 6
    assert [line.key for line in report.weeks] == [date(2026, 3, 2) + timedelta(days=7 * n) for n in range(5)]


def test_the_api_takes_tickets_names_what_it_refuses_and_pages_show_them(made: NewTenant, client: Client) -> None:
    with tenant_scope(made.tenant):
        account = make_account(made.tenant, "a", name="Acme")
        member = make_member(Role.CSM, "Lin Xiao")
        email = member.user.email
    headers = {"Authorization": f"Bearer {made.api_key}"}
    sent = [{**row(1, assignee=email), "opened_at": NOON.isoformat(), "first_response_at": None}]
    answer = client.post("/api/v1/tickets/bulk/", sent, content_type="application/json", headers=headers)
    assert (answer.status_code, answer.json()["created"]) == (200, 1)
    wrong = [{**sent[0], "account_external_id": "zzz"}, {**sent[0], "satisfaction": 9}]
    answer = client.post("/api/v1/tickets/bulk/", wrong, content_type="application/json", headers=headers)
    assert answer.status_code == 400
    found = client.get("/api/v1/tickets/?account_external_id=a", headers=headers).json()["results"]
    assert [(t["external_id"], t["assignee"], t["account_external_id"]) for t in found] == [("t1", email, "a")]
    client.force_login(made.admin.user)
    part = client.get(f"/t/helpdesk/account/{account.pk}/tickets/").content.decode()
    assert "Help" in part
    assert client.get("/t/helpdesk/service/?days=365").status_code == 200
    assert "week" in client.get("/t/helpdesk/service/weeks.csv?days=365").content.decode()
