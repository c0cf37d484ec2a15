"""Accounts move by the tenant's conditions, ask where a person is to confirm, and never fight one."""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError

from accounts.facts import fact_values
from accounts.models import Account, AccountFieldHistory, LifecycleStage, StageHold, StageProposal
from accounts.segments.catalogue import catalogue
from accounts.selectors.lifecycle import Asked, proposals_said, stage_funnel, stage_preview
from accounts.services import (
    EditConflict,
    LifecycleRun,
    account_archive,
    account_change,
    custom_field_archive,
    custom_field_save,
    lifecycle_run,
    proposal_accept,
    proposal_decline,
    proposal_undo,
    stage_rule_save,
)
from pipeline.services import STEPS
from tenants.models import AuditEntry, Member, Role, Tenant
from tenants.scope import tenant_scope
from tests.factories import AT, DAY, make_account, make_member, make_tenant

pytestmark = pytest.mark.django_db
SEATS = {"all": [{"field": "seats", "op": "ge", "value": 10}]}
SCHOOL = {"all": [{"field": "industry", "op": "is", "value": ["School"]}]}
Days = timedelta


@pytest.fixture
def tenant() -> Iterator[Tenant]:
    tenant = make_tenant().tenant
    with tenant_scope(tenant):
        yield tenant


@pytest.fixture
def csm(tenant: Tenant) -> Member:
    return make_member(Role.CSM)


def rule(stage: str, **values: Any) -> None:
    stage_rule_save(stage=stage, values=values, at=AT, by=None)


def run(tenant: Tenant, night: int = 0) -> LifecycleRun:
    return lifecycle_run(tenant=tenant, as_of=DAY + Days(night), at=AT + Days(night))


def stage(account: Account) -> str:
    account.refresh_from_db()
    return account.lifecycle_stage


def test_a_condition_moves_accounts_by_itself_and_twice_is_once(tenant: Tenant) -> None:
    large, small = make_account(tenant, seats=20), make_account(tenant, seats=2)
    rule("training", entry=SEATS, confirmed=False)
    assert run(tenant, 3) == LifecycleRun(moved=1)
    assert (stage(large), stage(small)) == ("training", "configuration")
    assert large.stage_since == DAY + Days(4)  # the night of a day runs on the next
    assert run(tenant, 4) == LifecycleRun()
    kept = AccountFieldHistory.objects.filter(account=large, field="lifecycle_stage").order_by("id")
    assert [row.value for row in kept] == ["configuration", "training"]
    assert AuditEntry.objects.get(object_id=large.pk, noun="account", action="change").actor_label == "lifecycle"


def test_a_move_to_confirm_waits_and_is_accepted(tenant: Tenant, csm: Member) -> None:
    account = make_account(tenant, seats=20)
    rule("training", entry=SEATS)
    assert run(tenant) == LifecycleRun(proposed=1)
    assert run(tenant, 1) == LifecycleRun()
    [(proposal, why)] = proposals_said(accounts=[account])
    assert (stage(account), proposal.to_stage, why) == ("configuration", "training", "Seats (field) is at least 10")
    proposal_accept(proposal=proposal, at=AT, by=csm)
    assert stage(account) == "training"
    assert (proposal.state, proposal.decided_by) == ("accepted", csm)
    assert not StageHold.objects.exists()
    with pytest.raises(ValidationError, match="decided already"):
        proposal_decline(proposal=proposal, at=AT, by=csm)
    proposal_undo(proposal=proposal, at=AT, by=csm)
    assert stage(account) == "configuration"
    assert proposals_said(accounts=[account])[0][0].pk == proposal.pk
    assert run(tenant, 1) == LifecycleRun()


def test_what_was_declined_is_not_asked_again_until_the_condition_has_changed(tenant: Tenant, csm: Member) -> None:
    account = make_account(tenant, seats=20)
    rule("training", entry=SEATS)
    run(tenant)
    proposal_decline(proposal=StageProposal.objects.get(), at=AT, by=csm)
    assert run(tenant, 1) == LifecycleRun(held=1)
    account_change(account=account, values={"seats": 5}, at=AT, by=csm)
    assert run(tenant, 2) == LifecycleRun()
    account_change(account=account, values={"seats": 15}, at=AT, by=csm)
    assert run(tenant, 3) == LifecycleRun(proposed=1)


