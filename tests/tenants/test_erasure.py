"""One person is exported and erased: what was theirs goes, what is the account's stays, and they do not come back."""

import io
import json
import zipfile
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import InternalError, ProgrammingError, connection, transaction

from accounts.mail import read_message
from accounts.models import Account, Contact, Learner, SearchToken, Touch, TouchMail
from accounts.services import contact_save, contacts_upsert, mail_take, touch_log, touches_upsert
from accounts.services.files import account_file_add
from accounts.services.handover import handover_start, part_add
from imports.models import Import, ImportFile, ImportRow
from service.models import SurveyAnswer, Ticket
from service.services import tickets_upsert
from service.services.surveys import answers_upsert
from tenants.models import AuditEntry, Erasure, Member, Tenant, TurnedAway
from tenants.personal import ErasedPerson, person_allow, person_erase, person_export, person_find
from tenants.personal.finding import Found, sought
from tenants.personal.words import ERASED
from tenants.scope import tenant_scope
from tests.imports.world import bring
from tests.usage.world import RECEIVED, TODAY, at, call, make_tenant, night, send, tables, work_off
from usage.models import EndUser, Event, Rejected

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "owner"])
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
    return "\n".join(sorted([*said, *raws, *items]))


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
    return Erasure.objects.get().reference


def test_what_an_admin_keeps_stays_and_what_they_delete_goes(tenant: Tenant) -> None:
    from accounts.models import AccountFile

    with tenant_scope(tenant):
        touch, file = Touch.objects.get(external_id="t-1"), AccountFile.objects.get()
    erase(tenant, keep=[f"accounts.Touch:{touch.pk}"], delete=[f"file:{file.pk}"])
    with tenant_scope(tenant):
        assert NAME in Touch.objects.get(external_id="t-1").note
        assert ERASED in Learner.objects.get().text
        assert not AccountFile.objects.exists()


def test_an_erasure_needs_a_reason_and_somebody_to_erase(tenant: Tenant) -> None:
    with tenant_scope(tenant):
        by = Member.objects.get()
        said: dict[str, Any] = {"tenant": tenant, "at": RECEIVED, "by": by}
        with pytest.raises(ValidationError, match="Say why"):
            person_erase(person=find().person, reason=" ", **said)
    with tenant_scope(tenant), pytest.raises(ValidationError, match="Nothing is known"):
        person_erase(person=find(mail="nobody@x.example").person, reason="Asked", **said)


def test_an_erasure_waits_for_imports_that_are_running(tenant: Tenant) -> None:
    with tenant_scope(tenant):
        Import.objects.update(state=Import.State.RUNNING)
    with pytest.raises(ValidationError, match="import is running"):
        erase(tenant)


def test_the_trail_cannot_be_blacked_out_without_an_open_erasure(tenant: Tenant) -> None:
    erase(tenant)
    with tenant_scope(tenant):
        closed = Erasure.objects.get().pk
        with pytest.raises((InternalError, ProgrammingError)), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT tenants_audit_erase(%s, '{}', '{}', '{}', '{}', 'a', 'b', 'c')", [closed])


def test_the_copy_holds_everything_and_its_audit_entry_names_nobody(tenant: Tenant) -> None:
    with tenant_scope(tenant):
        data = person_export(found=find(), at=RECEIVED, by=Member.objects.get())
        entry = AuditEntry.objects.get(action="export")
        assert NAME not in f"{entry.object_label}{entry.changes}"
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        said = json.loads(archive.read("person.json"))
        assert {one["name"] for one in said["person"]} == {NAME}
        assert len(said["usage.Event"]) == 7
        assert said["usage.EndUser"][0]["traits"]["plan"][0] == "x"
        assert said["service.SurveyAnswer"][0]["comment"] == "Mine"
        assert said["named_in"]
        assert "usage_Event.csv" in archive.namelist()
        assert b"secret-lin" in archive.read("usage_Event.csv")


