"""The benches' worlds still fit the tables: built small, so that a new column is noticed here."""

from datetime import timedelta

import pytest

from accounts.models import Account, SearchToken
from tenants.scope import tenant_scope
from tests.bench import search, segments
from tests.bench.pages import furnished, signed_in
from tests.bench.world import LAST, Size, derive_history, events_add, tenant_with_people
from usage.models import AccountDay, Event


@pytest.mark.django_db
def test_a_furnished_tenant_shows_its_portfolio() -> None:
    furnished("bench-pages", 20, days=5)
    page = signed_in(furnished("bench-small", 3, days=2)).get("/t/bench-small/portfolio/")
    assert page.status_code == 200
    assert page.content.count(b"Account ") >= 3


@pytest.mark.django_db
def test_a_history_of_events_is_derived() -> None:
    size = Size(accounts=3, users=6, events_per_day=40)
    tenant = tenant_with_people("bench-night", size)
    events_add(tenant, size, first=LAST - timedelta(days=1), last=LAST)
    derive_history(tenant)
    with tenant_scope(tenant):
        assert Event.objects.count() == 80
        assert sum(AccountDay.objects.values_list("events", flat=True)) == 80


@pytest.mark.django_db
def test_the_worlds_of_search_and_segments_can_be_built(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(search, "ACCOUNTS", 5)
    monkeypatch.setattr(search, "TOUCHES_EACH", 2)
    monkeypatch.setattr(segments, "FIELDS", 8)
    monkeypatch.setattr(segments, "DAYS", 3)
    with tenant_scope(search._tenant()):
        assert Account.objects.count() == 5
        assert SearchToken.objects.exists()
    tenant, segment = segments._tenant("bench-wide", 5)
    page = signed_in(tenant).get(f"/t/{tenant.slug}/portfolio/?segment={segment}")
    assert page.status_code == 200
