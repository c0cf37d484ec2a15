"""Two people in the same edit form: what the first saved stands, the second sees it and loses nothing typed."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from html import unescape
from typing import Any

import pytest
from django.db.models import Model
from django.test import Client
from django.urls import reverse

from accounts.models import Contact, Touch
from accounts.services import (
    contact_save,
    custom_field_save,
    entitlement_save,
    event_save,
    feature_save,
    plan_save,
    product_save,
    touch_log,
)
from service.models import SuccessCase
from service.services import case_save, request_save, rival_save
from service.services.help import article_save
from tenants.models import Role
from tenants.scope import tenant_scope
from tests.factories import AT, DAY, make_account, make_member, make_tenant
from tests.portfolio.world import signed_in


class World:
    """An account with its CSM, and two admins, both signed in."""

    def __init__(self) -> None:
        self.tenant = make_tenant().tenant
        with tenant_scope(self.tenant):
            self.csm = make_member(Role.CSM, "Mina")
            self.other = make_member(Role.ADMIN, "Helen")
            self.account = make_account(self.tenant, "one", csm=self.csm)
            admin = make_member(Role.ADMIN, "Ida")
        self.first, self.second = signed_in(admin), signed_in(self.other)

    def url(self, name: str, *args: int) -> str:
        return reverse(name, args=[self.tenant.slug, *args])


@pytest.fixture
def world(db: None) -> World:
    return World()


def contact(world: World) -> tuple[str, Model]:
    values = {"name": "Ann", "title": "Buyer", "roles": ["user"], "email": "ann@example.com"}
    row = contact_save(account=world.account, values=values, at=AT, by=world.csm)
    return world.url("contact_edit", world.account.pk, row.pk), row


def touch(world: World) -> tuple[str, Model]:
    row = touch_log(account=world.account, kind="call", on=DAY, note="Spoke\nlong", by=world.csm, at=AT)
    return world.url("touch_edit", world.account.pk, row.pk), row


def wanted(world: World) -> tuple[str, Model]:
    row = request_save(values={"title": "Photos", "detail": "Large\nones"}, at=AT, by=world.csm)
    return world.url("request_edit", row.pk), row


def answered(world: World) -> tuple[str, Model]:
    row = request_save(values={"title": "Photos"}, at=AT, by=world.csm)
    return world.url("request", row.pk), row


def article(world: World) -> tuple[str, Model]:
    values = {"title_en": "Start", "text_en": "One\r\nTwo", "title_zh": "开始", "published": True}
    row, _new = article_save(values=values, at=AT, by=world.csm)
    return world.url("article_edit", row.pk), row


def case(world: World) -> tuple[str, Model]:
    values = {"title_en": "Won", "result_en": "A lot", "industry": "Food", "published": True}
    row, _new = case_save(values=values, at=AT, by=world.csm)
    return world.url("case_edit", row.pk), row


def rival(world: World) -> tuple[str, Model]:
    row = rival_save(values={"name": "Other", "since": DAY}, account=world.account, at=AT, by=world.csm)
    return world.url("rival_edit", world.account.pk, row.pk), row


def event(world: World) -> tuple[str, Model]:
    values = {"kind": "salon", "name": "Evening", "on": DAY, "level": "advice"}
    row = event_save(values=values, at=AT, by=world.csm)
    return world.url("event_edit", row.pk), row


def product(world: World) -> tuple[str, Model]:
    row = product_save(values={"key": "suite", "name": "Suite"}, at=AT, by=world.csm)
    return world.url("product_edit", row.pk), row


def plan(world: World) -> tuple[str, Model]:
    sold = product_save(values={"key": "suite", "name": "Suite"}, at=AT, by=world.csm)
    row = plan_save(product=sold, values={"key": "pro", "name": "Pro"}, at=AT, by=world.csm)
    return world.url("plan_edit", sold.pk, row.pk), row


def feature(world: World) -> tuple[str, Model]:
    row = feature_save(values={"key": "photos", "name": "Photos"}, at=AT, by=world.csm)
    return world.url("feature_edit", row.pk), row


def custom_field(world: World) -> tuple[str, Model]:
    values = {"label": "Region", "holder": "account", "kind": "text", "choices": [], "required": True}
    row = custom_field_save(values=values, at=AT, by=world.other)
    return world.url("field_edit", row.pk), row


def entitlement(world: World) -> tuple[str, Model]:
    values = {"feature": feature(world)[1], "granted": True, "start": DAY, "note": "Trial"}
    row = entitlement_save(account=world.account, values=values, at=AT, by=world.csm)
    return world.url("entitlement_edit", world.account.pk, row.pk), row


def tenant(world: World) -> tuple[str, Model]:
    return world.url("tenant_settings"), world.tenant


@dataclass(frozen=True)
class Edit:
    """A form: a field that both change, and two that one of them changes."""

    make: Callable[[World], tuple[str, Model]]
    both: str
    hers: tuple[str, Any]
    his: tuple[str, Any]


EDITS = [
    Edit(contact, "title", ("phone", "12 34"), ("roles", ["decision_maker"])),
    Edit(touch, "note", ("level", "gap"), ("kind", "visit")),
    Edit(wanted, "title", ("detail", "Small ones"), ("detail", "Small ones")),
    Edit(article, "text_en", ("video_en", "https://example.com/v"), ("published", False)),
    Edit(case, "result_en", ("industry", "Steel"), ("published", False)),
    Edit(rival, "name", ("area", "Sales"), ("note", "Seen")),
    Edit(event, "name", ("place", "Bonn"), ("kind", "course")),
    Edit(product, "name", ("key", "s"), ("key", "s")),
    Edit(plan, "name", ("key", "p"), ("key", "p")),
    Edit(feature, "name", ("target_uses", Decimal(2)), ("entitled_by_default", False)),
    Edit(custom_field, "label", ("kind", "number"), ("required", False)),
    Edit(entitlement, "note", ("end", date(2027, 1, 31)), ("granted", False)),
    Edit(tenant, "name", ("csms_see_own_only", True), ("currency", "CHF")),
]


@pytest.fixture(params=EDITS, ids=lambda edit: edit.make.__name__)
def edit(request: pytest.FixtureRequest) -> Edit:
    found: Edit = request.param
    return found


def fields(response: Any, key: str = "form") -> dict[str, Any]:
    """What a browser would send of the form as it is shown."""
    form = response.context[key]
    shown: dict[str, Any] = {}
    for bound in form:
        value = form.fields[bound.name].prepare_value(bound.value())
        if value not in (None, False):
            shown[bound.html_name] = "on" if value is True else value
    hidden = re.findall(r'name="opened" value="([^"]*)"', response.content.decode())
    assert len(hidden) == 1
    return shown | {"opened": unescape(hidden[0])}


def typed(client: Client, url: str, values: Mapping[str, Any], sent: Mapping[str, Any]) -> Any:
    changed = {**sent, **values}
    return client.post(url, {name: value for name, value in changed.items() if value is not False})


def test_what_only_one_of_two_changed_is_kept_of_both(world: World, edit: Edit) -> None:
    with tenant_scope(world.tenant):
        url, row = edit.make(world)
    hers, his = fields(world.first.get(url)), fields(world.second.get(url))
    assert typed(world.first, url, {edit.both: "Hers"}, hers).status_code == 302
    assert typed(world.second, url, dict([edit.his]), his).status_code == 302
    with tenant_scope(world.tenant):
        row.refresh_from_db()
        assert (getattr(row, edit.both), getattr(row, edit.his[0])) == ("Hers", edit.his[1])


def test_a_field_that_both_changed_is_shown_with_both_values_and_nothing_typed_is_lost(
    world: World, edit: Edit
) -> None:
    with tenant_scope(world.tenant):
        url, row = edit.make(world)
    hers, his = fields(world.first.get(url)), fields(world.second.get(url))
    assert typed(world.first, url, dict([(edit.both, "Hers"), edit.hers]), hers).status_code == 302
    shown = typed(world.second, url, dict([(edit.both, "His own"), edit.his]), his)
    assert shown.status_code == 200
    [conflict] = shown.context["form"].conflicts
    assert (conflict["held"], conflict["typed"]) == ("Hers", "His own")
    assert "<td>Hers</td><td>His own</td>" in shown.content.decode()
    with tenant_scope(world.tenant):
        row.refresh_from_db()
        assert (getattr(row, edit.both), getattr(row, edit.hers[0])) == ("Hers", edit.hers[1])
    again = fields(shown)
    assert (again[edit.both], again.get(edit.his[0]) or False) == ("His own", edit.his[1])
    assert typed(world.second, url, {}, again).status_code == 302
    with tenant_scope(world.tenant):
        row.refresh_from_db()
        kept = tuple(getattr(row, name) for name in (edit.both, edit.hers[0], edit.his[0]))
        assert kept == ("His own", edit.hers[1], edit.his[1])


def test_how_an_account_is_served_is_shown_in_words_where_both_changed_it(world: World) -> None:
    url = world.url("account_tier", world.account.pk)
    hers, his = fields(world.first.get(url)), fields(world.second.get(url))
    assert typed(world.first, url, {"purpose": "platform", "driver": "it"}, hers).status_code == 302
    shown = typed(world.second, url, {"purpose": "cure_all"}, his)
    [conflict] = shown.context["form"].conflicts
    assert (conflict["held"], conflict["typed"]) == ("A platform", "A cure-all")
    assert fields(shown)["driver"] == "it"
    with tenant_scope(world.tenant):
        world.account.refresh_from_db()
        assert (world.account.purpose, world.account.driver) == ("platform", "it")


def test_an_answer_given_meanwhile_is_shown_before_another_goes_over_it(world: World) -> None:
    with tenant_scope(world.tenant):
        page, row = answered(world)
    url = world.url("request_state", row.pk)
    opened = [fields(client.get(page), "move") for client in (world.first, world.second)]
    assert typed(world.first, url, {"state": "planned", "answer": "In spring"}, opened[0]).status_code == 302
    shown = typed(world.second, url, {"state": "planned", "answer": "Perhaps"}, opened[1])
    [conflict] = shown.context["move"].conflicts
    assert (conflict["held"], conflict["typed"]) == ("In spring", "Perhaps")
    with tenant_scope(world.tenant):
        row.refresh_from_db()
        assert getattr(row, "answer") == "In spring"  # noqa: B009 - a row of any of the models


def test_people_and_features_added_meanwhile_stay(world: World) -> None:
    with tenant_scope(world.tenant):
        (touch_url, spoke), (case_url, won) = touch(world), case(world)
        ann = contact_save(account=world.account, values={"name": "Ann"}, at=AT, by=world.csm)
        photos = feature_save(values={"key": "photos", "name": "Photos"}, at=AT, by=world.csm)
    for url, added, own in (
        (touch_url, {"contacts": [ann.pk]}, "note"),
        (case_url, {"features": [photos.pk]}, "industry"),
    ):
        hers, his = fields(world.first.get(url)), fields(world.second.get(url))
        assert typed(world.first, url, added, hers).status_code == 302
        assert typed(world.second, url, {own: "His"}, his).status_code == 302
    with tenant_scope(world.tenant):
        assert [one.pk for one in Touch.objects.get(pk=spoke.pk, note="His").contacts.all()] == [ann.pk]
        assert [one.pk for one in SuccessCase.objects.get(pk=won.pk, industry="His").features.all()] == [photos.pk]


def test_a_program_that_read_a_row_earlier_overwrites_only_what_it_changes(world: World) -> None:
    with tenant_scope(world.tenant):
        _url, row = contact(world)
        early = Contact.objects.get(pk=row.pk)
        contact_save(
            account=world.account, contact=Contact.objects.get(pk=row.pk), values={"title": "Head"}, at=AT, by=None
        )
        contact_save(account=world.account, contact=early, values={"phone": "12"}, at=AT, by=None)
        row.refresh_from_db()
        assert (getattr(row, "title"), getattr(row, "phone")) == ("Head", "12")  # noqa: B009 - a row of any model