def figures(tenant: Tenant) -> dict[str, Any]:
    """Every derived table; of the metrics the days that had a night (others are filled where a first day moved)."""
    nights = {TODAY - timedelta(days=days) for days in (60, 40, 25, 7, 1)}
    found = tables(tenant)
    return {**found, "metric": {row for row in found["metric"] if row[1] in nights}}


# --- figures -----------------------------------------------------------------------------------------------------


def test_the_figures_are_those_of_the_events_without_the_person() -> None:
    """Two tenants get the same calls, one without the person's; after the erasure every derived table is equal."""
    ours = [
        call("group", f"u{n}", at(100), groupId=f"a{n % 2}") for n in range(4)
    ] + [
        call("track", f"u{n}", at(days, hour), event=("Used", "Login")[days % 2])
        for n in range(4) for days in range(n, 95, 3 + n) for hour in (9.0, 9.2, 9.9)
    ]  # fmt: skip
    visits = [
        {**call("track", None, at(30)), "anonymousId": "v1"},
        {**call("identify", "lin", at(29)), "anonymousId": "v1"},
        {**call("track", None, at(28)), "anonymousId": "shared"},
        {**call("identify", "lin", at(27)), "anonymousId": "shared"},
        {**call("identify", "u1", at(10)), "anonymousId": "shared"},
        {**call("track", None, at(5)), "anonymousId": "shared"},
    ]
    theirs = [
        call("group", "lin", at(140), groupId="a1"),
        call("identify", "lin", at(140), traits={"email": MAIL}),
        *(call("track", "lin", at(days, hour)) for days in range(0, 140, 2) for hour in (9.1, 15.0)),
    ]
    shared = [item for item in visits if item.get("anonymousId") == "shared" and (item["userId"] == "u1")]
    shared.append(visits[-1])
    with_person, without = make_tenant("with"), make_tenant("without")
    send(without, *ours, *shared)
    send(with_person, *ours, *theirs, *visits)
    for days in (60, 40, 25, 7, 1):
        night(without, TODAY - timedelta(days=days))
        night(with_person, TODAY - timedelta(days=days))
    assert figures(with_person) != figures(without)
    erase(with_person)
    work_off(with_person)
    night(with_person, YESTERDAY)
    assert figures(with_person) == figures(without)
    send(with_person, *theirs, *visits, *ours)  # the same calls again, and none of theirs comes back
    night(with_person, YESTERDAY)
    assert figures(with_person) == figures(without)


# --- doors -------------------------------------------------------------------------------------------------------


@pytest.fixture
def erased(tenant: Tenant) -> Iterator[Tenant]:
    erase(tenant)
    work_off(tenant)
    with tenant_scope(tenant):
        TurnedAway.objects.all().delete()
    yield tenant
    with tenant_scope(tenant):
        assert not Contact.objects.filter(name=NAME).exists()
        assert not EndUser.objects.exclude(external_id="bo").exists()


def away(door: str) -> int:
    return sum(TurnedAway.objects.filter(door=door).values_list("count", flat=True))


def test_a_replay_of_the_same_events_brings_nobody_back(erased: Tenant) -> None:
    send(erased, call("track", "lin", at(3)), call("page", "LIN", at(3), name="x"), call("track", "bo", at(3)))
    with tenant_scope(erased):
        assert away("events") == 2
        assert Event.objects.exclude(end_user__external_id="bo").count() == 0


def test_an_identify_with_the_address_is_turned_away_and_so_are_the_calls_of_that_id_from_then_on(
    erased: Tenant,
) -> None:
    send(erased, call("identify", "new-id", at(2), traits={"email": MAIL}), call("track", "new-id", at(2)))
    send(erased, call("track", "new-id", at(1)), call("alias", "new-id", at(1), previousId="lin"))
    with tenant_scope(erased):
        assert away("events") == 4


