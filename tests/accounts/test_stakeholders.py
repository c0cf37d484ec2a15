"""The stakeholder map and its gaps, and what the services keep of people."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from hypothesis import given
from hypothesis import strategies as st

from accounts.models import Conviction, NextStep, SearchToken, Touch
from accounts.selectors import (
    conviction_history,
    level_mix,
    people_facts,
    relation_facts,
    steps_of_account,
    visible_to,
)
from accounts.selectors.search import touch_search
from accounts.services import (
    attendance_set,
    contact_save,
    contacts_upsert,
    conviction_add,
    event_save,
    invitees_add,
    step_done,
    step_reopen,
    touch_change,
    touch_delete,
    touch_log,
    touches_upsert,
)
from accounts.stakeholders import Node, Person, gaps, tree
from tenants.models import Role, Tenant
from tenants.scope import tenant_scope
from tests.factories import AT, DAY, make_account, make_member, make_tenant
from tests.factories import make_tenant as factory_tenant


def pks(nodes: tuple[Node, ...]) -> list[int]:
    return [pk for node in nodes for pk in (node.person.pk, *pks(node.below))]


@given(st.lists(st.tuples(st.one_of(st.none(), st.integers(0, 9)), st.booleans()), max_size=10))
def test_everybody_who_is_there_stands_in_the_map_once_whatever_the_lines(lines: list[tuple[int | None, bool]]) -> None:
    people = [Person(pk, str(pk), (), reports_to=above, left=left) for pk, (above, left) in enumerate(lines)]
    assert sorted(pks(tree(people))) == [person.pk for person in people if not person.left]


def test_whose_superior_left_reports_to_the_next_above() -> None:
    top, gone, low = Person(1, "a", ()), Person(2, "b", (), reports_to=1, left=True), Person(3, "c", (), reports_to=2)
    [root] = tree([top, gone, low])
    assert [node.person.pk for node in root.below] == [3]


def kinds(*people: Person) -> set[str]:
    return {gap.kind for gap in gaps(people)}


def test_the_gaps_say_who_is_missing_silent_gone_or_against() -> None:
    boss = Person(
        1, "Ida", ("decision_maker",), touch_days=3, convictions={"solution": "convinced", "value": "convinced"}
    )
    lead = Person(2, "Tom", ("project_lead",), touch_days=59, champion=True, use_days=2)
    assert kinds(boss, lead) == set()
    assert kinds(lead) == {"no_role", "alone"}
    assert kinds(boss, Person(2, "Tom", ("project_lead",), touch_days=60, champion=True)) == {"silent"}
    assert kinds(boss, Person(2, "Tom", ("project_lead",), champion=True, left=True)) >= {"champion_left", "no_role"}
    assert kinds(boss, Person(2, "Tom", ("project_lead",), touch_days=1, champion=True, use_days=21)) == {
        "champion_quiet"
    }
    assert "against" in kinds(boss, lead, Person(3, "Eve", ("it",), convictions={"operation": "against"}))
    assert "unconvinced" in kinds(Person(1, "Ida", ("decision_maker",), touch_days=3), lead)
    assert kinds() == {"no_role"}


def test_who_was_never_touched_is_silent_since_they_became_known() -> None:
    new = Person(1, "Ida", ("project_lead",), known_days=10, champion=True)
    assert "silent" not in kinds(new)
    assert "silent" in kinds(Person(1, "Ida", ("project_lead",), known_days=60, champion=True))


@pytest.fixture
def tenant() -> Tenant:
    return make_tenant().tenant


@pytest.mark.django_db
def test_a_circle_of_superiors_is_refused_over_any_number_of_steps(tenant: Tenant) -> None:
    with tenant_scope(tenant):
        account = make_account(tenant)
        ann = contact_save(account=account, values={"name": "Ann"}, at=AT, by=None)
        bob = contact_save(account=account, values={"name": "Bob", "reports_to": ann}, at=AT, by=None)
        cid = contact_save(account=account, values={"name": "Cid", "reports_to": bob}, at=AT, by=None)
        for above in (ann, cid):
            with pytest.raises(ValidationError, match="circle"):
                contact_save(account=account, values={"reports_to": above}, contact=ann, at=AT, by=None)
        other = contact_save(account=make_account(tenant), values={"name": "Dan"}, at=AT, by=None)
        with pytest.raises(ValidationError, match="another account"):
            contact_save(account=account, values={"reports_to": other}, contact=cid, at=AT, by=None)


@pytest.mark.django_db
def test_convictions_are_kept_and_the_latest_up_to_the_day_counts(tenant: Tenant) -> None:
    with tenant_scope(tenant):
        account = make_account(tenant)
        ann = contact_save(account=account, values={"name": "Ann", "roles": ["decision_maker"]}, at=AT, by=None)
        for back, state in ((9, "not_yet"), (5, "against"), (0, "convinced")):
            on = DAY - timedelta(days=back)
            conviction_add(contact=ann, about="solution", state=state, on=on, evidence="said so", at=AT, by=None)
        assert [one.state for one in conviction_history(account=account)[ann.pk]] == ["convinced", "against", "not_yet"]
        now, then = people_facts(DAY, None), people_facts(DAY - timedelta(days=4), [account.pk])
        pk = account.pk
        assert (now["people_against"][pk], now["people_convinced"][pk], now["decision_makers_known"][pk]) == (0, 1, 1)
        assert (then["people_against"][pk], then["people_convinced"][pk]) == (1, 0)
        with pytest.raises(ValidationError):
            conviction_add(
                contact=ann,
                about="solution",
                state="convinced",
                on=DAY + timedelta(days=9),
                evidence="",
                at=AT,
                by=None,
            )
        assert Conviction.objects.count() == 3


@pytest.mark.django_db
def test_a_next_step_is_due_done_and_open_again_and_goes_with_its_touch(tenant: Tenant) -> None:
    with tenant_scope(tenant):
        account, member = make_account(tenant), make_member(Role.MANAGER)
        with pytest.raises(ValidationError, match="By when"):
            touch_log(account=account, kind="call", on=DAY, note="Spoke", step="Send it", by=member, at=AT)
        touch = touch_log(
            account=account, kind="call", on=DAY, note="Spoke", step="Send it", step_due=DAY, by=member, at=AT
        )
        [step] = steps_of_account(account=account)
        step_done(step=step, at=AT, by=member)
        assert steps_of_account(account=account) == []
        step_reopen(step=step, at=AT, by=member)
        touch_delete(touch=touch, at=AT, by=member)
        assert not NextStep.objects.exists()
        assert not SearchToken.objects.filter(kind="touch").exists()


@pytest.mark.django_db
def test_days_silent_follow_a_touch_that_is_changed_deleted_or_only_attended(tenant: Tenant) -> None:
    with tenant_scope(tenant):
        member = make_member(Role.MANAGER)
        account = make_account(tenant, contract_start=DAY - timedelta(days=100))
        ann = contact_save(account=account, values={"name": "Ann"}, at=AT, by=member)

        def silent() -> float | None:
            days: float | None = relation_facts(DAY, [account.pk])["days_silent"][account.pk]
            return days

        event = event_save(values={"kind": "salon", "name": "Salon", "on": DAY}, at=AT, by=member)
        assert invitees_add(event=event, contacts=[ann, ann], at=AT, by=member) == 1
        attendance_set(invitee=event.invitees.get(), came=True, at=AT, by=member)
        assert (silent(), Touch.objects.get().contacts.get()) == (100, ann)
        touch = touch_log(account=account, kind="mail", on=DAY, note="Hello?", by=member, at=AT)
        assert silent() == 100
        touch_change(touch=touch, values={"answered": True}, at=AT, by=member)
        assert silent() == 0
        touch_change(touch=touch, values={"on": DAY - timedelta(days=7)}, at=AT, by=member)
        assert silent() == 7
        touch_delete(touch=touch, at=AT, by=member)
        assert silent() == 100
        attendance_set(invitee=event.invitees.get(), came=False, at=AT, by=member)
        assert not Touch.objects.exists()


@pytest.mark.django_db
@pytest.mark.parametrize("typed", ["质检", "质检追溯", "检", "import", "orders imp", "last year's ord", "质检 import"])
def test_a_touch_is_found_by_words_and_signs_of_its_note(tenant: Tenant, typed: str) -> None:
    with tenant_scope(tenant):
        member, account = make_member(Role.MANAGER), make_account(tenant)
        note = "演示质检追溯。Import of last year's orders."
        touch = touch_log(account=account, kind="call", on=DAY, note=note, by=member, at=AT)
        touch_log(account=account, kind="call", on=DAY, note="别的", by=member, at=AT)
        assert [hit.id for hit in touch_search(text=typed, member=member, limit=5)] == [touch.pk]
        for other in ("追质检", "检追溯质", "mport", "export"):
            assert touch_search(text=other, member=member, limit=5) == []
    with tenant_scope(make_tenant().tenant):
        assert touch_search(text=typed, member=make_member(Role.MANAGER), limit=5) == []


@pytest.mark.django_db
def test_the_mix_counts_each_touch_in_the_week_of_its_monday(tenant: Tenant) -> None:
    with tenant_scope(tenant):
        member, account = make_member(Role.MANAGER), make_account(tenant)
        for back, level in ((0, "solve"), (1, "advice"), (6, "advice"), (7, "")):
            on = DAY - timedelta(days=back)
            touch_log(account=account, kind="call", on=on, note="x", level=level, by=member, at=AT)
        mix = level_mix(accounts=visible_to(member), start=DAY - timedelta(days=6), end=DAY + timedelta(days=1))
        found = {(one.week.isoformat(), one.level): one.touches for one in mix}
        assert found == {("2026-03-02", "advice"): 2, ("2026-03-09", "solve"): 1}


@pytest.mark.django_db
def test_upserts_are_idempotent_and_name_superiors_in_any_order(tenant: Tenant) -> None:
    with tenant_scope(tenant):
        account = make_account(tenant)
        rows = [
            {"external_id": "b", "account": account, "name": "Bob", "reports_to": "a"},
            {"external_id": "a", "account": account, "name": "Ann", "roles": ["decision_maker"]},
        ]
        assert [fate for fate, _c in contacts_upsert(tenant=tenant, rows=rows, at=AT, by=None)] == [
            "created",
            "created",
        ]
        again = contacts_upsert(tenant=tenant, rows=rows, at=AT, by=None)
        assert [fate for fate, _c in again] == ["unchanged", "unchanged"]
        assert again[0][1] is not None
        assert again[0][1].reports_to == again[1][1]
        touch = {"external_id": "t", "account": account, "kind": "call", "on": DAY, "note": "Spoke", "level": "gap"}
        fates = [touches_upsert(tenant=tenant, rows=[touch], at=AT, by=None)[0][0] for _ in range(2)]
        assert fates == ["created", "unchanged"]
        with pytest.raises(ValidationError):
            contacts_upsert(tenant=tenant, rows=[{"external_id": "c", "name": "Cid"}], at=AT, by=None)


@pytest.mark.django_db
def test_custom_fields_of_contacts_are_written_and_read_over_the_api(client: Any) -> None:
    from accounts.services import custom_field_save

    made = factory_tenant("custom-api")
    with tenant_scope(made.tenant):
        make_account(made.tenant, "a1")
        for label, kind in (("Birthday", "date"), ("Shoe", "number")):
            custom_field_save(values={"label": label, "kind": kind, "holder": "contact"}, at=AT, by=made.admin)
    said: dict[str, Any] = {"headers": {"Authorization": f"Bearer {made.api_key}"}, "content_type": "application/json"}
    row = {"external_id": "c1", "account_external_id": "a1", "name": "Ann", "custom": {"birthday": "1990-05-01"}}
    for expected in ("created", "unchanged"):
        answer = client.post("/api/v1/contacts/bulk/", [row], **said).json()
        assert answer["results"][0]["result"] == expected, answer
    changed = client.post("/api/v1/contacts/bulk/", [{**row, "custom": {"shoe": 42}}], **said).json()
    assert changed["changed"] == 1, changed
    [held] = client.get("/api/v1/contacts/", **said).json()["results"]
    assert held["custom"] == {"birthday": "1990-05-01", "shoe": "42"}
    refused = client.post("/api/v1/contacts/bulk/", [{**row, "custom": {"birthday": "soon", "no": 1}}], **said)
    assert refused.status_code == 400
    said_why = refused.content.decode()
    assert '"birthday":' in said_why
    assert "Unknown field. Known are: birthday, shoe." in said_why
