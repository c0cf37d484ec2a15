"""Segments find exactly the accounts that their conditions describe."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.models import (
    Account,
    AccountFieldHistory,
    AccountTag,
    AccountTerm,
    AccountValue,
    CustomField,
    SavedView,
    Segment,
)
from accounts.models.contracts import OWN_SINCE
from accounts.segments.catalogue import catalogue
from accounts.segments.definition import Condition, DefinitionFault, Group, parse
from accounts.segments.uses import uses_by_segment
from accounts.segments.words import fault_text, sentence
from accounts.selectors.segments import fields_not_below, segment_account_ids, segment_preview
from accounts.services import account_change, custom_field_save, segment_archive, segment_save, tags_add
from operations.days import day_bounds
from portfolio.filters import Filters
from portfolio.selectors.table import account_ids
from portfolio.selectors.travel import Lens, put_back
from tenants.models import Role, Tenant
from tenants.scope import tenant_scope
from tests.factories import AT, DAY, make_account, make_member, make_tenant
from tests.portfolio.world import make_metric, make_score, signed_in

pytestmark = pytest.mark.django_db
ZONE = "Europe/Berlin"
LONG_AGO = datetime(2025, 1, 1, tzinfo=UTC)


@pytest.fixture
def tenant() -> Tenant:
    return make_tenant().tenant


def field(kind: str, key: str, **values: Any) -> CustomField:
    return custom_field_save(values={"label": key.title(), "key": key, "kind": kind, **values}, at=AT, by=None)


# The same world as plain values: what a condition must find is decided from these, without SQL.
NUMBERS = ("arr", "seats", "mau", "health_score", "c.volume")
DATES = ("renewal_date", "contract_start", "c.signed")
TEXTS = ("industry", "c.note")
WORDS = ("lifecycle_stage", "c.plan", "tags", "health_band")
BANDS = {"green", "amber", "red"}


def build(tenant: Tenant) -> tuple[list[Account], dict[tuple[str, int], dict[int, Any]]]:
    """Twelve accounts; values by (field, days back) and account id, None where nothing is known."""
    fields = [field("number", "volume"), field("date", "signed"), field("text", "note")]
    fields.append(field("pick", "plan", choices=["Basic", "Pro"]))
    member = make_member(Role.CSM)
    accounts: list[Account] = []
    names = (*NUMBERS, *DATES, *TEXTS, *WORDS)
    world: dict[tuple[str, int], dict[int, Any]] = {(name, back): {} for name in names for back in (0, 30)}
    for i in range(12):
        own: dict[str, Any] = {
            "arr": None if i % 5 == 0 else Decimal(i * 1000),
            "seats": None if i % 4 == 0 else i,
            "industry": ["", "Steel", "school"][i % 3],
            "renewal_date": None if i % 6 == 0 else DAY + timedelta(days=i * 20 - 100),
            "contract_start": DAY - timedelta(days=400 + i),
            "lifecycle_stage": ["training", "go_live"][i % 2],
        }
        own["contract_start"] = None if i % 7 == 3 else own["contract_start"]
        account = make_account(tenant, **own)
        custom = {
            "volume": None if i % 3 == 0 else Decimal(i) / 2,
            "signed": None if i % 4 == 1 else DAY - timedelta(days=i * 15),
            "note": None if i % 2 else f"Note {i}",
            "plan": [None, "Basic", "Pro"][i % 3],
        }
        account_change(account=account, values={"custom": custom}, at=AT, by=None)
        for one in ("arr", "c.volume"):
            AccountFieldHistory.objects.create(account=account, field=one, value=str(i * 300), at=LONG_AGO)
            world[one, 30][account.pk] = Decimal(i * 300)
        if i % 3 == 1:
            world["arr", 30][account.pk] = contracted(account, i, own["arr"])
        mau = None
        if i % 5:
            mau = i * 3
            make_metric(account, mau=mau)
        if i % 4:
            make_metric(account, mau=20, day=DAY - timedelta(days=30))
            world["mau", 30][account.pk] = 20
        score = None if i % 6 == 0 else i * 8.5
        made = make_score(account, score)
        if i % 2:
            tags_add(accounts=[account], name="VIP" if i % 4 == 1 else "Pilot", at=AT, by=member)
        accounts.append(account)
        today = {**own, **{f"c.{key}": value for key, value in custom.items()}, "mau": mau}
        today |= {"health_score": score, "health_band": made.band}
        marked = {str(t.tag_id) for t in AccountTag.objects.filter(account=account)}
        today["tags"] = marked or None
        for name, value in today.items():
            world[name, 0][account.pk] = value
    return accounts, world


def contracted(account: Account, i: int, now: Decimal | None) -> Decimal:
    """Let contract lines decide the account's ARR, of one only lately; returns what it was 30 days ago."""
    first = DAY - timedelta(days=10 if i == 1 else 60)
    for since, arr in ((OWN_SINCE, Decimal(7)), (first, Decimal(i * 700)), (DAY - timedelta(days=5), now)):
        AccountTerm.objects.create(
            tenant_id=account.tenant_id, account=account, since=since, arr=arr, currency=account.currency
        )
    return Decimal(i * 300 if i == 1 else i * 700)


