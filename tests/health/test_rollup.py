"""The health of a group: against sums by hand, over what a member may see."""

from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.test import Client
from hypothesis import given, settings
from hypothesis import strategies as st

from accounts.models import Account
from accounts.services import account_archive, account_change, accounts_upsert, rate_set
from health.models import Band
from health.rollup import Held, rollup, rollup_of
from tenants.models import Role
from tenants.scope import tenant_scope
from tenants.services import NewTenant, key_create
from tests.factories import AT, DAY, make_account, make_member, make_tenant
from tests.portfolio.world import close_day, make_score, signed_in

scores = st.one_of(st.none(), st.integers(0, 1_000_000).map(lambda n: Decimal(n) / 10_000))
arrs = st.one_of(st.none(), st.integers(0, 10**9).map(lambda n: Decimal(n) / 100))
held = st.lists(st.tuples(scores, st.sampled_from(Band.values), arrs), max_size=8)


@settings(max_examples=150, deadline=None)
@given(held)
def test_the_figures_are_those_of_sums_by_hand(rows: list[tuple[Decimal | None, str, Decimal | None]]) -> None:
    found = rollup([Held(Account(name="x"), *row) for row in rows])
    known = [score for score, _band, _arr in rows if score is not None]
    both = [(score, arr) for score, _band, arr in rows if score is not None and arr]
    assert found.mean == (sum(known) / len(known) if known else None)
    assert (found.worst.score if found.worst else None) == min(known, default=None)
    top, bottom = sum(score * arr for score, arr in both), sum(arr for _score, arr in both)
    assert found.weighted == (top / bottom if both else None)
    assert found.arr == sum(arr or 0 for _score, _band, arr in rows)
    assert [n for _band, n, _share in found.shares] == [
        sum(band == one for _score, band, _arr in rows) for one in ("green", "amber", "red", "unknown")
    ]
    assert sum(share for _band, _n, share in found.shares) == pytest.approx(1 if rows else 0)


@pytest.fixture
def made(db: None) -> NewTenant:
    made = make_tenant()
    close_day(made.tenant)
    return made


def group(made: NewTenant) -> dict[str, Account]:
    """A top with two below it, and one below one of those."""
    rows: list[dict[str, Any]] = [
        {"external_id": "leaf", "parent_external_id": "left"},
        {"external_id": "left", "parent_external_id": "top", "arr": Decimal(300), "currency": "EUR"},
        {"external_id": "right", "parent_external_id": "top", "arr": Decimal(100), "currency": "USD"},
        {"external_id": "top", "arr": Decimal(100), "currency": "EUR"},
    ]
    accounts_upsert(tenant=made.tenant, rows=rows, at=AT, by=None)
    found = {one.external_id: one for one in Account.objects.all()}
    for name, score in (("left", 90), ("right", 30), ("top", 52.5)):
        make_score(found[name], score)
    return found


def test_a_group_holds_all_levels_in_the_tenants_currency(made: NewTenant) -> None:
    with tenant_scope(made.tenant):
        of = group(made)
        rate_set(tenant=made.tenant, currency="USD", day=DAY, rate=Decimal("0.5"), at=AT, by=made.admin)
        found = rollup_of(account=of["top"], day=DAY)
        assert [(row.account.external_id, row.level) for row in found.rows] == [
            ("top", 0), ("left", 1), ("right", 1), ("leaf", 2),
        ]  # fmt: skip
        assert (found.mean, found.weighted, found.scored) == (Decimal("57.5"), Decimal(75), 3)
        assert found.worst is not None
        assert found.worst.account == of["right"]
        assert found.arr == Decimal(450)
        account_archive(account=of["left"], at=AT, by=made.admin)
        assert {row.account.external_id for row in rollup_of(account=of["top"], day=DAY).rows} == {
            "top",
            "right",
            "leaf",
        }


