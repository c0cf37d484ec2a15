"""Several scorecards: exactly one applies to an account, and drafts, second admins, first days and ways back."""

import copy
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.models import Account, LifecycleStage, Pulse
from accounts.services import account_change, pulse_set, segment_save
from health.definition import STARTING_DOCUMENT, Document
from health.models import Draft, Score, Scorecard
from health.preview import preview
from health.routing import cards_counted, cards_take, scope_words
from health.selectors import card_list, explain, limited_points, scorecard_get, version_latest
from health.services import (
    Publication,
    StaleDraftError,
    card_archive,
    card_create,
    card_move,
    card_restore,
    card_scope,
    draft_approve,
    draft_keep,
    draft_mark,
    draft_open,
    draft_publish,
    draft_return,
    scores_fill,
    second_admin_set,
    version_restore,
    version_withdraw,
)
from tenants.models import Member, Role
from tenants.scope import tenant_scope
from tenants.services import NewTenant
from tests.factories import AT, DAY, make_account, make_member, make_tenant
from tests.health.test_services import close, silence_only

pytestmark = pytest.mark.django_db


@pytest.fixture
def made() -> NewTenant:
    return make_tenant()


def publication(made: NewTenant, by: Member | None = None, counts_from: date | None = None) -> Publication:
    return Publication(made.tenant, AT, "Because", by or made.admin, counts_from=counts_from)


def carded(made: NewTenant, name: str, document: Document, segment: int | None = None, stages: Any = ()) -> Scorecard:
    """A published card that takes a segment and stages."""
    card = card_create(name=name, document=document, by=made.admin, at=AT)
    draft_publish(draft=card.drafts.get(), publication=publication(made))
    card_scope(card=card, name=name, segment=segment, stages=list(stages), tenant=made.tenant, by=made.admin, at=AT)
    return card


def large(made: NewTenant, least: int) -> int:
    definition = {"all": [{"field": "arr", "op": "ge", "value": str(least)}]}
    return segment_save(name=f"From {least}", definition=definition, at=AT, by=made.admin).pk


def card_of_each(day: date = DAY) -> dict[int, str]:
    rows = Score.objects.filter(day=day).values_list("account_id", "version__scorecard__name")
    return dict(rows)


def test_the_first_card_that_takes_an_account_scores_it_and_the_default_one_the_rest(made: NewTenant) -> None:
    with tenant_scope(made.tenant):
        close(made.tenant, DAY)
        big, small, new = (make_account(made.tenant, name, contract_start=DAY - timedelta(days=30)) for name in "bsn")
        Account.objects.filter(pk=big.pk).update(arr=Decimal(5000))
        account_change(account=new, values={"lifecycle_stage": LifecycleStage.TRAINING}, at=AT, by=made.admin)
        carded(made, "Large", silence_only(60), segment=large(made, 1000))
        start = carded(made, "Start", silence_only(120), stages=[LifecycleStage.TRAINING])
        assert card_of_each() == {big.pk: "Large", small.pk: "Health", new.pk: "Start"}
        assert Score.objects.get(account=big).score == Decimal(50)
        assert Score.objects.get(account=new).score == Decimal(75)
        assert cards_counted(day=DAY) == {card.pk: 1 for card in card_list()}
        Account.objects.filter(pk=new.pk).update(arr=Decimal(9000))
        card_move(card=start, up=True, tenant=made.tenant, by=made.admin, at=AT)
        assert card_of_each()[new.pk] == "Start"
        card_move(card=start, up=False, tenant=made.tenant, by=made.admin, at=AT)
        assert card_of_each()[new.pk] == "Large"
        assert scope_words(start) == str(LifecycleStage.TRAINING.label)


