"""An erasure of one person reaches all that is theirs, and leaves alone what is somebody else's."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError

from accounts.mail import read_message
from accounts.models import Account, BulkChange, Contact, Touch, TouchMail
from accounts.services import contact_save, mail_take, touch_log
from operations.models import Run
from service.models import Ticket
from service.services import tickets_upsert
from tenants.models import AuditEntry, ErasedIdentity, Member, Tenant
from tenants.personal import person_allow, person_erase, person_export, person_find
from tenants.personal.words import ERASED, pattern_of, without
from tenants.scope import tenant_scope
from tests.usage.world import RECEIVED, TODAY, at, call, make_tenant, send
from usage.models import Event

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "owner"])
MAIL, NAME = "oy.jing@harbor.example", "欧阳静"
YESTERDAY = TODAY - timedelta(days=1)


@pytest.fixture
def tenant() -> Tenant:
    """The person is at one account, with somebody whose name goes on like theirs; a namesake is at another."""
    made = make_tenant("others")
    send(made, call("group", "u1", at(9), groupId="a1"), call("group", "u2", at(9), groupId="a2"))
    with tenant_scope(made):
        by = Member.objects.get()
        for account, values in (
            ("a1", {"name": NAME, "email": MAIL, "external_id": "c-oy", "phone": "13800138000"}),
            ("a1", {"name": "欧阳静怡", "email": "yi@harbor.example"}),
            ("a2", {"name": NAME, "external_id": "c-namesake"}),
        ):
            contact_save(account=Account.objects.get(external_id=account), values=values, at=RECEIVED, by=by)
    return made


def note(account: str, text: str) -> Touch:
    by = Member.objects.get()
    return touch_log(
        account=Account.objects.get(external_id=account), kind="call", on=YESTERDAY, by=by, at=RECEIVED, note=text
    )


def erase(tenant: Tenant, **more: Any) -> dict[str, int]:
    said: dict[str, Any] = {"tenant": tenant, "reason": "Asked", "at": RECEIVED, "by": Member.objects.get()}
    return person_erase(person=person_find(mail=MAIL).person, **said, **more).counts


def notes() -> dict[str, str]:
    return {f"{one.account.external_id}": one.note for one in Touch.objects.select_related("account")}


def test_every_text_is_blacked_out_however_many_there_are_and_the_page_shows_some(
    tenant: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tenants.personal.finding.MOST_SHOWN", 3)
    monkeypatch.setattr("tenants.personal.finding.CHUNK", 2)
    with tenant_scope(tenant):
        for _number in range(7):
            note("a1", f"Spoke to {NAME}")
        found = person_find(mail=MAIL)
        assert (len(found.shown), found.unshown) == (3, 4)
        assert erase(tenant)["texts"] == 7
        assert set(Touch.objects.values_list("note", flat=True)) == {f"Spoke to {ERASED}"}


def test_json_keeps_its_form_and_its_keys_and_a_number_that_is_the_person_becomes_the_word(tenant: Tenant) -> None:
    with tenant_scope(tenant):
        account = Account.objects.get(external_id="a1")
        contact = Contact.objects.get(email=MAIL)
        values = {"name": "Null", "phone": "13800138000"}
        contact_save(account=account, contact=contact, values=values, at=RECEIVED, by=Member.objects.get())
        said = {"tel": 13800138000, "null": None, MAIL: 1, "page": ["Null", True], "other": 1380013800}
        change = BulkChange.objects.create(by=Member.objects.get(), at=RECEIVED, changes=said)
        run = Run.objects.create(kind="x", title=f"For {MAIL}", params={"a": {"b": [13800138000]}}, created_at=RECEIVED)
        AuditEntry(at=RECEIVED, actor_label="x", action="change", noun="account", object_id=account.pk,
                   object_label="Null", changes={"null": [None, 13800138000], "seats": [1, 2]}).save()  # fmt: skip
    send(tenant, call("track", "u1", at(2), properties={"null": None, "page": "Null", "tel": 13800138000}))
    with tenant_scope(tenant):
        erase(tenant)
        change.refresh_from_db()
        run.refresh_from_db()
        assert change.changes == {"tel": ERASED, "null": None, MAIL: 1, "page": ["Null", True], "other": 1380013800}
        assert (run.title, run.params) == (f"For {ERASED}", {"a": {"b": [ERASED]}})
        entry = AuditEntry.objects.get(actor_label="x")
        assert (entry.object_label, entry.changes) == (ERASED, {"null": [None, ERASED], "seats": [1, 2]})
        properties = Event.objects.get(properties__isnull=False, name__name="Used").properties
        assert properties == {"null": None, "page": ERASED, "tel": ERASED}


def test_a_pattern_finds_nobody_inside_of_a_longer_name() -> None:
    pattern = pattern_of({"欧阳静", "Anna"}, {"欧阳静怡", "Anna Berg", "Joanna", "小欧阳静"})
    text = "欧阳静怡、小欧阳静和欧阳静；Anna Berg, Anna."
    assert without(text, pattern) == f"欧阳静怡、小欧阳静和{ERASED}；Anna Berg, {ERASED}."


def test_namesakes_elsewhere_and_longer_names_at_the_account_are_left_alone(tenant: Tenant) -> None:
    with tenant_scope(tenant):
        by = Member.objects.get()
        note("a1", f"{NAME}怡和{NAME}")
        elsewhere = note("a2", f"{NAME}来电")
        tickets = [
            {"external_id": f"k-{n}", "account_external_id": n, "subject": "S", "requester": NAME} for n in ("a1", "a2")
        ]
        tickets_upsert(rows=[{**one, "opened_at": RECEIVED} for one in tickets], at=RECEIVED, by=by)
        found = person_find(mail=MAIL)
        assert {(one.where, one.chosen) for one in found.choices} == {("a1", True), ("a2", False)}
        exported = person_export(found=found, at=RECEIVED, by=by)
        assert exported
        erase(tenant)
        assert notes() == {"a1": f"欧阳静怡和{ERASED}", "a2": f"{NAME}来电"}
        labels = set(AuditEntry.objects.filter(noun="contact").values_list("object_label", flat=True))
        assert labels == {ERASED, "欧阳静怡", NAME}
        assert dict(Ticket.objects.values_list("external_id", "requester")) == {"k-a1": "", "k-a2": NAME}
        assert Contact.objects.filter(name=NAME).exists()
        assert elsewhere.pk


def test_a_text_elsewhere_goes_when_an_admin_chooses_it_or_the_address_stands_in_it(tenant: Tenant) -> None:
    with tenant_scope(tenant):
        chosen = note("a2", f"{NAME}来电")
        sure = note("a2", f"{NAME} <{MAIL}>")
        erase(tenant, also=[f"accounts.Touch:{chosen.pk}"])
        chosen.refresh_from_db()
        sure.refresh_from_db()
        assert (chosen.note, sure.note) == (f"{ERASED}来电", f"{ERASED} <{ERASED}>")


def test_mails_of_others_that_quote_the_person_lose_the_name_at_the_account_and_the_address_anywhere(
    tenant: Tenant,
) -> None:
    head = "From: yi@harbor.example\nMessage-ID: <{0}@x>\nSubject: =?utf-8?b?5qyn6Ziz6Z2Z?= {1}\n\n"
    raw = head + "Yes.\n\nOn Monday {1} wrote:\n> {1} {2}\n"
    with tenant_scope(tenant):
        said: dict[str, Any] = {"tenant": tenant, "at": RECEIVED, "by": Member.objects.get()}
        for one in ("a1", "a2"):
            text = raw.format(one, MAIL, NAME)
            mail_take(account=Account.objects.get(external_id=one), message=read_message(text.encode()), **said)
        before = {one.account.external_id: one for one in TouchMail.objects.select_related("account")}
        assert MAIL in before["a1"].quoted
        assert NAME in before["a1"].subject
        TouchMail.objects.update(attachments=[{"name": f"{MAIL}.pdf", "size": 3}])
        erase(tenant)
        after = {one.account.external_id: one for one in TouchMail.objects.select_related("account")}
        for mail in after.values():
            assert MAIL not in mail.quoted + mail.subject + str(mail.attachments)
            assert mail.attachments[0]["size"] == 3
            assert mail.sender == "yi@harbor.example"
        assert NAME not in after["a1"].quoted + after["a1"].subject
        assert NAME in after["a2"].quoted
        assert NAME in after["a2"].subject


def test_letting_somebody_in_by_their_address_forgets_everything_that_their_erasures_wrote(tenant: Tenant) -> None:
    send(
        tenant,
        call("identify", "u-oy", at(8), traits={"email": MAIL}),
        {**call("track", None, at(7)), "anonymousId": "shared"},
        {**call("identify", "u-oy", at(6)), "anonymousId": "shared"},
        {**call("identify", "u1", at(5)), "anonymousId": "shared"},
    )
    with tenant_scope(tenant):
        note("a1", f"Spoke to {NAME}")
        erase(tenant)
        kinds = set(ErasedIdentity.objects.values_list("kind", flat=True))
        assert {"mail", "contact", "user", "name", "text", "event"} <= kinds
    send(tenant, call("identify", "u-new", at(2), traits={"email": MAIL}))
    with tenant_scope(tenant):
        assert not ErasedIdentity.objects.filter(erasure=None).exists()
        held = ErasedIdentity.objects.count()
        assert person_allow(mail=MAIL, reason="Asked", at=RECEIVED, by=None) == held
        assert not ErasedIdentity.objects.exists()
        with pytest.raises(ValidationError, match="Nobody"):
            person_allow(mail=MAIL, reason="Asked", at=RECEIVED, by=None)
        AuditEntry.objects.get(action="allow")
