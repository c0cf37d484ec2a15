"""Every address × every kind of caller → the expected answer. A missing address fails, and so does one that is gone."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import transaction
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from accounts.models import Account, StageProposal
from accounts.services import (
    account_archive,
    accounts_tag,
    contact_save,
    contract_save,
    custom_field_save,
    entitlement_save,
    event_save,
    feature_save,
    invitees_add,
    line_save,
    plan_save,
    product_save,
    rate_set,
    saved_view_save,
    segment_archive,
    segment_save,
    tier_save,
    touch_log,
)
from accounts.services.files import account_file_add
from accounts.services.handover import handover_start, part_add
from health.definition import STARTING_DOCUMENT as DOCUMENT
from health.models import Override, Rescoring, Score, Scorecard
from health.selectors import scorecard_get, version_latest
from health.services import Asked, backtest_start, draft_open
from imports.models import Import
from imports.registry import target_of
from imports.services import import_advance, import_map, import_start
from playbooks.models import Alert, AlertRule
from service.services import case_save, request_move, request_save, rival_save, wish_add
from service.services.help import article_save
from tenants.models import Key, Member, Role
from tenants.scope import tenant_scope
from tenants.scopes import API_SCOPES
from tenants.services import NewTenant, invitation_create, key_create, member_change
from tests.factories import AT, DAY, make_account, make_member, make_tenant
from tests.house.url_table import ACTORS, API_LINES, AUDIENCES, OUTSIDE, TENANT_LINES, Line
from usage.models import AccountUser, EndUser

pytestmark = pytest.mark.django_db
LIBRARY = "allauth."
NAMED = (
    "contact",
    "pick",
    "csm",
    "to",
    "product",
    "line-product",
    "feature",
    "into",
)  # fields that name a row of the test's world
# Arguments that name no row.
PLAIN = ("kind", "day", "cell", "stage", "rule", "which", "need_part", "need_key", "file_kind", "today_act",
         "version")  # fmt: skip
FAR = date(2070, 1, 1)  # a line that decides nothing yet
PERIOD = "?from=2026-03-01&to=2026-03-09"
DATED = ("api-account-metrics", "api-account-health")


@dataclass
class World:
    """Two tenants with the same kinds of objects; `ids` of ours, `theirs` of the other."""

    ours: NewTenant
    ids: dict[str, Any]
    theirs: dict[str, Any]
    clients: dict[str, Client]
    other_key: str

    @property
    def slug(self) -> str:
        return self.ours.tenant.slug


def furnish(made: NewTenant, csm: Member, seller: Member) -> dict[str, Any]:
    """One object of every kind that an address can name."""
    account = make_account(made.tenant, "one", csm=csm)
    archived = make_account(made.tenant, "gone")
    account_archive(account=archived, at=AT, by=made.admin)
    contact = contact_save(account=account, values={"name": "Ann", "external_id": "c-one"}, at=AT, by=made.admin)
    step = {"step": "Send it", "step_due": DAY}
    said: dict[str, Any] = {"kind": "call", "on": DAY, "note": "Spoke", "external_id": "t-one", **step}
    touch = touch_log(account=account, by=csm, at=AT, **said)
    event = event_save(values={"kind": "salon", "name": "Salon", "on": DAY}, at=AT, by=csm)
    invitees_add(event=event, contacts=[contact], at=AT, by=csm)
    end_user = EndUser.objects.create(external_id="u1", first_seen_at=AT, seen_until=DAY)
    AccountUser.objects.create(tenant=made.tenant, account=account, end_user=end_user, first_known=DAY)
    feature = feature_save(values={"key": f"f-{made.tenant.slug}", "name": "Reports"}, at=AT, by=made.admin)
    view = saved_view_save(member=csm, name="Red", query="band=red", is_shared=True, is_default=False, at=AT)
    alert = Alert.objects.create(account=account, rule=AlertRule.SILENT, opened_on=DAY, due_on=DAY, facts={"days": 40})
    invitation, _token = invitation_create(email="asked@example.com", role=Role.VIEWER, by=made.admin, at=AT)
    key, _secret = key_create(kind=Key.Kind.WRITE, name="Server", scopes=[], by=made.admin, at=AT)
    run, ready = uploaded(made), uploaded(made)
    import_map(of=ready, mapping={0: "external_id"}, tenant=made.tenant, at=AT, by=made.admin)
    import_advance(tenant=made.tenant, pk=ready.pk, clock=lambda: AT)
    ids = {"account": account, "archived": archived, "contact": contact, "feature": feature, "view": view}
    ids |= contracted(account, feature, made.admin)
    ids |= voiced(account, csm)
    ids |= handed_over(account, csm, seller)
    ids |= {"touch": touch, "step": touch.steps.get(), "event": event, "end_user": end_user}
    ids |= {
        "invitee": event.invitees.get(),
        "alert": alert,
        "invitation": invitation,
        "key": key,
        "run": run,
        "run_ready": ready,
        "member": csm,
        "csm": csm,
    }
    field = custom_field_save(values={"label": "Field", "kind": "text"}, at=AT, by=made.admin)
    document = {"all": [{"field": "arr", "op": "filled"}]}
    segment = segment_save(name="Large", definition=document, at=AT, by=csm)
    gone = segment_save(name="Gone", definition=document, at=AT, by=csm)
    segment_archive(segment=gone, at=AT, by=csm)
    bulk = accounts_tag(accounts=[account], name="VIP", at=AT, by=csm)
    move = {"from_stage": account.lifecycle_stage, "to_stage": "go_live", "because": document, "day": DAY}
    ids["proposal"] = StageProposal.objects.create(account=account, created_at=AT, **move)
    ids["tier"] = tier_save(values={"name": "Gold"}, at=AT, by=made.admin)
    ids |= scored(account, csm, made.admin)
    ids |= {"field": field, "segment": segment, "segment_gone": gone, "bulk": bulk}
    return {
        **{name: found.pk for name, found in ids.items()},
        "feature_key": feature.key,
        "kind": "metrics",
        "cell": "industry",
        "stage": "training",
        "rule": "silent",
        "which": "entry",
        "today_act": "undo",
        "need_part": "need",
        "need_key": "weight",
        "file_kind": "csv",
        "version": 1,
        "day": DAY,
    }


def voiced(account: Account, csm: Member) -> dict[str, Any]:
    """A request that the account wants, another one, a rival there, and a case."""
    request = request_save(values={"title": "Photos"}, at=AT, by=csm)
    twin = request_save(values={"title": "Pictures"}, at=AT, by=csm)
    request_move(request=request, state="planned", answer="In summer", at=AT, by=csm)
    wish, _new = wish_add(request=request, account=account, since=DAY, at=AT, by=csm)
    rival = rival_save(values={"name": "Rival"}, account=account, at=AT, by=csm)
    case, _changed = case_save(values={"title_en": "Case", "result_en": "More"}, at=AT, by=csm)
    article, _changed = article_save(values={"title_en": "How", "text_en": "So"}, at=AT, by=csm)
    found = {"request": request, "twin": twin, "wish": wish, "rival": rival, "case": case}
    return {**found, "article": article}


def handed_over(account: Account, csm: Member, seller: Member) -> dict[str, Any]:
    """A hand-over that names the seller, with a need, and a file of the CSM's."""
    handover = handover_start(account=account, due_on=DAY, salesperson=seller, at=AT, by=csm)
    kept = account_file_add(account=account, name="a.txt", content=b"Signed", at=AT, by=csm)
    need = part_add(handover=handover, kind="need", values={"text": "Speed"}, at=AT, by=csm)
    return {"need": need, "kept_file": kept}