def test_no_account_belongs_to_itself_at_any_distance(made: NewTenant) -> None:
    with tenant_scope(made.tenant):
        of = group(made)
        for below in ("top", "left", "leaf"):
            with pytest.raises(ValidationError, match="belong to itself"):
                account_change(account=of["top"], values={"parent": of[below]}, at=AT, by=made.admin)
        rows = [{"external_id": "top", "parent_external_id": "leaf"}]
        with pytest.raises(ValidationError, match="belong to itself"):
            accounts_upsert(tenant=made.tenant, rows=rows, at=AT, by=None)
        with pytest.raises(ValidationError, match="external id “nobody”"):
            accounts_upsert(tenant=made.tenant, rows=[{**rows[0], "parent_external_id": "nobody"}], at=AT, by=None)


def test_the_page_shows_the_group_as_far_as_the_member_sees_it(made: NewTenant) -> None:
    with tenant_scope(made.tenant):
        of = group(made)
        csm = make_member(Role.CSM)
        account_change(account=of["top"], values={"csm": csm}, at=AT, by=made.admin)
        lone = make_account(made.tenant)
    here = f"/t/{made.tenant.slug}"
    page = signed_in(made.admin).get(f"{here}/account/{of['top'].pk}/group/").content.decode()
    assert "4 accounts, itself among them" in page
    assert "Belongs to" in signed_in(made.admin).get(f"{here}/account/{of['leaf'].pk}/group/").content.decode()
    assert 'id="group"' not in signed_in(made.admin).get(f"{here}/account/{lone.pk}/group/").content.decode()
    listed = signed_in(made.admin).get(f"{here}/portfolio/?csm=all&parent={of['top'].pk}").content.decode()
    assert f'data-pk="{of["right"].pk}"' in listed
    assert f'data-pk="{lone.pk}"' not in listed
    assert "is or belongs to top" in listed
    made.tenant.csms_see_own_only = True
    made.tenant.save()
    assert "itself among them" not in signed_in(csm).get(f"{here}/account/{of['top'].pk}/group/").content.decode()


def test_the_form_takes_an_external_id_or_a_name_and_refuses_others(made: NewTenant) -> None:
    with tenant_scope(made.tenant):
        top, child = make_account(made.tenant, name="Harbor Group"), make_account(made.tenant, name="Harbor East")
    url = f"/t/{made.tenant.slug}/account/{child.pk}/edit/"
    form = {"name": "Harbor East", "currency": "EUR", "lifecycle_stage": "training"}
    client = signed_in(made.admin)
    for version, (typed, parent) in enumerate((("Harbor Group", top.pk), ("", None), (top.external_id, top.pk)), 1):
        assert client.post(url, {**form, "parent": typed, "version": version}).status_code == 302
        with tenant_scope(made.tenant):
            assert Account.objects.get(pk=child.pk).parent_id == parent
    refused = client.post(url, {**form, "parent": "Nobody", "version": 4}).content.decode()
    assert "No account has this external id or name." in refused
    assert top.external_id in client.get(url).content.decode()


def test_the_api_tells_and_sets_the_parent_and_rolls_up(made: NewTenant) -> None:
    with tenant_scope(made.tenant):
        of = group(made)
        _key, secret = key_create(kind="api", name="k", scopes=["accounts:read", "accounts:write"], by=None, at=AT)
    client, head = Client(), {"Authorization": f"Bearer {secret}"}
    url = f"/api/v1/accounts/{of['leaf'].pk}/"

    def patch(parent: str | None) -> Any:
        body = {"parent_external_id": parent}
        return client.patch(url, data=body, content_type="application/json", headers=head)

    assert client.get(url, headers=head).json()["parent_external_id"] == "left"
    assert patch("right").json()["parent_external_id"] == "right"
    assert patch(None).json()["parent_external_id"] is None
    assert patch("nobody").status_code == 400
    bulk = [{"external_id": "top", "parent_external_id": "top"}]
    sent = client.post("/api/v1/accounts/bulk/", data=bulk, content_type="application/json", headers=head)
    assert sent.status_code == 400
    found = client.get(f"/api/v1/accounts/{of['top'].pk}/rollup/", headers=head).json()
    assert (found["accounts"], found["mean"], found["worst"]) == (3, 57.5, 30.0)
    assert [row["external_id"] for row in found["results"]] == ["top", "left", "right"]