def test_a_card_out_of_use_leaves_its_accounts_to_the_next_one_and_comes_back(made: NewTenant) -> None:
    with tenant_scope(made.tenant):
        close(made.tenant, DAY)
        account = make_account(made.tenant)
        card = carded(made, "All", silence_only())
        assert card_of_each() == {account.pk: "All"}
        card_archive(card=card, tenant=made.tenant, by=made.admin, at=AT)
        assert card_of_each() == {account.pk: "Health"}
        card_restore(card=card, tenant=made.tenant, by=made.admin, at=AT)
        assert card_of_each() == {account.pk: "All"}
        with pytest.raises(ValidationError, match="stays"):
            card_archive(card=scorecard_get(), tenant=made.tenant, by=made.admin, at=AT)


def test_a_day_that_is_scored_again_keeps_the_card_of_each_account(made: NewTenant) -> None:
    with tenant_scope(made.tenant):
        account = make_account(made.tenant)
        scores_fill(days=[DAY], closing=True)
        carded(made, "All", silence_only())
        scores_fill(days=[DAY], again=True)
        assert card_of_each() == {account.pk: "Health"}
        scores_fill(days=[DAY])
        assert card_of_each() == {account.pk: "All"}


def test_a_card_without_a_version_takes_nobody(made: NewTenant) -> None:
    with tenant_scope(made.tenant):
        account = make_account(made.tenant)
        card_create(name="Later", document=silence_only(), by=made.admin, at=AT)
        scores_fill(days=[DAY])
        assert card_of_each() == {account.pk: "Health"}


def test_a_segment_that_asks_for_scores_or_is_gone_is_refused(made: NewTenant) -> None:
    with tenant_scope(made.tenant):
        card = carded(made, "Card", silence_only())
        definition = {"all": [{"field": "health_score", "op": "ge", "value": "50"}]}
        circular = segment_save(name="Good", definition=definition, at=AT, by=made.admin)
        for pk, said in ((circular.pk, "cannot depend on"), (0, "is gone")):
            with pytest.raises(ValidationError, match=said):
                card_scope(card=card, name="Card", segment=pk, stages=[], tenant=made.tenant, by=made.admin, at=AT)
        assert Scorecard.objects.get(pk=card.pk).segment is None


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(st.tuples(st.lists(st.sampled_from(LifecycleStage.values), max_size=3), st.booleans()), max_size=4),
    st.lists(st.sampled_from(LifecycleStage.values), min_size=1, max_size=6),
)
def test_every_account_is_taken_by_exactly_one_card(
    made: NewTenant, cards: list[tuple[list[str], bool]], stages: list[str]
) -> None:
    with tenant_scope(made.tenant):
        ids = {make_account(made.tenant, lifecycle_stage=stage).pk: stage for stage in stages}
        rows = [Scorecard(pk=n + 1000, name=str(n), stages=own) for n, (own, _used) in enumerate(cards)]
        default = scorecard_get()
        found = {
            pk: card.pk
            for card, taken in cards_take(day=DAY, account_ids=list(ids), cards=[*rows, default])
            for pk in taken
        }
        wanted = {
            pk: next((card.pk for card in rows if not card.stages or stage in card.stages), default.pk)
            for pk, stage in ids.items()
        }
        assert found == wanted
        Account.objects.filter(pk__in=ids).delete()


def test_a_draft_that_is_overtaken_is_compared_anew_before_it_is_published(made: NewTenant) -> None:
    with tenant_scope(made.tenant):
        card = scorecard_get()
        slow = draft_open(card=card, document=silence_only(90), by=made.admin, at=AT)
        fast = draft_open(card=card, document=silence_only(60), by=made.admin, at=AT)
        draft_publish(draft=fast, publication=publication(made))
        with pytest.raises(StaleDraftError, match="Version 2"):
            draft_publish(draft=slow, publication=publication(made))
        slow.refresh_from_db()
        version = draft_publish(draft=slow, publication=publication(made))
        assert version is not None
        assert version.number == 3


