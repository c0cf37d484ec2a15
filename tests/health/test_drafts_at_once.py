"""Drafts that several admins and programs work on at once: nothing typed is lost, nobody publishes alone."""

from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.test import Client
from django.urls import reverse

from accounts.services import segment_archive, segment_save
from health.definition import Document
from health.models import Draft, Scorecard
from health.selectors import draft_list, scorecard_get, version_latest
from health.services import (
    Publication,
    StaleDraftError,
    card_archive,
    card_create,
    card_restore,
    card_scope,
    draft_approve,
    draft_drop,
    draft_keep,
    draft_mark,
    draft_open,
    draft_publish,
    draft_return,
    scorecard_publish,
    second_admin_set,
)
from tenants.models import Role
from tenants.scope import tenant_scope
from tenants.services import NewTenant
from tests.factories import AT, make_member, make_tenant
from tests.health.test_services import silence_only

pytestmark = pytest.mark.django_db


@pytest.fixture
def made() -> NewTenant:
    return make_tenant()


def opened(made: NewTenant, document: Document | None = None) -> Draft:
    return draft_open(card=scorecard_get(), document=document or silence_only(), by=made.admin, at=AT)


def publication(made: NewTenant) -> Publication:
    return Publication(made.tenant, AT, "Because", made.admin)


def test_what_was_typed_after_it_was_published_is_a_draft_of_its_own(made: NewTenant) -> None:
    with tenant_scope(made.tenant):
        draft = opened(made)
        held = Draft.objects.get(pk=draft.pk)
        version = draft_publish(draft=draft, publication=publication(made))
        kept = draft_keep(draft=held, document=silence_only(30), by=made.admin, at=AT)
        assert kept.pk != draft.pk
        assert (kept.document, kept.state, kept.based_on) == (silence_only(30), Draft.State.OPEN, version)
        assert Draft.objects.get(pk=draft.pk).state == Draft.State.PUBLISHED
        same = draft_keep(draft=held, document=silence_only(), by=made.admin, at=AT)
        assert same.pk == draft.pk


def test_only_what_was_read_is_published(made: NewTenant) -> None:
    with tenant_scope(made.tenant):
        draft = opened(made)
        held = Draft.objects.get(pk=draft.pk)
        draft_keep(draft=draft, document=silence_only(30), by=made.admin, at=AT)
        with pytest.raises(ValidationError, match="changed after you opened it"):
            draft_publish(draft=held, publication=publication(made))
        assert version_latest().number == 1
        draft_drop(draft=draft, by=made.admin, at=AT)
        with pytest.raises(ValidationError, match="put away"):
            draft_publish(draft=Draft.objects.get(pk=draft.pk), publication=publication(made))


def test_a_published_draft_is_not_published_again_nor_sent_back(made: NewTenant) -> None:
    with tenant_scope(made.tenant):
        draft = opened(made)
        held = Draft.objects.get(pk=draft.pk)
        version = draft_publish(draft=draft, publication=publication(made))
        with pytest.raises(ValidationError, match="published"):
            draft_publish(draft=held, publication=publication(made))
        with pytest.raises(ValidationError, match="does not wait"):
            draft_return(draft=held, text="No", by=make_member(Role.ADMIN), at=AT)
        found = Draft.objects.get(pk=draft.pk)
        assert (found.state, found.published, found.based_on_id) == (Draft.State.PUBLISHED, version, draft.based_on_id)


def test_an_approval_is_of_the_day_and_the_reason_too(made: NewTenant) -> None:
    with tenant_scope(made.tenant):
        second_admin_set(wanted=True, by=made.admin, at=AT)
        draft = opened(made)
        draft_publish(draft=draft, publication=publication(made))
        looked_at = draft_mark(draft)
        draft_publish(draft=draft, publication=Publication(made.tenant, AT, "Another reason", made.admin))
        with pytest.raises(ValidationError, match="changed after you opened it"):
            draft_approve(draft=draft, tenant=made.tenant, by=make_member(Role.ADMIN), at=AT, seen=looked_at)


def signed_in(made: NewTenant) -> Client:
    client = Client()
    client.force_login(made.admin.user)
    return client


def url(made: NewTenant, name: str, *args: Any) -> str:
    return reverse(name, args=[made.tenant.slug, *args])