def test_a_stage_set_by_hand_stands_against_the_rule_until_it_wants_something_else(tenant: Tenant, csm: Member) -> None:
    account = make_account(tenant, seats=20)
    rule("training", entry=SEATS, confirmed=False)
    run(tenant)
    account_change(account=account, values={"lifecycle_stage": "configuration"}, at=AT, by=csm)
    for night in (1, 2):
        assert run(tenant, night) == LifecycleRun(held=1)
        assert stage(account) == "configuration"
    rule("go_live", entry=SCHOOL, confirmed=False)
    assert run(tenant, 3) == LifecycleRun(held=1)
    account_change(account=account, values={"industry": "School"}, at=AT, by=csm)
    assert run(tenant, 4) == LifecycleRun(moved=1)
    assert stage(account) == "go_live"


def test_a_hand_that_agrees_with_the_rules_holds_nothing_back(tenant: Tenant, csm: Member) -> None:
    account = make_account(tenant, seats=2)
    rule("training", entry=SEATS, confirmed=False)
    account_change(account=account, values={"lifecycle_stage": "configuration"}, at=AT, by=csm)
    account_change(account=account, values={"lifecycle_stage": "training"}, at=AT, by=csm)
    rule("go_live", entry=SCHOOL, confirmed=False)
    assert run(tenant) == LifecycleRun()
    account_change(account=account, values={"industry": "School"}, at=AT, by=csm)
    assert run(tenant, 1) == LifecycleRun(moved=1)


def test_a_proposal_that_the_rules_no_longer_make_is_withdrawn(tenant: Tenant, csm: Member) -> None:
    account, other = make_account(tenant, seats=20), make_account(tenant, seats=30)
    rule("training", entry=SEATS)
    run(tenant)
    account_change(account=account, values={"seats": 1}, at=AT, by=csm)
    assert run(tenant, 1) == LifecycleRun(withdrawn=1)
    account_change(account=other, values={"lifecycle_stage": "go_live"}, at=AT, by=csm)
    assert not StageProposal.objects.filter(state="open").exists()
    rule("training", entry=None)
    account_change(account=account, values={"seats": 20}, at=AT, by=csm)
    assert run(tenant, 2) == LifecycleRun()


def test_a_preview_counts_what_would_move_before_anything_is_saved(tenant: Tenant, csm: Member) -> None:
    accounts = [make_account(tenant, f"a{seats}", seats=seats) for seats in (5, 10, 15, 20)]
    make_account(tenant, "there", seats=50, lifecycle_stage="go_live")
    asked: dict[str, Any] = {"stage": "training", "which": "entry", "member": csm, "day": DAY, "zone": "Europe/Berlin"}
    found = stage_preview(document=SEATS, **asked)
    assert (found.count, found.moves) == (3, (("configuration", "training", 3),))
    assert set(found.names) == {"A10", "A15", "A20"}
    assert {stage(account) for account in accounts} == {"configuration"}
    rule("training", entry=SEATS, confirmed=False)
    assert run(tenant).moved == found.count
    assert stage_preview(document={"all": []}, **asked).count == 0
    assert stage_preview(document={"all": [{"field": "gone"}]}, **asked).fault


def test_a_condition_that_cannot_be_read_any_more_moves_nothing(tenant: Tenant, csm: Member) -> None:
    field = custom_field_save(values={"label": "Live", "kind": "text"}, at=AT, by=csm)
    make_account(tenant, seats=20)
    rule("configuration", exit={"all": [{"field": "c.live", "op": "filled"}]})
    rule("training", entry=SEATS, confirmed=False)
    with pytest.raises(ValidationError, match="Configuration"):
        custom_field_archive(field=field, at=AT, by=csm)
    field.archived_at = AT
    field.save()
    assert run(tenant) == LifecycleRun()


