"""Random files over random states: the same file again changes nothing, and undone it is as if it had never come."""

import csv
import io
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.models import Account
from accounts.services import contact_save
from tenants.models import Member
from tenants.scope import tenant_scope
from tenants.services import NewTenant
from tests.factories import AT, make_account, make_tenant
from tests.imports.world import bring, everything, undo

pytestmark = pytest.mark.django_db


class UndoneError(Exception):
    """Leaves no trace of an example."""


# Few words, so that rows meet each other and what is there; some that are refused, some that need accepting.
DAYS = ["2026-01-05", "05/02/2026", "2026-02-28", "", "soon"]
ACCOUNTS = ["a1", "a2", "Acme", "nobody"]
COLUMNS: dict[str, dict[str, list[str]]] = {
    "accounts": {
        "External id": ["a1", "a2", "n1", "n2", ""], "Name": ["Acme", "Bolt", "New", ""],
        "Industry": ["Ships", "", "Steel"], "ARR": ["", "1,200.50", "(5)", "9"], "Seats": ["", "3", "x"],
        "Stage": ["", "Training", "Trainnig"], "Renewal date": DAYS,
    },
    "contacts": {
        "External id": ["", "c1", "c2"], "Account": ACCOUNTS, "Name": ["Ann", "Bob", "Cy", ""],
        "E-mail": ["", "ann@x.example", "new@x.example"], "Roles": ["", "User; IT", "Boss"],
        "Reports to": ["", "Ann", "Cy"],
    },
    "contracts": {
        "Contract id": ["k1", "k2"], "Line id": ["1", "2"], "Account": ACCOUNTS, "Product": ["Base", "Plus"],
        "Amount": ["1200", "90.5", ""], "Months": ["12", "1"], "Start": ["2025-01-01", "2025-06-01"],
        "End": ["", "2026-01-01", "2024-01-01"], "Seats": ["", "4"],
    },
    "payments": {
        "Payment id": ["", "p1", "p2"], "Account": ACCOUNTS, "Amount": ["10", "-4.5", "0", "1,000"],
        "Payment date": DAYS, "Note": ["", "May"],
    },
    "touches": {
        "Id": ["", "t1", "t2"], "Account": ACCOUNTS, "Date": DAYS, "Kind": ["", "Call", "Email"],
        "Note": ["Spoke", "Wrote", ""], "People": ["", "Ann", "Nobody"],
    },
    "tickets": {
        "Ticket id": ["", "s1", "s2"], "Account": ACCOUNTS, "Subject": ["Help", "Broken"],
        "Opened": ["2026-01-05 10:00", "2026-02-01", "soon"], "Closed at": ["", "2026-02-03", "2020-01-01"],
        "Satisfaction": ["", "4", "9"],
    },
}  # fmt: skip


def files(target: str) -> st.SearchStrategy[str]:
    """Files of a target with one to twelve rows."""
    columns = COLUMNS[target]
    row = st.tuples(*(st.sampled_from(cells) for cells in columns.values()))
    return st.lists(row, min_size=1, max_size=12).map(lambda rows: _written([*columns], rows))


def _written(heads: list[str], rows: list[tuple[str, ...]]) -> str:
    out = io.StringIO()
    csv.writer(out).writerows([heads, *rows])
    return out.getvalue()


@pytest.fixture
def made() -> NewTenant:
    """A tenant with two accounts and a person."""
    made = make_tenant("property", timezone="UTC")
    with tenant_scope(made.tenant):
        for key, name in (("a1", "Acme"), ("a2", "Bolt")):
            make_account(made.tenant, key, name=name)
        account = Account.objects.get(external_id="a1")
        contact_save(account=account, values={"name": "Ann", "email": "ann@x.example"}, at=AT, by=made.admin)
    return made


TRIED = ("accounts", "contacts", "contracts", "touches", "payments", "tickets")


@pytest.mark.parametrize("target", TRIED)
def test_a_file_twice_is_once_and_undone_is_never(made: NewTenant, target: str) -> None:
    @settings(
        max_examples=4, deadline=None, database=None,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.function_scoped_fixture],
    )  # fmt: skip
    @given(before=files(target), file=files(target))
    def holds(before: str, file: str) -> None:
        with tenant_scope(made.tenant):
            try:
                with transaction.atomic():
                    _holds(made, target, before, file)
                    raise UndoneError
            except UndoneError:
                pass

    holds()


def _holds(made: NewTenant, target: str, before: str, file: str) -> None:
    by: Member = made.admin
    said: dict[str, Any] = {"by": by, "accept": True}
    bring(made.tenant, target, before, name="before.csv", **said)
    state = everything()
    first = bring(made.tenant, target, file, name="file.csv", **said)
    after = everything()
    again = bring(made.tenant, target, file, name="file.csv", **said)
    assert (again.counts["created"], again.counts["changed"]) == (0, 0), (file, again.counts)
    assert everything() == after
    undone = undo(made.tenant, first, by=by)
    assert undone.counts["kept"] == 0, list(first.rows.filter(undone="kept").values_list("name", "reasons"))
    now = everything()
    assert now == state, {label: (held, state[label]) for label, held in now.items() if held != state[label]}
