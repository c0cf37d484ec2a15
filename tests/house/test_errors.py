"""Error pages look like the product and say what to do."""

import pytest
from django.template.loader import render_to_string
from django.test import Client
from django.utils import translation

from tenants.models import Member, Role, Tenant
from tenants.scope import tenant_scope
from tests.factories import make_account, make_member, make_tenant
from tests.portfolio.world import signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def tenant() -> Tenant:
    return make_tenant(name="Harbor").tenant


@pytest.fixture
def viewer(tenant: Tenant) -> Member:
    with tenant_scope(tenant):
        return make_member(Role.VIEWER)


def test_a_missing_page_leads_a_member_back_to_today(tenant: Tenant, viewer: Member) -> None:
    answer = signed_in(viewer).get(f"/t/{tenant.slug}/nowhere/")
    assert answer.status_code == 404
    assert f'href="/t/{tenant.slug}/"' in answer.content.decode()


def test_a_missing_page_tells_a_stranger_nothing_of_the_tenant(tenant: Tenant) -> None:
    answer = Client().get(f"/t/{tenant.slug}/nowhere/")
    assert answer.status_code == 404
    assert tenant.name not in answer.content.decode()


@pytest.mark.parametrize(("language", "said"), [("en", "your role is Viewer"), ("zh-hans", "您的角色没有此权限")])
def test_a_refusal_names_the_role_in_the_reader_s_language(
    tenant: Tenant, viewer: Member, language: str, said: str
) -> None:
    client = signed_in(viewer)
    client.cookies["django_language"] = language
    answer = client.get(f"/t/{tenant.slug}/members/")
    assert answer.status_code == 403
    assert said in answer.content.decode()


def test_an_old_form_is_refused_with_a_way_on(tenant: Tenant, viewer: Member) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(viewer.user)
    answer = client.post("/me/", {"name": "x"})
    assert answer.status_code == 403
    assert 'href="/me/"' in answer.content.decode()


def test_what_cannot_be_held_or_read_is_the_senders_fault() -> None:
    made = make_tenant()
    with tenant_scope(made.tenant):
        csm, account = make_member(Role.CSM), make_account(made.tenant)
    url = f"/t/{made.tenant.slug}/today/{account.pk}/undo/?reason=aside%20%00"
    assert signed_in(csm).post(url).status_code == 400
    headers = {"Authorization": f"Bearer {made.api_key}"}
    found = Client().get("/api/v1/today/?csm=%00", headers=headers)
    assert found.status_code == 400
    assert "NUL" in found.json()["error"]["fields"]["csm"][0]
    deep = "[" * 100_000 + "]" * 100_000
    refused = Client().post("/api/v1/accounts/bulk/", deep, content_type="application/json", headers=headers)
    assert refused.status_code == 400
    assert "nested" in refused.json()["error"]["message"]


@pytest.mark.parametrize("name", ["400.html", "500.html"])
def test_a_failure_page_needs_neither_request_nor_database(
    name: str, django_assert_num_queries: pytest.FixtureRequest
) -> None:
    with django_assert_num_queries(0), translation.override("zh-hans"):  # type: ignore[operator]  # a pytest-django fixture
        assert "未做任何更改" in render_to_string(name)