def test_a_form_of_a_draft_that_is_gone_touches_no_other_draft(made: NewTenant) -> None:
    with tenant_scope(made.tenant):
        card = scorecard_get()
        other, gone = opened(made, silence_only(90)), opened(made)
        draft_publish(draft=gone, publication=publication(made))
    client = signed_in(made)
    posted = {"draft": str(gone.pk), "w-days_silent": "7"}
    client.post(url(made, "scorecard_preview", card.pk), posted)
    client.post(url(made, "scorecard_discard", card.pk), {"draft": str(gone.pk)})
    with tenant_scope(made.tenant):
        kept = Draft.objects.get(pk=other.pk)
        assert (kept.document, kept.state) == (silence_only(90), Draft.State.OPEN)
        [new] = [one for one in draft_list(card) if one.pk != other.pk]
        assert new.document["groups"][0]["measures"][0]["weight"] == 7


def test_a_form_without_a_draft_goes_on_with_ones_own_only(made: NewTenant) -> None:
    with tenant_scope(made.tenant):
        card, colleague = scorecard_get(), make_member(Role.ADMIN)
        theirs = draft_open(card=card, document=silence_only(90), by=colleague, at=AT)
    client = signed_in(made)
    for coverage in ("40", "30"):
        client.post(url(made, "scorecard_preview", card.pk), {"minimum_coverage": coverage})
    with tenant_scope(made.tenant):
        assert Draft.objects.get(pk=theirs.pk).document == silence_only(90)
        [mine] = [one for one in draft_list(card) if one.pk != theirs.pk]
        assert mine.document["minimum_coverage"] == 0.3


def program(made: NewTenant, pk: int, **body: Any) -> Any:
    headers = {"Authorization": f"Bearer {made.api_key}"}
    return Client().post(
        f"/api/v1/scorecards/drafts/{pk}/publish/", body or {"reason": "x"}, "application/json", headers=headers
    )


def test_an_admin_who_asks_through_a_key_cannot_approve_either(made: NewTenant) -> None:
    with tenant_scope(made.tenant):
        second_admin_set(wanted=True, by=made.admin, at=AT)
        draft = opened(made)
    assert program(made, draft.pk).status_code == 202
    with tenant_scope(made.tenant):
        draft = Draft.objects.get(pk=draft.pk)
        with pytest.raises(ValidationError, match="Another admin"):
            draft_approve(draft=draft, tenant=made.tenant, by=made.admin, at=AT, seen=draft_mark(draft))
        other = make_member(Role.ADMIN)
        assert draft_approve(draft=draft, tenant=made.tenant, by=other, at=AT, seen=draft_mark(draft)) is not None


def test_a_program_whose_draft_was_overtaken_is_told_once_and_may_then_go_on(made: NewTenant) -> None:
    with tenant_scope(made.tenant):
        draft = opened(made, silence_only(30))
        scorecard_publish(document=silence_only(90), tenant=made.tenant, by=made.admin, at=AT)
    told = program(made, draft.pk)
    assert told.status_code == 400
    assert "Version 2" in told.json()["error"]["fields"]["scorecard"][0]
    assert program(made, draft.pk).json()["version"] == 3


def test_a_card_whose_segment_is_gone_is_not_brought_back_with_it(made: NewTenant) -> None:
    with tenant_scope(made.tenant):
        definition = {"all": [{"field": "arr", "op": "ge", "value": "1"}]}
        segment = segment_save(name="Some", definition=definition, at=AT, by=made.admin)
        card: Scorecard = card_create(name="Some", document=silence_only(), by=made.admin, at=AT)
        card_scope(card=card, name="Some", segment=segment.pk, stages=[], tenant=made.tenant, by=made.admin, at=AT)
        card_archive(card=card, tenant=made.tenant, by=made.admin, at=AT)
        segment_archive(segment=segment, at=AT, by=made.admin)
        with pytest.raises(ValidationError, match="segment"):
            card_restore(card=Scorecard.objects.get(pk=card.pk), tenant=made.tenant, by=made.admin, at=AT)
        assert Scorecard.objects.get(pk=card.pk).archived_at is not None


def test_a_stale_draft_says_so_once(made: NewTenant) -> None:
    with tenant_scope(made.tenant):
        draft = opened(made, silence_only(30))
        scorecard_publish(document=silence_only(90), tenant=made.tenant, by=made.admin, at=AT)
        with pytest.raises(StaleDraftError):
            draft_publish(draft=draft, publication=publication(made))
        draft = Draft.objects.get(pk=draft.pk)
        assert draft_publish(draft=draft, publication=publication(made)) is not None