def uploaded(made: NewTenant) -> Import:
    """A file of one account that waits for its columns to be confirmed."""
    target = target_of("accounts")
    assert target is not None
    raw = b"external_id,name\nn1,New one\n"
    return import_start(target=target, filename="a.csv", raw=raw, by=made.admin, at=AT)


def scored(account: Account, csm: Member, admin: Member) -> dict[str, Any]:
    """Scorecards, a draft, a back-test, a past that is scored again, and a band set by hand."""
    nothing = {"band": "unknown", "coverage": 0, "raws": [None] * len(version_latest().measure_keys)}
    day, version = DAY - timedelta(days=900), version_latest()
    Score.objects.create(tenant_id=account.tenant_id, account=account, day=day, version=version, **nothing)
    card = scorecard_get()
    gone = Scorecard.objects.create(name="Gone", archived_at=AT)
    held = {"band": "green", "band_then": "red", "reason": "A new sponsor", "since": DAY, "until": FAR}
    return {
        "card": card,
        "card_gone": gone,
        "draft": draft_open(card=card, document=DOCUMENT, by=admin, at=AT),
        "backtest": backtest_start(asked=Asked(card, DOCUMENT), as_of=DAY, by=admin, at=AT),
        "rescoring": Rescoring.objects.create(
            scorecard=card, version=version_latest(), first=DAY, last=DAY, asked_at=AT, asked_by=admin
        ),
        "override": Override.objects.create(account=account, author=csm, created_at=AT, **held),
    }