def test_a_bad_item_of_an_erased_person_is_not_kept_as_rejected(erased: Tenant) -> None:
    send(erased, call("track", "lin", "never"), call("track", "x", "never", traits={"email": MAIL}))
    with tenant_scope(erased):
        assert (away("events"), Rejected.objects.count()) == (2, 0)


def test_a_contact_typed_in_by_hand_is_refused_by_address_id_and_name(erased: Tenant) -> None:
    with tenant_scope(erased):
        account, by = Account.objects.get(external_id="a1"), Member.objects.get()
        for values in ({"email": MAIL.upper()}, {"external_id": "c-lin"}, {"name": f" {NAME.upper()}"}):
            with pytest.raises(ErasedPerson):
                contact_save(account=account, values={"name": "Other", **values}, at=RECEIVED, by=by)
        namesake = contact_save(account=account, values={"name": NAME, "email": "o@x.example"}, at=RECEIVED, by=by)
        with pytest.raises(ErasedPerson):
            contact_save(account=account, contact=namesake, values={"email": MAIL}, at=RECEIVED, by=by)
        Contact.objects.filter(pk=namesake.pk).delete()


def test_an_upsert_over_the_api_passes_over_them_and_takes_the_others(erased: Tenant) -> None:
    with tenant_scope(erased):
        account = Account.objects.get(external_id="a1")
        rows = [
            {"external_id": "c-lin", "account": account, "name": NAME},
            {"external_id": "c-new", "account": account, "name": "Cy", "reports_to": "c-lin"},
        ]
        done = contacts_upsert(tenant=erased, rows=rows, at=RECEIVED, by=None)
        assert [fate for fate, _one in done] == ["erased", "created"]
        touch = {"external_id": "t-1", "account": account, "note": f"Spoke to {NAME} about growth"}
        assert touches_upsert(tenant=erased, rows=[touch], at=RECEIVED, by=None) == [("erased", None)]
        assert away("api") == 2
        assert Touch.objects.get(external_id="t-1").note == f"Spoke to {ERASED} about growth"


def test_an_import_of_people_counts_them_and_keeps_nothing_of_the_row(erased: Tenant) -> None:
    text = f"Account,Name,E-mail,Title\na1,Dee,dee@x.example,Dr\na1,{NAME},{MAIL},Boss\na1,{NAME},,Boss\na1,Eve,,\n"
    with tenant_scope(erased):
        of = bring(erased, "contacts", text, by=Member.objects.get(), at=RECEIVED)
        assert (of.counts["created"], of.counts["refused"], of.rows_total) == (2, 2, 4)
        rows = list(ImportRow.objects.filter(of=of, fate="refused").values_list("line", "name"))
        assert rows == [(3, ERASED), (4, ERASED)]
        kept = bytes(ImportFile.objects.get(of=of).raw).decode() + str(of.samples) + str(of.preview)
        assert NAME not in kept
        assert "Boss" not in kept
        assert away("import") == 2
        assert set(Contact.objects.values_list("name", flat=True)) == {"Bo Berg", "Dee", "Eve"}
        again = bring(erased, "contacts", CONTACTS, by=Member.objects.get(), at=RECEIVED)
        assert (again.counts["unchanged"], again.counts["refused"]) == (1, 1)


def test_imports_of_touches_and_tickets_leave_them_out(erased: Tenant) -> None:
    with tenant_scope(erased):
        by = Member.objects.get()
        touches = f"Account,Day,Note,People\na1,2026-06-01,Met,{NAME}\na1,2026-06-02,Spoke to {NAME} about growth,\n"
        of = bring(erased, "touches", touches, by=by, at=RECEIVED)
        assert (of.counts["created"], of.counts["refused"]) == (1, 1)
        assert not Touch.objects.get(note="Met").contacts.exists()
        tickets = f"Id,Account,Subject,Requester,Opened\nk9,a1,Hm,{MAIL},2026-06-01\n"
        bring(erased, "tickets", tickets, by=by, at=RECEIVED)
        assert Ticket.objects.get(external_id="k9").requester == ""
        assert MAIL not in "".join(bytes(one.raw).decode() for one in ImportFile.objects.all())


