"""One person is exported and erased: what was theirs goes, what is the account's stays, and they do not come back."""

import io
import json
import zipfile
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import connection

from accounts.mail import read_message
from accounts.models import Account, Contact, Learner, SearchToken, Touch, TouchMail
from accounts.services import contact_save, contacts_upsert, mail_take, touch_log, touches_upsert
from accounts.services.files import account_file_add
from accounts.services.handover import handover_start, part_add
from imports.models import Import, ImportFile, ImportRow
from service.models import SurveyAnswer, Ticket
from service.services import tickets_upsert
from service.services.surveys import answers_upsert
from tenants.models import AuditEntry, ErasedIdentity, Member, Tenant, TurnedAway
from tenants.personal import ErasedPerson, person_allow, person_erase, person_export, person_find
from tenants.personal.finding import Found, sought
from tenants.personal.words import ERASED
from tenants.scope import tenant_scope
from tests.imports.world import bring
from tests.usage.world import RECEIVED, TODAY, at, call, make_tenant, night, send, tables, work_off
from usage.models import EndUser, Event, Rejected

pytestmark = pytest.mark.django_db(transaction=True)
MAIL, NAME = "Lin.Mei@harbor.example", "Lin Mei"
YESTERDAY = TODAY - timedelta(days=1)
CONTACTS = f"External id,Account,Name,E-mail\nc-lin,a1,{NAME},{MAIL}\nc-bo,a1,Bo Berg,bo@harbor.example\n"
RAW = f"From: {NAME} <{MAIL}>\nTo: csm@vendor.example\nMessage-ID: <1@harbor.example>\nSubject: Hi\n\nMy words\n"


def furnish(tenant: Tenant) -> None:
    """An account with two people, one of them everywhere."""
    send(
        tenant,
        call("group", "lin", at(80), groupId="a1"),
        call("identify", "lin", at(80), traits={"email": MAIL.lower(), "name": NAME, "plan": "x"}),
        call("group", "bo", at(70), groupId="a1"),
        *(call("track", "lin", at(day), properties={"page": "secret-lin"}) for day in (60, 20, 9, 2, 1)),
        *(call("track", "bo", at(day)) for day in (50, 9, 1)),
        call("track", "lin", "not a time"),
    )
    with tenant_scope(tenant):
        by, account = Member.objects.get(), Account.objects.get(external_id="a1")
        bring(tenant, "contacts", CONTACTS, by=by, at=RECEIVED)
        lin = Contact.objects.get(external_id="c-lin")
        said: dict[str, Any] = {"account": account, "kind": "call", "on": YESTERDAY, "by": by, "at": RECEIVED}
        touch_log(**said, note=f"Spoke to {NAME} about growth", external_id="t-1", contacts=[lin])
        touch_log(**said, note="Nobody was named", external_id="t-2")
        mail_take(account=account, message=read_message(RAW.encode()), tenant=tenant, at=RECEIVED, by=by)
        ticket = {"external_id": "k1", "account_external_id": "a1", "subject": "Help", "requester": MAIL}
        tickets_upsert(rows=[{**ticket, "opened_at": RECEIVED}], at=RECEIVED, by=by)
        answers_upsert(
            tenant=tenant, rows=[{"account": account, "kind": "nps", "score": 9, "contact": lin, "comment": "Mine"}],
            at=RECEIVED, by=by,
        )  # fmt: skip
        handover = handover_start(account=account, due_on=TODAY, at=RECEIVED, by=by)
        part_add(handover=handover, kind="learner", values={"text": f"Team of {NAME}"}, at=RECEIVED, by=by)
        account_file_add(account=account, name="contract.txt", content=b"words", at=RECEIVED, by=by)


@pytest.fixture
def tenant() -> Tenant:
    made = make_tenant("harbor")
    furnish(made)
    return made


def find(**named: str) -> Found:
    return person_find(**(named or {"mail": MAIL}))


def erase(tenant: Tenant, **more: Any) -> dict[str, int]:
    with tenant_scope(tenant):
        by = Member.objects.get()
        found = find()
        return person_erase(tenant=tenant, person=found.person, reason="Asked", at=RECEIVED, by=by, **more).counts


def everything(tenant: Tenant) -> str:
    """Every row of the tenant as text, whatever table it is in."""
    from tenants.transfer.tables import tenant_models

    with tenant_scope(tenant), connection.cursor() as cursor:
        said = []
        for table in [*(model._meta.db_table for model in tenant_models()), "usage_event"]:
            cursor.execute(f"SELECT t::text FROM {table} t WHERE tenant_id = %s", [tenant.pk])
            said += [f"{table}: {row}" for (row,) in cursor.fetchall()]
        raws = [f"raw: {bytes(one.raw).decode()}" for one in ImportFile.objects.all()]
        items = [f"item: {bytes(one.item).decode()}" for one in Rejected.objects.all()]
    return "\n".join([*said, *raws, *items])


def test_a_person_is_found_by_address_contact_id_and_user_id_with_all_that_is_held(tenant: Tenant) -> None:
    with tenant_scope(tenant):
        for named in ({"mail": MAIL.upper()}, {"contact": "c-lin"}, {"user": "lin"}, sought(MAIL)):
            found = person_find(**named)
            assert {one.key.split(":")[0] for one in found.person.chosen} == {"contact", "user"}
            held = {key: count for key, _label, count in found.held}
            assert held["usage.Event"] == 7
            assert held["accounts.TouchMail"] == held["service.Ticket"] == held["usage.Rejected"] == 1
            assert held["imports.ImportFile"] == held["imports.ImportRow"] == 1
        places = {one.key.split(":")[0] for one in found.choices}
        assert places == {"accounts.Touch", "accounts.Learner", "file"}
        assert person_find(mail="nobody@x.example").is_empty


def test_nothing_of_an_erased_person_is_left_in_any_table(tenant: Tenant) -> None:
    erase(tenant)
    work_off(tenant)
    left = everything(tenant).casefold()
    for text in (MAIL, NAME, "c-lin", "secret-lin", "My words", '"lin"', "\tlin\t", "Mine"):
        assert text.casefold() not in left, [line for line in left.splitlines() if text.casefold() in line]
    assert "bo@harbor.example" in left
    with tenant_scope(tenant):
        assert Ticket.objects.get().requester == ""
        answer = SurveyAnswer.objects.get()
        assert (answer.score, answer.comment, answer.contact) == (9, "", None)
        assert Touch.objects.get(external_id="t-1").note == f"Spoke to {ERASED} about growth"
        assert Learner.objects.get().text == f"Team of {ERASED}"
        assert TouchMail.objects.get().sender == ""
        assert not SearchToken.objects.filter(kind="touch", token="mei").exists()
        assert AuditEntry.objects.get(action="erase").object_label == erasure_reference()


def erasure_reference() -> str:
    from tenants.models import Erasure

    return Erasure.objects.get().reference