def contracted(account: Account, feature: Any, admin: Member) -> dict[str, Any]:
    """A contract with a line, what it sells, an exception and a rate."""
    product = product_save(values={"key": "suite", "name": "Suite"}, at=AT, by=admin)
    spare = product_save(values={"key": "spare", "name": "Spare"}, at=AT, by=admin)
    plan = plan_save(product=product, values={"key": "basic", "name": "Basic", "features": [feature]}, at=AT, by=admin)
    contract = contract_save(account=account, values={"external_id": "c1", "currency": "EUR"}, at=AT, by=admin)
    values = {"external_id": "1", "product": product, "amount": 1200, "billing_months": 12, "start": FAR, "end": FAR}
    line = line_save(contract=contract, values=values, at=AT, by=admin)
    exception = entitlement_save(account=account, values={"feature": feature, "start": DAY}, at=AT, by=admin)
    _what, rate = rate_set(tenant=account.tenant, currency="USD", day=DAY, rate=Decimal("0.9"), at=AT, by=admin)
    found = {"product": product, "spare_product": spare, "plan": plan, "contract": contract, "line": line}
    return {**found, "entitlement": exception, "rate": rate}


def people(made: NewTenant) -> dict[str, Member]:
    """A member of every role, one more CSM, and one who was let go."""
    found = {str(role): make_member(role) for role in Role if role != Role.ADMIN}
    found["admin"] = made.admin
    found["csm_outside"] = make_member(Role.CSM)
    found["deactivated"] = make_member(Role.ADMIN)
    member_change(member=found["deactivated"], role=Role.ADMIN, is_active=False, by=made.admin, at=AT)
    return found


@pytest.fixture
def world() -> World:
    ours, theirs = make_tenant("ours"), make_tenant("theirs")
    ours.tenant.csms_see_own_only = True
    ours.tenant.save()
    with tenant_scope(ours.tenant):
        members = people(ours)
        ids = furnish(ours, members["csm"], members["contributor"])
    with tenant_scope(theirs.tenant):
        foreign = furnish(theirs, theirs.admin, theirs.admin)
    clients = {name: Client(raise_request_exception=False) for name in ACTORS}  # a fault is a wrong answer too: 500
    for name, member in members.items():
        clients[name].force_login(member.user)
    clients["stranger"].force_login(theirs.admin.user)
    return World(ours, ids, foreign, clients, theirs.api_key)


def routes(resolver: Any, library: str = "") -> Iterator[tuple[str, str]]:
    """Every named route with the package that its view comes from."""
    for entry in resolver.url_patterns:
        if isinstance(entry, URLResolver):
            yield from routes(entry)
        elif isinstance(entry, URLPattern):
            yield entry.name or repr(entry.pattern), entry.callback.__module__


def ask(client: Client, line: Line, url: str, ids: dict[str, Any]) -> int:
    """The answer's code; whatever it did is undone."""
    data = {name: ids.get(value, value) if name in NAMED else value for name, value in line.send.items()}
    with transaction.atomic():
        response = client.get(url, headers={"HX-Request": "true"}) if line.method == "GET" else client.post(url, data)
        transaction.set_rollback(True)
    return response.status_code


def test_every_address_has_a_line_and_every_line_an_address() -> None:
    there = {name for name, module in routes(get_resolver()) if not module.startswith(LIBRARY)}
    listed = {line.name for line in (*TENANT_LINES, *API_LINES)} | set(OUTSIDE)
    assert there - listed == set(), "addresses without a line in url_table"
    assert listed - there == set(), "lines of url_table whose address is gone"


def test_every_address_of_a_tenant_is_tried_with_get_and_post() -> None:
    for name in {line.name for line in TENANT_LINES}:
        assert {line.method for line in TENANT_LINES if line.name == name} == {"GET", "POST"}, name


def test_every_page_of_a_tenant_answers_each_caller_as_the_table_says(world: World) -> None:
    wrong = []
    for line in TENANT_LINES:
        url = reverse(line.name, args=[world.slug, *(world.ids[arg] for arg in line.args)])
        for actor, expected in zip(ACTORS, AUDIENCES[line.audience], strict=True):
            found = ask(world.clients[actor], line, url, world.ids)
            if found != (expected or line.ok):
                wrong.append(f"{line} as {actor}: {found}, not {expected or line.ok}")
    assert not wrong, "\n".join(wrong)


def test_a_contributor_opens_nothing_of_an_account_that_does_not_name_them(world: World) -> None:
    with tenant_scope(world.ours.tenant):
        outside = Client(raise_request_exception=False)
        outside.force_login(make_member(Role.CONTRIBUTOR).user)
    own = [line for line in TENANT_LINES if line.audience in ("read one", "fill on one")]
    urls = [(line, reverse(line.name, args=[world.slug, *(world.ids[arg] for arg in line.args)])) for line in own]
    assert [f"{line}" for line, url in urls if ask(outside, line, url, world.ids) != 404] == []