def test_a_mail_of_theirs_is_turned_away_and_their_address_among_receivers_is_left_out(erased: Tenant) -> None:
    with tenant_scope(erased):
        account, by = Account.objects.get(external_id="a1"), Member.objects.get()
        said: dict[str, Any] = {"account": account, "tenant": erased, "at": RECEIVED, "by": by}
        with pytest.raises(ErasedPerson):
            mail_take(message=read_message(RAW.replace("<1@", "<2@").encode()), **said)
        other = f"From: bo@harbor.example\nTo: {MAIL}, x@y.example\nMessage-ID: <3@h>\nSubject: S\n\nWords\n"
        touch, _new = mail_take(message=read_message(other.encode()), **said)
        assert TouchMail.objects.get(touch=touch).strangers == ["x@y.example"]


def test_tickets_and_answers_from_programs_come_in_as_nobodys_or_not_at_all(erased: Tenant) -> None:
    with tenant_scope(erased):
        account = Account.objects.get(external_id="a1")
        ticket = {"external_id": "k2", "account_external_id": "a1", "subject": "S", "requester": MAIL.upper()}
        assert tickets_upsert(rows=[ticket], at=RECEIVED, by=None) == ["created"]
        assert Ticket.objects.get(external_id="k2").requester == ""
        rows = [{"account": account, "kind": "nps", "score": 1, "person": MAIL}]
        assert answers_upsert(tenant=erased, rows=rows, at=RECEIVED, by=None) == [("erased", None)]
        assert (away("tickets"), away("surveys")) == (1, 1)


def test_the_other_tenant_keeps_the_person_with_the_same_address(tenant: Tenant) -> None:
    other = make_tenant("other")
    furnish(other)
    before = everything(other)
    erase(tenant)
    work_off(tenant)
    assert everything(other) == before
    send(other, call("track", "lin", at(3)))
    with tenant_scope(other):
        assert find().person.chosen
        assert not TurnedAway.objects.exists()


def test_who_is_let_in_again_comes_in_again(erased: Tenant) -> None:
    with tenant_scope(erased):
        by, account = Member.objects.get(), Account.objects.get(external_id="a1")
        with pytest.raises(ValidationError, match="Nobody"):
            person_allow(mail="other@x.example", reason="Asked", at=RECEIVED, by=by)
        person_allow(mail=MAIL, reason="Asked", at=RECEIVED, by=by)
        made = contact_save(account=account, values={"name": "Lin", "email": MAIL}, at=RECEIVED, by=by)
        made.delete()


def test_the_block_list_moves_with_the_tenant(erased: Tenant, tmp_path: Any) -> None:
    from tenants.transfer import tenant_export, tenant_import

    tenant_export(tenant=erased, path=tmp_path / "t.zip", at=RECEIVED)
    moved = tenant_import(path=tmp_path / "t.zip", slug="moved", at=RECEIVED)
    send(moved, call("track", "lin", at(3)))
    with tenant_scope(moved):
        assert away("events") == 1
        account = Account.objects.get(external_id="a1")
        with pytest.raises(ErasedPerson):
            contact_save(account=account, values={"name": "X", "email": MAIL}, at=RECEIVED, by=None)


def test_an_undo_of_the_import_that_brought_them_passes_over_them(tenant: Tenant) -> None:
    from tests.imports.world import undo

    erase(tenant)
    with tenant_scope(tenant):
        of = Import.objects.get(target="contacts")
        done = undo(tenant, of, by=Member.objects.get(), at=RECEIVED)
        assert done.counts["back"] == 1
        assert not Contact.objects.exists()