def holds(one: Condition, world: dict[tuple[str, int], dict[int, Any]], pk: int) -> bool:
    """Whether a condition holds, as a person would say it."""
    value: Any = world[one.field.key, 0].get(pk)
    blank = value is None or value == ""
    if one.op in ("rose", "fell", "changed"):
        before = world[one.field.key, one.days].get(pk)
        if blank or before is None:
            return False
        gap = Decimal(str(value)) - Decimal(str(before))
        return bool({"rose": gap, "fell": -gap, "changed": abs(gap)}[one.op] > one.values[0])
    if one.op == "empty":
        return blank
    if one.op == "filled":
        return not blank
    if one.op in ("is", "is_not"):
        mine = value if isinstance(value, set) else {value}
        return bool(mine & set(one.values)) == (one.op == "is")
    if one.op in ("contains", "not_contains"):
        return (not blank and one.values[0].lower() in value.lower()) == (one.op == "contains")
    return not blank and compares(one, value)


def compares(one: Condition, value: Any) -> bool:
    first = one.values[0]
    if isinstance(value, date):
        span = timedelta(days=first) if isinstance(first, int) else timedelta()
        dated: dict[str, Callable[[], bool]] = {
            "before": lambda: value < first,
            "after": lambda: value > first,
            "within_next": lambda: DAY <= value <= DAY + span,
            "more_ahead": lambda: value > DAY + span,
            "within_last": lambda: DAY - span <= value <= DAY,
            "more_ago": lambda: value < DAY - span,
        }
        return dated[one.op]()
    number = Decimal(str(value))
    numbered: dict[str, Callable[[], bool]] = {
        "gt": lambda: number > first,
        "ge": lambda: number >= first,
        "lt": lambda: number < first,
        "le": lambda: number <= first,
        "eq": lambda: number == first,
        "between": lambda: first <= number <= one.values[1],
    }
    return numbered[one.op]()


def group_holds(group: Group, world: Any, pk: int) -> bool:
    found = [
        group_holds(part, world, pk) if isinstance(part, Group) else holds(part, world, pk) for part in group.parts
    ]
    return any(found) if group.any and found else all(found)


def documents(choices: dict[str, list[str]]) -> st.SearchStrategy[dict[str, Any]]:
    numbers = st.sampled_from([0, 1, 3, "4.5", 8.5, 20, 33, 1000, 3000, "5000.00", -5])
    days = st.integers(0, 150)

    def condition(kind: str, key: str) -> st.SearchStrategy[dict[str, Any]]:
        def one(ops: tuple[str, ...], value: st.SearchStrategy[Any], **more: Any) -> st.SearchStrategy[Any]:
            return st.fixed_dictionaries({"field": st.just(key), "op": st.sampled_from(ops), "value": value, **more})

        nothing = one(("empty", "filled"), st.none())
        if kind == "number":
            found = [
                one(("gt", "ge", "lt", "le", "eq"), numbers),
                one(("between",), st.lists(numbers, min_size=2, max_size=2)),
            ]
            if key in ("arr", "c.volume", "mau"):
                by = st.sampled_from([0, 1, 10, 1000])
                found.append(one(("rose", "fell", "changed"), by, days=st.just(30)))
            return st.one_of(nothing, *found)
        if kind == "date":
            fixed = st.dates(DAY - timedelta(days=120), DAY + timedelta(days=120)).map(date.isoformat)
            relative = ("within_next", "more_ahead", "within_last", "more_ago")
            return st.one_of(nothing, one(relative, days), one(("before", "after"), fixed))
        if kind == "text":
            texts = st.sampled_from(["s", "STEEL", "1", "note", "zzz", "%", "_"])
            return st.one_of(
                nothing, one(("contains", "not_contains"), texts), one(("is", "is_not"), st.just(["Steel"]))
            )
        words = st.lists(st.sampled_from(choices[key]), min_size=1, max_size=2)
        return st.one_of(nothing, one(("is", "is_not"), words))

    kinds = [("number", key) for key in NUMBERS] + [("date", key) for key in DATES]
    kinds += [("text", key) for key in TEXTS] + [("word", key) for key in WORDS]
    conditions = st.sampled_from(kinds).flatmap(lambda one: condition(*one))
    joined = st.sampled_from(["all", "any"])

    def group(parts: Any) -> st.SearchStrategy[dict[str, Any]]:
        return st.tuples(joined, st.lists(parts, min_size=1, max_size=3)).map(lambda pair: {pair[0]: pair[1]})

    return group(st.one_of(conditions, group(conditions)))