def test_ids_of_another_tenant_are_not_found_by_anybody(world: World) -> None:
    wrong = []
    for line in (line for line in TENANT_LINES if line.foreign):
        for arg in (arg for arg in line.args if arg not in PLAIN):
            ids = {**world.ids, arg: world.theirs[arg]}
            url = reverse(line.name, args=[world.slug, *(ids[name] for name in line.args)])
            found = ask(world.clients["admin"], line, url, ids)
            if found != 404:
                wrong.append(f"{line} with their {arg}: {found}")
    assert not wrong, "\n".join(wrong)


def test_accounts_of_another_tenant_cannot_be_assigned_nor_ours_to_their_people(world: World) -> None:
    client, url = world.clients["manager"], reverse("accounts_assign", args=[world.slug])
    client.post(url, {"pick": world.theirs["account"], "csm": world.ids["csm"]})
    client.post(url, {"pick": world.ids["account"], "csm": world.theirs["csm"]})
    with tenant_scope(world.ours.tenant):
        assert Account.objects.get(pk=world.ids["account"]).csm_id == world.ids["csm"]


def test_signed_out_callers_are_sent_to_the_sign_in_page(world: World) -> None:
    for line in (line for line in TENANT_LINES if line.method == "GET" and line.audience != "method"):
        url = reverse(line.name, args=[world.slug, *(world.ids[arg] for arg in line.args)])
        assert world.clients["anonymous"].get(url)["Location"].startswith(reverse("account_login")), line


def call(client: Client, line: Line, ids: dict[str, Any], token: str) -> int:
    """The API's answer to a key; whatever it did is undone."""
    url = reverse(line.name, args=[ids[arg] for arg in line.args]) + (PERIOD if line.name in DATED else "")
    body: Any = line.send["rows"] if set(line.send) == {"rows"} else dict(line.send)
    if "key" in body and line.method == "PATCH":
        body["key"] = ids["feature_key"]
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    with transaction.atomic():
        method = getattr(client, line.method.lower())
        data = {} if line.method == "GET" else {"data": body, "content_type": "application/json"}
        response = method(url, headers=headers, **data)
        transaction.set_rollback(True)
    return int(response.status_code)


def test_the_api_answers_only_a_live_key_of_the_tenant_with_the_right_scope(world: World) -> None:
    client, wrong = Client(), []
    with tenant_scope(world.ours.tenant):
        keys = {s: key_create(kind="api", name=s, scopes=[s], by=None, at=AT)[1] for s in API_SCOPES}
        others = {
            s: key_create(kind="api", name=s, scopes=[o for o in API_SCOPES if o != s], by=None, at=AT)[1]
            for s in API_SCOPES
        }
    for line in API_LINES:
        scope = line.audience
        expected = {"": 401, "ak_wrong": 401, world.ours.write_key: 401, keys[scope]: line.ok, others[scope]: 403}
        if line.foreign:
            expected[world.other_key] = 404
        for token, code in expected.items():
            if (found := call(client, line, world.ids, token)) != code:
                wrong.append(f"{line} with {token[:6]}…: {found}, not {code}")
    assert not wrong, "\n".join(wrong)


def test_a_signed_in_person_without_a_key_is_a_stranger_to_the_api(world: World) -> None:
    for line in API_LINES:
        assert call(world.clients["admin"], line, world.ids, "") == 401, line


def test_addresses_outside_a_tenant_answer_as_listed_and_say_why(world: World) -> None:
    arguments: dict[str, list[Any]] = {"join": ["no-such-link"], "survey": ["no-such-link"], "tracking": ["batch"]}
    arguments |= {"public_help": ["no-such-link"], "public_article": ["no-such-link", 1], "public_vote": ["none", 1]}
    for name, (signed_out, signed_in, why) in OUTSIDE.items():
        url = reverse(name, args=arguments.get(name, []))
        assert len(why) > 10
        assert world.clients["anonymous"].get(url).status_code == signed_out, name
        assert world.clients["viewer"].get(url).status_code == signed_in, name


def test_there_is_no_open_sign_up(world: World) -> None:
    response = world.clients["anonymous"].post(
        reverse("account_signup"), {"email": "a@example.com", "password1": "a-long-password"}
    )
    assert response.status_code in (200, 403)
    assert not Member.own.model._meta.apps.get_model("tenants", "User").objects.filter(email="a@example.com").exists()


def test_tracking_refuses_an_api_key_and_a_missing_key(world: World) -> None:
    url = reverse("tracking", args=["track"])
    for key in ("", world.ours.api_key):
        body = {"type": "track", "event": "x", "userId": "u", "writeKey": key}
        assert Client().post(url, body, content_type="application/json").status_code == 401
