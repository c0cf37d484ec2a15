"""Files, hand-overs and answers come along when a tenant moves, and still belong to whom they belonged."""

from pathlib import Path

import pytest

from accounts.models import Contact, NamedMember
from accounts.services import contact_save
from accounts.services.files import account_file_add
from accounts.services.handover import handover_start
from operations.models import FileBody
from service.models import SurveyAnswer
from service.services.surveys import answers_upsert, person_of
from tenants.scope import tenant_scope
from tenants.transfer import tenant_export, tenant_import
from tests.factories import AT, DAY, make_account, make_tenant

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "owner"])


def test_a_moved_tenant_keeps_bytes_names_and_one_answer_per_person(tmp_path: Path) -> None:
    made = make_tenant("origin")
    with tenant_scope(made.tenant):
        account = make_account(made.tenant, "one")
        ann = contact_save(account=account, values={"name": "Ann"}, at=AT, by=None)
        handover_start(account=account, due_on=DAY, salesperson=made.admin, at=AT, by=None)
        account_file_add(account=account, name="a.pdf", content=b"%PDF-1 \x00\xff\\N", at=AT, by=made.admin)
        row = {"account": account, "kind": "nps", "score": 9, "contact": ann}
        answers_upsert(tenant=made.tenant, rows=[row], at=AT, by=None)
    tenant_export(tenant=made.tenant, path=tmp_path / "a.zip", at=AT)
    copy = tenant_import(path=tmp_path / "a.zip", slug="copy", at=AT)
    with tenant_scope(copy):
        assert bytes(FileBody.objects.get().content) == b"%PDF-1 \x00\xff\\N"
        assert NamedMember.objects.get().member.user == made.admin.user
        there = Contact.objects.select_related("account").get()
        assert (SurveyAnswer.objects.get().person, there.pk == ann.pk) == (person_of(there), False)
        again = {"account": there.account, "kind": "nps", "score": 9, "contact": there}
        assert answers_upsert(tenant=copy, rows=[again], at=AT, by=None)[0][0] == "unchanged"