def test_a_segment_finds_exactly_what_its_conditions_say_of_each_account(tenant: Tenant) -> None:
    with tenant_scope(tenant):
        accounts, world = build(tenant)
        fields = catalogue()
        choices = {key: [code for code, _w in fields[key].choices] for key in WORDS}

        @settings(max_examples=250, deadline=None, suppress_health_check=list(HealthCheck))
        @given(documents(choices))
        def compare(document: dict[str, Any]) -> None:
            group = parse(document, fields)
            expected = [account.pk for account in accounts if group_holds(group, world, account.pk)]
            found = segment_account_ids(segment=Segment(definition=document), day=DAY, zone=ZONE)
            assert found == expected, sentence(group)

        compare()


def test_a_definition_reads_as_a_sentence_in_both_languages(tenant: Tenant) -> None:
    from django.utils.translation import override

    conditions = [
        {"field": "arr", "op": "gt", "value": 50000},
        {"any": [
            {"field": "renewal_date", "op": "within_next", "value": 90},
            {"field": "mau", "op": "fell", "value": 20, "days": 30},
        ]},
    ]  # fmt: skip
    with tenant_scope(tenant):
        with override("en"):
            said = sentence(parse({"all": conditions}, catalogue()))
        with override("zh-hans"):
            chinese = sentence(parse({"all": conditions}, catalogue()))
    assert said == (
        "ARR is more than 50,000 and (Renewal date is within the next 90 days or "
        "Monthly active users fell by more than 20 in 30 days)"
    )
    assert "90 天" in chinese
    assert "续约" in chinese


@pytest.mark.parametrize(
    ("document", "named"),
    [
        ([], "cannot be read"),
        ({"all": [{"field": "nothing", "op": "is", "value": "x"}]}, "nothing"),
        ({"all": [{"field": "arr", "op": "contains", "value": "x"}]}, "ARR"),
        ({"all": [{"field": "arr", "op": "gt", "value": "many"}]}, "number"),
        ({"all": [{"field": "arr", "op": "gt", "value": "NaN"}]}, "number"),
        ({"all": [{"field": "industry", "op": "contains", "value": "x\ud800"}]}, "Industry"),
        ({"all": [{"field": "tags", "op": "is", "value": ["x\udfff"]}]}, "Tags"),
        ({"all": [{"field": "lifecycle_stage", "op": "is", "value": ["asleep"]}]}, "asleep"),
        ({"all": [{"field": "renewal_date", "op": "before", "value": "soon"}]}, "date"),
        ({"all": [{"field": "mau", "op": "fell", "value": 3}]}, "days"),
        ({"all": [{"all": [{"all": [{"all": [{"all": []}]}]}]}]}, "deep"),
    ],
)
def test_a_document_that_is_no_definition_is_refused_with_its_reason(tenant: Tenant, document: Any, named: str) -> None:
    with tenant_scope(tenant), pytest.raises(DefinitionFault) as fault:
        parse(document, catalogue())
    assert named in fault_text(fault.value)


def test_a_segment_with_an_empty_group_is_refused_and_keeps_what_was_typed(tenant: Tenant) -> None:
    with tenant_scope(tenant):
        member = make_member(Role.CSM)
    typed = {"name": "Half done", "definition": '{"all": [{"field": "arr", "op": "filled"}, {"any": []}]}'}
    page = signed_in(member).post(f"/t/{tenant.slug}/segments/new/", typed).content.decode()
    assert "A group has no condition" in page
    assert "Half done" in page
    with tenant_scope(tenant):
        assert not Segment.objects.exists()


def test_another_tenants_field_and_tag_are_refused(tenant: Tenant) -> None:
    other = make_tenant().tenant
    with tenant_scope(other):
        field("text", "secret")
        tags_add(accounts=[make_account(other)], name="Theirs", at=AT, by=make_member(Role.CSM))
        tag = AccountTag.objects.get().tag_id
    with tenant_scope(tenant):
        member = make_member(Role.CSM)
        for document in (
            {"all": [{"field": "c.secret", "op": "filled"}]},
            {"all": [{"field": "tags", "op": "is", "value": [str(tag)]}]},
        ):
            assert segment_preview(document=document, member=member, day=DAY, zone=ZONE).fault
        assert AccountValue.objects.count() == 0