def test_where_a_second_admin_is_wanted_nobody_publishes_alone(made: NewTenant) -> None:
    with tenant_scope(made.tenant):
        other = make_member(Role.ADMIN)
        second_admin_set(wanted=True, by=made.admin, at=AT)
        draft = draft_open(card=scorecard_get(), document=silence_only(), by=made.admin, at=AT)
        assert draft_publish(draft=draft, publication=publication(made)) is None
        assert version_latest().number == 1
        with pytest.raises(ValidationError, match="Another admin"):
            draft_approve(draft=draft, tenant=made.tenant, by=made.admin, at=AT, seen=draft_mark(draft))
        draft_return(draft=draft, text="Too steep", by=other, at=AT)
        assert (draft.state, draft.notes.get().text) == (Draft.State.OPEN, "Too steep")
        with pytest.raises(ValidationError, match="does not wait"):
            draft_approve(draft=draft, tenant=made.tenant, by=other, at=AT, seen=draft_mark(draft))
        draft_publish(draft=draft, publication=publication(made))
        version = draft_approve(draft=draft, tenant=made.tenant, by=other, at=AT, seen=draft_mark(draft))
        assert version is not None
        assert (version.published_by, version.approved_by) == (made.admin, other)


def test_what_waits_is_work_again_once_it_is_changed(made: NewTenant) -> None:
    with tenant_scope(made.tenant):
        second_admin_set(wanted=True, by=made.admin, at=AT)
        draft = draft_open(card=scorecard_get(), document=silence_only(), by=made.admin, at=AT)
        draft_publish(draft=draft, publication=publication(made))
        draft_keep(draft=draft, document=silence_only(30), by=made.admin, at=AT)
        with pytest.raises(ValidationError, match="does not wait"):
            draft_approve(draft=draft, tenant=made.tenant, by=make_member(Role.ADMIN), at=AT, seen=draft_mark(draft))


def test_a_second_admin_publishes_only_what_was_looked_at(made: NewTenant) -> None:
    with tenant_scope(made.tenant):
        other = make_member(Role.ADMIN)
        second_admin_set(wanted=True, by=made.admin, at=AT)
        draft = draft_open(card=scorecard_get(), document=silence_only(), by=made.admin, at=AT)
        draft_publish(draft=draft, publication=publication(made))
        looked_at = draft_mark(draft)
        draft_keep(draft=draft, document=silence_only(30), by=made.admin, at=AT + timedelta(minutes=1))
        draft_publish(draft=draft, publication=publication(made))
        with pytest.raises(ValidationError, match="changed after you opened it"):
            draft_approve(draft=draft, tenant=made.tenant, by=other, at=AT, seen=looked_at)
        assert version_latest().number == 1
        assert draft_approve(draft=draft, tenant=made.tenant, by=other, at=AT, seen=draft_mark(draft)) is not None


def test_a_later_first_day_leaves_the_present_version_until_then_and_can_be_called_off(made: NewTenant) -> None:
    with tenant_scope(made.tenant):
        close(made.tenant, DAY)
        account = make_account(made.tenant, contract_start=DAY - timedelta(days=30))
        scores_fill(days=[DAY], closing=True)
        draft = draft_open(card=scorecard_get(), document=silence_only(), by=made.admin, at=AT)
        version = draft_publish(draft=draft, publication=publication(made, counts_from=DAY + timedelta(days=2)))
        assert version is not None
        days = [DAY + timedelta(days=n) for n in (1, 2)]
        scores_fill(days=days)
        used = [Score.objects.get(account=account, day=day).version.number for day in (DAY, *days)]
        assert used == [1, 1, 2]
        version_withdraw(version=version, tenant=made.tenant, by=made.admin, at=AT)
        scores_fill(days=days)
        assert Score.objects.get(account=account, day=days[1]).version.number == 1
        with pytest.raises(ValidationError, match="counts already"):
            version_withdraw(version=version_latest(), tenant=made.tenant, by=made.admin, at=AT)


def test_going_back_publishes_the_earlier_version_as_the_next_one(made: NewTenant) -> None:
    with tenant_scope(made.tenant):
        first = version_latest()
        draft = draft_open(card=scorecard_get(), document=silence_only(), by=made.admin, at=AT)
        draft_publish(draft=draft, publication=publication(made))
        version = version_restore(version=first, publication=publication(made))
        assert version is not None
        assert (version.number, version.definition) == (3, STARTING_DOCUMENT)


