"""Bands set by hand: who may, what lists show, how they end, and how right they were."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.test import Client
from django.utils.timezone import now

from accounts.models import Account, ContractLine
from accounts.services import contract_save, line_save, product_save
from health.models import Override, Score
from health.overrides import overrides_of, overrides_standing, records, was_right
from health.services import override_end, override_set, overrides_expire
from operations.days import local_date
from tenants.models import AuditEntry, Member, Role
from tenants.scope import tenant_scope
from tenants.services import NewTenant, key_create
from tests.factories import AT, DAY, make_account, make_member, make_tenant
from tests.portfolio.world import close_day, make_score, signed_in

pytestmark = pytest.mark.django_db
TODAY = DAY + timedelta(days=1)
UNTIL = TODAY + timedelta(days=30)


@pytest.fixture
def made() -> NewTenant:
    made = make_tenant()
    close_day(made.tenant)
    return made


def scored(made: NewTenant, score: float = 31, **values: Any) -> Account:
    account = make_account(made.tenant, **values)
    make_score(account, score)
    return account


def put(account: Account, by: Member | None, band: str = "green", **values: Any) -> Override:
    asked: dict[str, Any] = {"reason": "A new sponsor", "until": UNTIL, "today": TODAY, "at": AT, **values}
    return override_set(account=account, band=band, by=by, **asked)


def settle(account: Account, by: Member, outcome: str, on: date) -> None:
    product = product_save(values={"key": f"p{account.pk}", "name": "Suite"}, at=AT, by=by)
    contract = contract_save(account=account, values={"external_id": f"c{account.pk}", "currency": "EUR"}, at=AT, by=by)
    term = {"start": on - timedelta(days=365), "end": on, "outcome": outcome, "outcome_date": on}
    values = {"external_id": "1", "product": product, "amount": 1200, "billing_months": 12, **term}
    line_save(contract=contract, values=values, at=AT, by=by)


def rescore(account: Account, score: int, band: str) -> None:
    Score.objects.filter(account=account, day=DAY).update(score=Decimal(score), band=band)


def test_a_band_set_by_hand_says_why_and_until_when_and_leaves_the_score(made: NewTenant) -> None:
    with tenant_scope(made.tenant):
        account = scored(made)
        one = put(account, made.admin)
        assert (one.band, one.band_then, one.since, one.until) == ("green", "red", TODAY, UNTIL)
        assert Score.objects.get(account=account).band == "red"
        entry = AuditEntry.objects.get(noun="override")
        assert (entry.action, entry.object_label) == ("create", f"{account.name}: green")
        assert entry.changes["reason"] == [None, "A new sponsor"]


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"band": "unknown"}, "band"),
        ({"band": "red"}, "band"),
        ({"reason": " \x00"}, "reason"),
        ({"until": None}, "until"),
        ({"until": TODAY}, "until"),
        ({"until": TODAY + timedelta(days=181)}, "until"),
    ],
)
def test_what_cannot_be_set_by_hand_is_refused_by_field(made: NewTenant, values: Any, field: str) -> None:
    with tenant_scope(made.tenant):
        account = scored(made)
        with pytest.raises(ValidationError) as refused:
            put(account, made.admin, **values)
        assert set(refused.value.message_dict) == {field}
        assert not Override.objects.exists()


def test_a_new_one_ends_the_open_one(made: NewTenant) -> None:
    with tenant_scope(made.tenant):
        account = scored(made)
        first = put(account, made.admin)
        second = put(account, made.admin, band="amber", today=TODAY + timedelta(days=3))
        first.refresh_from_db()
        assert (first.ended_on, first.outcome) == (TODAY + timedelta(days=3), "apart")
        assert overrides_standing(day=TODAY) == {account.pk: second}
        assert overrides_standing(day=TODAY + timedelta(days=1), past=True) == {account.pk: first}


def test_the_night_ends_those_whose_day_has_come_and_no_other(made: NewTenant) -> None:
    with tenant_scope(made.tenant):
        due, later = put(scored(made), made.admin), put(scored(made), made.admin, until=UNTIL + timedelta(days=1))
        assert overrides_expire(tenant=made.tenant, today=UNTIL - timedelta(days=1), at=AT) == 0
        assert overrides_expire(tenant=made.tenant, today=UNTIL, at=AT) == 1
        assert overrides_expire(tenant=made.tenant, today=UNTIL, at=AT) == 0
        due.refresh_from_db()
        later.refresh_from_db()
        assert (due.ended_on, due.ended_by, later.ended_on) == (UNTIL, None, None)


@pytest.mark.parametrize(
    ("band", "then", "outcome", "says", "right"),
    [
        ("green", "red", "", "apart", False),
        ("green", "green", "", "right", True),
        ("green", "red", "renewed", "renewed", True),
        ("green", "green", "lost", "lost", False),
        ("green", "red", "shrunk", "lost", False),
        ("red", "amber", "lost", "lost", True),
        ("red", "red", "renewed", "renewed", False),
        ("amber", "amber", "", "right", True),
    ],
)
def test_an_ended_one_is_judged_by_what_the_customer_did_else_by_the_computed_band(
    made: NewTenant, band: str, then: str, outcome: str, says: str, right: bool
) -> None:
    with tenant_scope(made.tenant):
        account = scored(made, 60 if band == "red" else 31)
        one = put(account, made.admin, band)
        if outcome:
            settle(account, made.admin, ContractLine.Outcome(outcome), TODAY + timedelta(days=5))
        rescore(account, {"green": 80, "amber": 60, "red": 20}[then], then)
        override_end(override=one, today=TODAY + timedelta(days=9), by=made.admin, at=AT)
        assert (one.outcome, was_right(one)) == (says, right)


def test_what_was_decided_before_or_after_it_does_not_count(made: NewTenant) -> None:
    with tenant_scope(made.tenant):
        early, late = scored(made), scored(made)
        one, other = put(early, made.admin), put(late, made.admin)
        settle(early, made.admin, "lost", TODAY - timedelta(days=1))
        settle(late, made.admin, "lost", TODAY + timedelta(days=10))
        for each in (one, other):
            override_end(override=each, today=TODAY + timedelta(days=9), by=made.admin, at=AT)
        assert {one.outcome, other.outcome} == {"apart"}


def test_the_report_counts_how_often_and_how_right_per_csm(made: NewTenant) -> None:
    with tenant_scope(made.tenant):
        mina, tom = make_member(Role.CSM, "Mina"), make_member(Role.CSM, "Tom")
        up, down, still = put(scored(made), mina), put(scored(made, 60), mina, "red"), put(scored(made), tom)
        rescore(up.account, 80, "green")
        for one in (up, down):
            override_end(override=one, today=TODAY + timedelta(days=2), by=mina, at=AT)
        found = records(overrides_of(accounts=Account.objects.all(), since=TODAY))
        rows = [(str(r.author), r.total, r.up, r.down, r.open, r.ended, r.right, r.share_right) for r in found]
        assert rows == [("Mina", 2, 1, 1, 0, 2, 1, 0.5), ("Tom", 1, 1, 0, 1, 0, 0, None)]
        assert overrides_of(accounts=Account.objects.all(), since=TODAY + timedelta(days=1)) == [still]


def soon(made: NewTenant, days: int = 10) -> date:
    return local_date(made.tenant.timezone, now()) + timedelta(days=days)


def test_only_the_accounts_csm_and_managers_set_and_end_it_on_its_page(made: NewTenant) -> None:
    with tenant_scope(made.tenant):
        csm, other, manager, viewer = (make_member(role) for role in (Role.CSM, Role.CSM, Role.MANAGER, Role.VIEWER))
        account = scored(made, csm=csm)
    page = f"/t/{made.tenant.slug}/account/{account.pk}/"
    send = {"band": "green", "reason": "A <b>new</b> sponsor", "until": soon(made)}
    assert signed_in(other).post(f"{page}override/", send).status_code == 403
    assert signed_in(viewer).post(f"{page}override/", send).status_code == 403
    refused = signed_in(csm).post(f"{page}override/", {**send, "reason": ""})
    assert "Say why" in refused.content.decode()
    assert signed_in(csm).post(f"{page}override/", send).status_code == 302
    text = signed_in(viewer).get(page).content.decode()
    assert "A &lt;b&gt;new&lt;/b&gt; sponsor" in text
    assert "End it" not in text
    with tenant_scope(made.tenant):
        one = Override.objects.get()
    stop = f"/t/{made.tenant.slug}/overrides/{one.pk}/end/"
    assert signed_in(other).post(stop).status_code == 403
    assert signed_in(manager).post(stop).status_code == 302
    assert "A &lt;b&gt;new" not in signed_in(viewer).get(page).content.decode()
    report = signed_in(manager).get(f"/t/{made.tenant.slug}/scorecard/overrides/").content.decode()
    assert "the computed band stayed apart" in report


def test_lists_mark_it_and_their_filter_keeps_the_computed_band(made: NewTenant) -> None:
    with tenant_scope(made.tenant):
        account = scored(made, csm=made.admin, name="Harbor")
        put(account, made.admin, until=soon(made), today=soon(made, 0))
    client = signed_in(made.admin)
    here = f"/t/{made.tenant.slug}"
    for path in ("/portfolio/?csm=all", f"/portfolio/{account.pk}/peek/", "/portfolio/?csm=all&band=red&col=band"):
        text = client.get(here + path, headers={"HX-Request": "true"}).content.decode()
        assert "by-hand" in text, path
        assert "Computed: At risk" in text, path
    assert "by-hand" not in client.get(f"{here}/portfolio/?csm=all&band=green").content.decode()


def test_the_api_sets_lists_and_ends_them_and_health_tells_both_bands(made: NewTenant) -> None:
    with tenant_scope(made.tenant):
        account = scored(made, external_id="harbor")
        _key, secret = key_create(kind="api", name="k", scopes=["accounts:read", "accounts:write"], by=None, at=AT)
    client, head = Client(), {"Authorization": f"Bearer {secret}"}
    body = {"account_external_id": "harbor", "band": "amber", "reason": "They stay", "until": soon(made).isoformat()}

    def send(values: dict[str, Any]) -> Any:
        return client.post("/api/v1/overrides/", data=values, content_type="application/json", headers=head)

    assert send({**body, "until": soon(made, 400).isoformat()}).status_code == 400
    assert send({**body, "account_external_id": "nobody"}).status_code == 400
    assert [send(body).status_code, send(body).status_code] == [201, 200]
    health = client.get(f"/api/v1/accounts/{account.pk}/", headers=head).json()["health"]
    assert health["band"] == "red"
    assert health["override"] == {"band": "amber", "until": body["until"], "reason": "They stay"}
    (row,) = client.get("/api/v1/overrides/?open=true", headers=head).json()["results"]
    assert (row["computed_then"], row["right"]) == ("red", None)
    ended = client.post(
        f"/api/v1/overrides/{row['id']}/", data={"ended": True}, content_type="application/json", headers=head
    )
    assert ended.json()["outcome"] == "apart"
    assert client.get("/api/v1/overrides/?open=true", headers=head).json()["results"] == []
    assert client.get(f"/api/v1/accounts/{account.pk}/", headers=head).json()["health"]["override"] is None