def test_a_scorecards_segment_may_not_ask_for_health(tenant: Tenant) -> None:
    with tenant_scope(tenant):
        group = parse({"all": [
            {"field": "mau", "op": "gt", "value": 1}, {"field": "health_score", "op": "lt", "value": 40},
        ]}, catalogue())  # fmt: skip
    assert fields_not_below(group, "health") == ["Health score"]


def test_a_preview_counts_only_what_the_member_sees(tenant: Tenant) -> None:
    tenant.csms_see_own_only = True
    tenant.save()
    with tenant_scope(tenant):
        csm = make_member(Role.CSM)
        make_account(tenant, "mine", csm=csm, industry="Steel")
        make_account(tenant, "other", industry="Steel")
        document = {"all": [{"field": "industry", "op": "is", "value": ["Steel"]}]}
        found = segment_preview(document=document, member=csm, day=DAY, zone=ZONE)
    assert (found.count, found.of, found.names) == (1, 1, ("Mine",))


def test_two_who_save_one_segment_see_each_other(tenant: Tenant) -> None:
    from accounts.services import EditConflict

    with tenant_scope(tenant):
        by = make_member(Role.CSM)
        document = {"all": [{"field": "industry", "op": "filled"}]}
        segment = segment_save(name="One", definition=document, at=AT, by=by)
        segment_save(name="Two", definition=document, at=AT, by=by, segment=segment, version=1)
        with pytest.raises(EditConflict):
            segment_save(name="Three", definition=document, at=AT, by=by, segment=segment, version=1)
        assert Segment.objects.get().name == "Two"


def test_a_segment_that_a_view_uses_is_not_deleted_and_says_where_it_is_used(tenant: Tenant) -> None:
    with tenant_scope(tenant):
        member = make_member(Role.MANAGER, name="Mia")
        document = {"all": [{"field": "arr", "op": "filled"}]}
        used, free = (segment_save(name=name, definition=document, at=AT, by=member) for name in ("Used", "Free"))
        for name, shared in (("Ours", True), ("Secret", False)):
            SavedView.objects.create(
                owner=member, name=name, query=f"csm=all&segment={used.pk}", is_shared=shared, created_at=AT
            )
        SavedView.objects.create(owner=member, name="Other", query=f"segment={free.pk}1", is_shared=True, created_at=AT)
        assert [str(use.label) for use in uses_by_segment()[used.pk]] == [
            "saved view “Ours” of Mia", "a saved view of Mia",
        ]  # fmt: skip
        with pytest.raises(ValidationError, match="Ours") as refused:
            segment_archive(segment=used, at=AT, by=member)
        assert "Secret" not in str(refused.value)
        segment_archive(segment=free, at=AT, by=member)
        assert [one.name for one in Segment.objects.filter(archived_at=None)] == ["Used"]


def test_only_the_fields_that_a_definition_names_are_read(
    tenant: Tenant, django_assert_num_queries: Callable[[int], Any]
) -> None:
    with tenant_scope(tenant):
        field("number", "volume")
        with django_assert_num_queries(0):
            parse({"all": [{"field": "arr", "op": "filled"}, {"field": "mau", "op": "filled"}]}, catalogue())
        with django_assert_num_queries(1):
            parse({"all": [{"field": "c.volume", "op": "filled"}]}, catalogue())
        fields = catalogue()
        assert len(fields) == len(set(fields)) == len(list(fields.values()))
        assert {"csm", "tier", "tags", "c.volume", "health_score"} <= set(fields)


def test_a_past_day_has_the_arr_of_its_own_fields_until_the_first_contract_line(tenant: Tenant) -> None:
    day = DAY - timedelta(days=30)
    with tenant_scope(tenant):
        account = make_account(tenant, arr=Decimal(9))
        AccountFieldHistory.objects.create(account=account, field="arr", value="300", at=LONG_AGO)
        first = contracted(account, 1, Decimal(1000))
        until, group = (
            day_bounds(ZONE, day)[1],
            parse({"all": [{"field": "arr", "op": "eq", "value": 300}]}, catalogue()),
        )
        put_back({account.pk: account}, until, day)
        assert account.arr == first == 300
        lens = Lens(day, ZONE, until=until, groups=(group,))
        member = make_member(Role.MANAGER)
        assert account_ids(member=member, filters=Filters(), order="name", day=day, lens=lens) == [account.pk]