def pulse_card(age: int | None = None) -> Document:
    document = copy.deepcopy(silence_only(60))
    pulse = {"key": "pulse", "weight": 1, "categories": [["good", 100], ["mixed", 50], ["bad", 0]], "missing": "skip"}
    document["groups"][0]["measures"].append({**pulse, "max_age": age} if age else pulse)
    document["exceptions"] = [{"when": {"measure": "pulse", "among": ["bad"]}, "at_most": "red"}]
    return document


def felt(account: Account, feeling: str, ago: int, by: Member) -> None:
    pulse_set(account=account, feeling=feeling, reason="value", note="", on=DAY - timedelta(days=ago), by=by, at=AT)


def test_categories_ages_and_exceptions_count_in_the_night_and_are_explained(made: NewTenant) -> None:
    with tenant_scope(made.tenant):
        close(made.tenant, DAY)
        names = ("bad", "old", "none")
        bad, old, none = (make_account(made.tenant, name, contract_start=DAY) for name in names)
        felt(bad, "good", 9, made.admin)
        felt(bad, "bad", 2, made.admin)
        felt(old, "bad", 40, made.admin)
        draft = draft_open(card=scorecard_get(), document=pulse_card(age=30), by=made.admin, at=AT)
        promised = preview(card=scorecard_get(), document=pulse_card(age=30), as_of=DAY)
        draft_publish(draft=draft, publication=publication(made))
        scores = {score.account_id: score for score in Score.objects.filter(day=DAY)}
        assert {pk: score.score for pk, score in scores.items()} == promised.scores
        assert promised.scores == {bad.pk: Decimal(49), old.pk: Decimal(100), none.pk: Decimal(100)}
        limited = scores[bad.pk]
        shares = explain(version=limited.version, raws=limited.raws)
        assert [share.value for share in shares] == [0, "bad"]
        assert limited_points(limited, shares) == pytest.approx(-1)
        assert Pulse.objects.count() == 3


def test_a_word_is_measured_by_categories_and_a_number_by_breakpoints(made: NewTenant) -> None:
    with tenant_scope(made.tenant):
        word = {"key": "pulse", "weight": 1, "breakpoints": [[0, 0]], "missing": "skip"}
        number = {"key": "days_silent", "weight": 1, "categories": [["a", 0]], "missing": "skip"}
        strange = {"key": "pulse", "weight": 1, "categories": [["fine", 0]], "missing": "skip"}
        aged = {"key": "days_silent", "weight": 1, "breakpoints": [[0, 0]], "missing": "skip", "max_age": 3}
        for measure, said in (
            (word, "give categories"),
            (number, "give breakpoints"),
            (strange, "no category"),
            (aged, "do not grow old"),
        ):
            document = {**silence_only(), "groups": [{"key": "g", "weight": 1, "measures": [measure]}]}
            draft = draft_open(card=scorecard_get(), document=document, by=made.admin, at=AT)
            with pytest.raises(ValidationError, match=said):
                draft_publish(draft=draft, publication=publication(made))


def test_a_field_of_the_account_is_measured_as_it_was_on_the_day(made: NewTenant) -> None:
    with tenant_scope(made.tenant):
        account = make_account(made.tenant, lifecycle_stage=LifecycleStage.TRAINING)
        account_change(
            account=account,
            values={"lifecycle_stage": LifecycleStage.GO_LIVE},
            at=AT + timedelta(days=10),
            by=made.admin,
        )
        categories = [["training", 40], ["go_live", 90]]
        measure = {"key": "lifecycle_stage", "weight": 1, "categories": categories, "missing": "skip"}
        document = {**silence_only(), "groups": [{"key": "g", "weight": 1, "measures": [measure]}]}
        draft = draft_open(card=scorecard_get(), document=document, by=made.admin, at=AT)
        draft_publish(draft=draft, publication=publication(made))
        days = [AT.date() + timedelta(days=n) for n in (5, 12)]
        scores_fill(days=days)
        found = [Score.objects.get(account=account, day=day).score for day in days]
        assert found == [Decimal(40), Decimal(90)]
