"""`manage.py nightly`, as a person types it."""

import io

import pytest
from django.core.management import CommandError, call_command

from health.models import Score
from pipeline.management.commands import nightly
from tenants.scope import tenant_scope
from tests.factories import AT, DAY, make_account, make_tenant

pytestmark = pytest.mark.django_db


def test_a_day_that_lies_ahead_is_refused_and_today_is_provisional(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(nightly, "now", lambda: AT)
    made = make_tenant("acme")
    with tenant_scope(made.tenant):
        make_account(made.tenant, "one")
    with pytest.raises(CommandError, match="2026-03-11 lies ahead: there the day is 2026-03-10"):
        call_command("nightly", tenant="acme", date=DAY.replace(day=11))
    told, again = io.StringIO(), io.StringIO()
    call_command("nightly", tenant="acme", date=DAY.replace(day=10), stdout=told)
    call_command("nightly", tenant="acme", date=DAY.replace(day=10), stdout=again)
    assert "provisional figures of 1 accounts" in told.getvalue()
    assert again.getvalue() == told.getvalue()
    with tenant_scope(made.tenant):
        assert [str(day) for day in Score.objects.values_list("day", flat=True)] == ["2026-03-10"]
