"""By which letters accounts and people are found, and that the table behind it stays true."""

from importlib import import_module
from types import SimpleNamespace

import pytest
from django.db import connection

from accounts.models import Account, SearchToken, Touch
from accounts.selectors import contact_search, search_tokens
from accounts.selectors.search import touch_search
from accounts.services import account_change, contact_delete, contact_save, search_fill, touch_log
from accounts.tokens import name_key, tokens, typed_text
from tenants.models import Role, Tenant
from tenants.scope import tenant_scope
from tests.factories import AT, DAY, make_account, make_member, make_tenant

pytestmark = pytest.mark.django_db


@pytest.fixture
def tenant() -> Tenant:
    return make_tenant().tenant


def found(text: str) -> set[str]:
    ids = search_tokens(kind=SearchToken.Kind.ACCOUNT, text=text).values_list("object_id", flat=True)
    return set(Account.objects.filter(pk__in=list(ids)).values_list("name", flat=True))


@pytest.mark.parametrize("typed", ["harbor", "HARBOR L", "logis", "north-4", "4", "Ｈａｒｂｏｒ"])  # noqa: RUF001 - wide letters are what is tried
def test_a_latin_name_is_found_by_each_of_its_words_and_its_id(typed: str) -> None:
    held = tokens(["Harbor Logistics", "north-4"], "harbor logistics")
    assert any(token.startswith(typed_text(typed)) for token in held)


@pytest.mark.parametrize("typed", ["云", "帆软", "软件", "yun fan", "fanr", "ruanjian", "yfrj"])
def test_a_chinese_name_is_found_by_any_run_of_its_signs_and_from_any_syllable(typed: str) -> None:
    held = tokens(["云帆软件"], "yun fan ruan jian")
    assert any(token.startswith(typed_text(typed)) for token in held)


@pytest.mark.parametrize(
    ("name", "typed"),
    [
        ("Köhler Łódź", "kohler"),
        ("Köhler Łódź", "köhler"),
        ("Nord Électricité", "elec"),
        ("Ёлка Сервис", "елка"),  # noqa: RUF001 - Cyrillic
        ("Ёлка Сервис", "серв"),  # noqa: RUF001 - Cyrillic
        ("株式会社ガイド", "ガイ"),
        ("한국 전력", "전력"),
    ],
)
def test_a_name_of_another_script_or_with_accents_is_found_as_people_type_it(name: str, typed: str) -> None:
    assert any(token.startswith(typed_text(typed)) for token in tokens([name], name_key(name)))


def test_a_name_without_letters_and_an_endless_one_give_few_short_tokens() -> None:
    assert tokens(["", "  "], "") == set()
    many = tokens(["a b " * 500], "")
    assert len(many) <= 41
    assert max(map(len, many)) <= 60


def test_a_changed_name_is_found_and_the_old_one_is_not(tenant: Tenant) -> None:
    with tenant_scope(tenant):
        account = make_account(tenant, "x1", name="Harbor Logistics")
        assert found("logi") == {"Harbor Logistics"}
        account_change(account=account, values={"name": "Quay Transport"}, at=AT, by=None)
        assert (found("logi"), found("trans"), found("x1")) == (set(), {"Quay Transport"}, {"Quay Transport"})


def test_a_tenant_searches_among_its_own(tenant: Tenant) -> None:
    with tenant_scope(tenant):
        make_account(tenant, name="Harbor")
    other = make_tenant().tenant
    with tenant_scope(other):
        assert not search_tokens(kind=SearchToken.Kind.ACCOUNT, text="harbor").exists()


def test_people_are_found_by_first_and_last_name_and_by_letters_within_until_they_are_removed(tenant: Tenant) -> None:
    with tenant_scope(tenant):
        member, account = make_member(Role.MANAGER), make_account(tenant)
        ida = contact_save(account=account, values={"name": "Ida Holm"}, at=AT, by=member)

        def people(text: str) -> list[str]:
            return [person.name for person in contact_search(text=text, member=member, limit=5)]

        assert (people("ida"), people("hol"), people("olm"), people("x")) == (["Ida Holm"],) * 3 + ([],)
        contact_delete(contact=ida, at=AT, by=member)
        assert not SearchToken.objects.filter(kind=SearchToken.Kind.CONTACT).exists()


def test_people_of_accounts_out_of_sight_are_not_found(tenant: Tenant) -> None:
    tenant.csms_see_own_only = True
    tenant.save()
    with tenant_scope(tenant):
        csm, account = make_member(Role.CSM), make_account(tenant)
        contact_save(account=account, values={"name": "Ida Holm"}, at=AT, by=None)
        assert contact_search(text="ida", member=csm, limit=5) == []


def test_the_migration_fills_every_tenants_tokens_as_the_services_do(tenant: Tenant) -> None:
    tenants, before = (tenant, make_tenant().tenant), []
    for one in tenants:
        with tenant_scope(one):
            contact_save(account=make_account(one, name="云帆软件"), values={"name": "王芳"}, at=AT, by=None)
            before.append(set(SearchToken.objects.values_list("kind", "object_id", "token")))
            SearchToken.objects.all().delete()
    import_module("accounts.migrations.0003_search_tokens").fill(None, SimpleNamespace(connection=connection))
    for one, held in zip(tenants, before, strict=True):
        with tenant_scope(one):
            assert set(SearchToken.objects.values_list("kind", "object_id", "token")) == held


def test_filling_twice_is_the_same_as_once(tenant: Tenant) -> None:
    with tenant_scope(tenant):
        account = make_account(tenant, name="Harbor")
        before = SearchToken.objects.count()
        search_fill(accounts=[account])
        assert SearchToken.objects.count() == before > 0


def notes(account: Account, text: str, count: int) -> None:
    """So many newer notes of the same words."""
    made = Touch.objects.bulk_create(
        Touch(account=account, kind="call", on=DAY, note=text, two_way=True, created_at=AT) for _one in range(count)
    )
    search_fill(touches=made)


@pytest.mark.parametrize("typed", ["harbour crane", "crane harbour", "码头 crane"])
def test_a_note_with_both_words_is_found_below_620_newer_notes_of_either(tenant: Tenant, typed: str) -> None:
    with tenant_scope(tenant):
        member, account = make_member(Role.MANAGER), make_account(tenant)
        old = touch_log(account=account, kind="call", on=DAY, note="码头 harbour crane", by=member, at=AT)
        notes(account, "harbour 码头", 620)
        notes(account, "crane", 620)
        assert [hit.id for hit in touch_search(text=typed, member=member, limit=5)] == [old.pk]


def test_newer_notes_out_of_sight_hide_none_that_may_be_seen(tenant: Tenant) -> None:
    tenant.csms_see_own_only = True
    tenant.save()
    with tenant_scope(tenant):
        csm = make_member(Role.CSM)
        mine = touch_log(
            account=make_account(tenant, "mine", csm=csm), kind="call", on=DAY, note="harbour", by=csm, at=AT
        )
        notes(make_account(tenant, "theirs"), "harbour", 620)
        assert [hit.id for hit in touch_search(text="harbour", member=csm, limit=5)] == [mine.pk]
