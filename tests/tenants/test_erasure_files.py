"""An erasure and the files that were imported: the person leaves them, other rows stay and none is left out."""

from typing import Any

import pytest
from django.db import OperationalError, connections, transaction

from accounts.models import Contact
from imports.models import Import, ImportFile, ImportRow
from imports.personal import FileSource
from imports.services import advance, import_advance, import_go, import_go_on
from tenants.models import Member, Tenant
from tenants.personal import person_erase, person_find
from tenants.personal.words import ERASED
from tenants.scope import tenant_scope
from tests.imports.world import bring, check
from tests.usage.world import RECEIVED, at, call, make_tenant, send

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "owner"])
MAIL, NAME = "oy.jing@harbor.example", "欧阳静"
PEOPLE = f"External id,Account,Name,E-mail\nc-oy,a1,{NAME},{MAIL}\nc-namesake,a2,{NAME},\nc-yi,a1,欧阳静怡,\n"


@pytest.fixture
def tenant() -> Tenant:
    made = make_tenant("files")
    send(made, call("group", "u1", at(9), groupId="a1"), call("group", "u2", at(9), groupId="a2"))
    return made


def erase(tenant: Tenant) -> None:
    person_erase(
        tenant=tenant, person=person_find(mail=MAIL).person, reason="Asked", at=RECEIVED, by=Member.objects.get()
    )


def kept() -> str:
    """What records of imports and the files say."""
    rows = [f"{r.noun} {r.key} {r.name} {r.before} {r.after} {r.reasons}" for r in ImportRow.objects.order_by("pk")]
    files = [bytes(one.raw).decode() for one in ImportFile.objects.order_by("pk")]
    shown = [f"{one.preview} {one.samples} {one.suggestions}" for one in Import.objects.order_by("pk")]
    return "\n".join([*rows, *files, *shown])


def test_records_of_every_kind_lose_the_person_and_keep_namesakes_at_other_accounts(tenant: Tenant) -> None:
    answers = (
        f"Account,Question,Answer,Person,Comment,Answered\na1,nps,9,{MAIL},Good,2026-06-01\n"
        f"a1,csat,4,{NAME},Fine,2026-06-02\na2,nps,3,{NAME},Elsewhere,2026-06-03\n"
    )
    tickets = f"Id,Account,Subject,Requester,Opened\nk1,a1,{NAME} cannot log in,{MAIL},2026-06-01\n"
    tickets += f"k2,a2,{NAME} cannot log in either,{NAME},2026-06-02\n"
    touches = f"Account,Day,Note,People\na1,2026-06-01,Met {NAME}和欧阳静怡,{NAME}\na2,2026-06-02,Met {NAME},{NAME}\n"
    with tenant_scope(tenant):
        by = Member.objects.get()
        for target, text in (("contacts", PEOPLE), ("answers", answers), ("tickets", tickets), ("touches", touches)):
            bring(tenant, target, text, by=by, at=RECEIVED)
        said: dict[str, Any] = {f"c{one.pk}": one.external_id for one in Contact.objects.all()}
        own = next(number for number, external_id in said.items() if external_id == "c-oy")
        assert NAME in kept()
        erase(tenant)
        left = kept()
        for text in (MAIL, "c-oy", f'"{own}"'):
            assert text not in left, [line for line in left.splitlines() if text in line]
        named = [line for line in left.replace("欧阳静怡", "").splitlines() if NAME in line and line[0] != "{"]
        assert named
        assert not [line for line in named if "a1," in line or "'a1'" in line or '"a1"' in line], named
        assert f"a1,2026-06-01,Met {ERASED}和欧阳静怡,{ERASED}" in left
        assert f"a2,2026-06-02,Met {NAME},{NAME}" in left
        assert f"c-namesake,a2,{NAME}" in left
        nouns = dict.fromkeys(ImportRow.objects.values_list("noun", flat=True))
        assert {"contact", "surveyanswer", "ticket", "touch"} <= set(nouns)


def test_an_import_that_stopped_goes_on_with_the_row_where_it_stopped(
    tenant: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(advance, "AT_ONCE", 2)
    rows = "".join(f"c-{n},a1,Person {n},p{n}@x.example\n" for n in range(1, 6))
    write_part, parts = advance.write_part, []

    def failing(*args: Any) -> Any:
        parts.append(args)
        if len(parts) == 2:
            raise RuntimeError("the disk is full")
        return write_part(*args)

    monkeypatch.setattr(advance, "write_part", failing)
    with tenant_scope(tenant):
        by = Member.objects.get()
        of = check(tenant, "contacts", f"External id,Account,Name,E-mail\nc-oy,a1,{NAME},{MAIL}\n{rows}", by=by)
        import_go(of=of, at=RECEIVED, by=by)
    import_advance(tenant=tenant, pk=of.pk, clock=lambda: RECEIVED)
    with tenant_scope(tenant):
        of.refresh_from_db()
        assert (of.state, of.position) == (Import.State.FAILED, 2)
        erase(tenant)
        of.refresh_from_db()
        assert of.position == 1
        import_go_on(of=of, at=RECEIVED, by=by)
    import_advance(tenant=tenant, pk=of.pk, clock=lambda: RECEIVED)
    with tenant_scope(tenant):
        of.refresh_from_db()
        assert (of.state, of.position) == (Import.State.DONE, 5)
        assert set(Contact.objects.values_list("external_id", flat=True)) == {f"c-{n}" for n in range(1, 6)}


def test_no_import_can_begin_while_a_person_is_erased(tenant: Tenant) -> None:
    with tenant_scope(tenant):
        of = check(tenant, "contacts", PEOPLE, by=Member.objects.get())
    with tenant_scope(tenant):
        FileSource().hold()
        with transaction.atomic(using="owner"), connections["owner"].cursor() as cursor:
            cursor.execute("SELECT set_config('app.tenant_id', %s, true)", [str(tenant.pk)])
            with pytest.raises(OperationalError, match="lock"):
                cursor.execute("SELECT id FROM imports_import WHERE id = %s FOR UPDATE NOWAIT", [of.pk])
