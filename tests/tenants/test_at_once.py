"""Of two requests that do the same in one moment the second is told so, and is no fault of ours."""

from typing import Any

import pytest

from accounts.models import Account
from pipeline import views
from tenants.scope import tenant_scope
from tests.factories import make_account, make_tenant
from tests.portfolio.world import signed_in

pytestmark = pytest.mark.django_db


def test_what_another_request_made_in_the_same_moment_is_a_conflict_and_changes_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    made = make_tenant("acme")

    def beaten(**_asked: Any) -> None:
        account = make_account(made.tenant, "one")
        account.pk = None
        Account.objects.bulk_create([account])

    monkeypatch.setattr(views, "nights_of", beaten)
    answer = signed_in(made.admin).get("/t/acme/nights/")
    assert answer.status_code == 409
    assert "Yours came second and changed nothing" in answer.content.decode()
    with tenant_scope(made.tenant):
        assert not Account.objects.exists()
