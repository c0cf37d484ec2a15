"""A table of accounts with a column of parents: who belongs to whom, and circles refused row by row."""

import pytest

from accounts.models import Account
from imports.models import Import, ImportRow
from tenants.scope import tenant_scope
from tests.factories import make_account, make_tenant
from tests.imports.world import bring, check

pytestmark = pytest.mark.django_db
CIRCLE = "An account cannot belong to itself, nor to one that belongs to it."


def parents() -> dict[str, str | None]:
    return dict(Account.objects.order_by("external_id").values_list("external_id", "parent__external_id"))


def reasons_of(of: Import) -> dict[int, str]:
    """The reasons of the refused rows by their lines."""
    return {row.line: " ".join(row.reasons) for row in ImportRow.objects.filter(of=of, fate="refused")}


def test_a_circle_is_refused_in_each_of_its_rows_and_the_others_come_in() -> None:
    made = make_tenant()
    text = "external id,name,parent\na,A,b\nb,B,c\nc,C,a\nd,D,a\ne,E,f\nf,F,\ng,G,g\n"
    with tenant_scope(made.tenant):
        checked = check(made.tenant, "accounts", text, by=made.admin)
        assert checked.counts["refused"] == 5
        done = bring(made.tenant, "accounts", text, by=made.admin)
        assert parents()["e"] == "f"
        assert set(parents()) == {"e", "f"}
        reasons = reasons_of(done)
        assert all(CIRCLE in reasons[line] for line in (2, 3, 4, 8))
        assert "No account has the id “a”" in reasons[5]
        assert set(reasons) == {2, 3, 4, 5, 8}


def test_a_circle_over_accounts_that_are_there_is_refused_too() -> None:
    made = make_tenant()
    with tenant_scope(made.tenant):
        top = make_account(made.tenant, "top", name="Top")
        middle = make_account(made.tenant, "middle", name="Middle", parent=top)
        make_account(made.tenant, "low", name="Low", parent=middle)
        refused = bring(made.tenant, "accounts", "external id,parent\ntop,low\n", by=made.admin)
        assert refused.counts["refused"] == 1
        assert CIRCLE in next(iter(reasons_of(refused).values()))
        assert parents() == {"low": "middle", "middle": "top", "top": None}