def test_a_stage_is_saved_with_a_reason_against_what_is_wrong(tenant: Tenant, csm: Member) -> None:
    rule("training", name="  Getting   started ")
    with pytest.raises(ValidationError, match="Another stage has this name"):
        rule("go_live", name="Getting started")
    with pytest.raises(ValidationError, match="is gone"):
        rule("go_live", entry={"all": [{"field": "nothing", "op": "filled"}]})
    saved = stage_rule_save(stage="training", values={"confirmed": False}, at=AT, by=csm, version=1)
    assert (saved.version, saved.name) == (2, "Getting started")
    with pytest.raises(EditConflict):
        stage_rule_save(stage="training", values={"name": "Other"}, at=AT, by=csm, version=1)


def test_the_tenants_names_are_said_everywhere_and_nowhere_else(tenant: Tenant) -> None:
    account = make_account(tenant, lifecycle_stage="training")
    rule("training", name="Onboarding class")
    assert account.get_lifecycle_stage_display() == "Onboarding class"
    assert str(dict(catalogue()["lifecycle_stage"].choices)["training"]) == "Onboarding class"
    assert str(LifecycleStage.TRAINING.label) == "Onboarding class"


def test_another_tenant_keeps_its_own_words() -> None:
    ours, theirs = make_tenant().tenant, make_tenant().tenant
    with tenant_scope(ours):
        rule("training", name="Onboarding class")
        assert str(LifecycleStage.TRAINING.label) == "Onboarding class"
    with tenant_scope(theirs):
        assert str(LifecycleStage.TRAINING.label) == "Training"
    assert str(LifecycleStage.TRAINING.label) == "Training"


def test_days_in_stage_count_from_the_day_of_the_change_in_the_tenants_zone(tenant: Tenant, csm: Member) -> None:
    account = make_account(tenant)
    late = AT.replace(day=12, hour=23, minute=30)  # already the 13th in Berlin
    account_change(account=account, values={"lifecycle_stage": "training"}, at=late, by=csm)
    assert account.stage_since == date(2026, 3, 13)
    for day, expected in ((date(2026, 3, 20), 7), (date(2026, 3, 12), None)):
        values = fact_values(keys=["days_in_stage"], as_of=day)["days_in_stage"]
        assert values.get(account.pk) == expected


def test_the_funnel_knows_archived_accounts_and_only_those_asked_for(tenant: Tenant, csm: Member) -> None:
    other = make_member(Role.CSM)
    for number, days in enumerate((3, 9, None)):
        account = make_account(tenant, csm=csm if number < 2 else other)
        if days:
            at = AT + Days(days)
            account_change(account=account, values={"lifecycle_stage": "training"}, at=at, by=csm)
    account_archive(account=account, at=AT + Days(5), by=csm)
    until = AT.date() + Days(30)
    everything: dict[str, Any] = {"accounts": Account.objects.all(), "zone": "Europe/Berlin", "until": until}
    first = stage_funnel(asked=Asked(DAY, until), **everything)[0]
    assert (first.entered, first.went_on, first.left, first.still, first.median) == (3, 2, 1, 0, 9)
    mine = stage_funnel(asked=Asked(DAY, until, csm_id=csm.pk), **everything)[0]
    assert (mine.entered, mine.median) == (2, 3)
    assert stage_funnel(asked=Asked(until, until + Days(1)), **everything)[0].entered == 0


def test_the_night_asks_the_conditions_after_the_scores_and_a_tenant_without_any_costs_two_queries(
    tenant: Tenant, django_assert_num_queries: Any
) -> None:
    names = list(STEPS)
    assert names.index("health") < names.index("lifecycle")
    make_account(tenant, seats=20)
    with django_assert_num_queries(2):
        run(tenant)


@pytest.mark.parametrize("count", [2, 20])
def test_looking_at_many_accounts_takes_as_many_queries_as_at_few(
    tenant: Tenant, count: int, django_assert_max_num_queries: Any
) -> None:
    for number in range(count):
        make_account(tenant, f"a{number}", seats=20)
    rule("training", entry=SEATS)
    with django_assert_max_num_queries(16):
        assert run(tenant).proposed == count
