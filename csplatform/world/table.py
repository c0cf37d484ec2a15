"""What the demo tenants add to their accounts: custom fields with values, tags, segments, shared views, and a past."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import numpy as np

from accounts.models import Account, AccountFieldHistory, AccountTag, AccountValue, CustomField, Tag
from accounts.services import custom_field_save, saved_view_save, segment_save
from accounts.services.fields import value_columns
from accounts.services.history import history_rows, history_value, tracked_values
from tenants.models import Member, Role
from tenants.scope import current_tenant_id

PAST = ("csm", "segment", "arr")  # what else is tracked has a past of its own


@dataclass(frozen=True)
class FieldWords:
    """A custom field, the share of accounts that hold it, and what its texts and choices are."""

    key: str
    label: str
    kind: str
    share: float
    choices: tuple[str, ...] = ()


@dataclass(frozen=True)
class TableWords:
    """The words of one language."""

    fields: tuple[FieldWords, ...]
    tags: tuple[str, ...]
    large: str
    falling: str
    quiet: str
    renewals: str
    growth: str
    arr: int


ENGLISH = TableWords(
    fields=(
        FieldWords("deployment", "Deployment", "pick", 0.95, ("Cloud", "Private cloud", "On premises")),
        FieldWords(
            "erp", "ERP in use", "text", 0.7, ("SAP S/4HANA", "Oracle NetSuite", "Dynamics 365", "Odoo", "none")
        ),
        FieldWords("go_live", "Went live on", "date", 0.85),
        FieldWords("training_hours", "Training hours left", "number", 0.8),
        FieldWords("support_fee", "Support fee per year", "money", 0.6),
        FieldWords("sponsor", "Our executive sponsor", "person", 0.4),
        FieldWords("workspace", "Shared folder", "link", 0.5),
    ),
    tags=("Reference customer", "Board attention", "Pilot", "Price sensitive"),
    large="Large accounts losing users",
    falling="Score fell by more than 10 in 30 days",
    quiet="Quiet before renewal",
    renewals="Renewals of the next quarter",
    growth="Growth by account",
    arr=50_000,
)
CHINESE = TableWords(
    fields=(
        FieldWords("deployment", "部署方式", "pick", 0.95, ("公有云", "专有云", "本地部署")),
        FieldWords("erp", "在用 ERP", "text", 0.7, ("用友 U8", "金蝶云星空", "SAP", "鼎捷", "无")),
        FieldWords("go_live", "上线日期", "date", 0.85),
        FieldWords("training_hours", "剩余培训课时", "number", 0.8),
        FieldWords("support_fee", "年服务费", "money", 0.6),
        FieldWords("sponsor", "我方高层对接人", "person", 0.4),
        FieldWords("workspace", "项目共享文件夹", "link", 0.5),
    ),
    tags=("标杆客户", "高层关注", "试点", "价格敏感"),
    large="用户在流失的大客户",
    falling="30 天内健康分下降超过 10 分",
    quiet="续约前失联",
    renewals="下季度续约",
    growth="客户增长情况",
    arr=300_000,
)


def table_make(*, accounts: Sequence[Account], language: str, last: date, at: datetime, seed: int) -> None:
    """Fill all of it, in bulk; its own random numbers, so that the rest of the world stays as it is."""
    words = ENGLISH if language == "en" else CHINESE
    rnd = np.random.default_rng([seed, len(accounts), 30])
    people = list(Member.objects.select_related("user").order_by("id"))
    fields = [
        custom_field_save(
            values={
                "key": one.key,
                "label": one.label,
                "kind": one.kind,
                "choices": list(one.choices) if one.kind == "pick" else [],
            },
            at=at,
            by=None,
        )
        for one in words.fields
    ]
    _values(accounts, fields, words, people, last, at, rnd)
    _tags(accounts, words, at, rnd)
    _past(accounts, [one for one in people if one.role == Role.CSM], last, rnd)
    manager = next(one for one in people if one.role == Role.MANAGER)
    _segments_and_views(words, manager, at)


def _value(one: FieldWords, people: Sequence[Member], account: Account, last: date, rnd: np.random.Generator) -> Any:
    if one.kind in ("pick", "text"):
        return str(rnd.choice(one.choices))
    if one.kind == "date":
        return (account.contract_start or last) + timedelta(days=int(rnd.integers(20, 120)))
    if one.kind == "number":
        return Decimal(int(rnd.integers(0, 41)))
    if one.kind == "money":
        return Decimal(round(float(account.arr or 0) * 0.12, -2))
    leaders = [person for person in people if person.role in (Role.MANAGER, Role.ADMIN)]
    return leaders[int(rnd.integers(len(leaders)))] if one.kind == "person" else _folder(account)


def _folder(account: Account) -> str:
    return f"https://files.example.com/{account.external_id}"


def _values(
    accounts: Sequence[Account],
    fields: Sequence[CustomField],
    words: TableWords,
    people: Sequence[Member],
    last: date,
    at: datetime,
    rnd: np.random.Generator,
) -> None:
    rows, past = [], []
    tenant = current_tenant_id()
    for account in accounts:
        for one, field in zip(words.fields, fields, strict=True):
            if rnd.random() > one.share:
                continue
            value = _value(one, people, account, last, rnd)
            rows.append(AccountValue(tenant_id=tenant, field=field, account=account, **value_columns(field, value)))
            past += history_rows(account=account, values={field.name: value}, at=at)
            if one.kind == "number":
                before = Decimal(int(value) + int(rnd.integers(0, 20)))
                past += history_rows(account=account, values={field.name: before}, at=at - timedelta(days=100))
    AccountValue.objects.bulk_create(rows, batch_size=2000)
    AccountFieldHistory.objects.bulk_create(past, batch_size=5000)


def _tags(accounts: Sequence[Account], words: TableWords, at: datetime, rnd: np.random.Generator) -> None:
    tags = Tag.objects.bulk_create([Tag(name=name, name_lower=name.casefold(), created_at=at) for name in words.tags])
    tenant = current_tenant_id()
    AccountTag.objects.bulk_create(
        [
            AccountTag(tenant_id=tenant, tag=tag, account=account)
            for account in accounts
            for tag, share in zip(tags, (0.08, 0.05, 0.06, 0.12), strict=True)
            if rnd.random() < share
        ]
    )


def _past(accounts: Sequence[Account], csms: Sequence[Member], last: date, rnd: np.random.Generator) -> None:
    """Who looked after each account, and its ARR before: as today, but for the changes of the last year."""
    rows: list[AccountFieldHistory] = []
    start = _instant(last - timedelta(days=420))
    for account in accounts:
        held = tracked_values(account, PAST)
        before = _before(account, csms, rnd)
        changed = {field for field, value in before.items() if history_value(value) != history_value(held[field])}
        rows += history_rows(account=account, values={**held, **before}, at=start)
        for field in sorted(changed):
            when = _instant(last - timedelta(days=int(rnd.integers(10, 300))))
            rows += history_rows(account=account, values={field: held[field]}, at=when)
    AccountFieldHistory.objects.bulk_create(rows, batch_size=5000)


def _before(account: Account, csms: Sequence[Member], rnd: np.random.Generator) -> dict[str, Any]:
    """What was otherwise a year ago."""
    found: dict[str, Any] = {}
    if rnd.random() < 0.3:
        found["csm"] = csms[int(rnd.integers(len(csms)))]
    if rnd.random() < 0.5:
        found["arr"] = round((account.arr or Decimal(0)) * Decimal(int(rnd.integers(70, 115))) / 100, 2)
    return found


def _instant(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 8, tzinfo=UTC)


def _segments_and_views(words: TableWords, manager: Member, at: datetime) -> None:
    large = {"all": [
        {"field": "arr", "op": "gt", "value": words.arr},
        {"field": "mau", "op": "fell", "value": 2, "days": 30},
    ]}  # fmt: skip
    falling = {"all": [{"field": "health_score", "op": "fell", "value": 10, "days": 30}]}
    quiet = {"all": [
        {"field": "renewal_date", "op": "within_next", "value": 120},
        {"any": [
            {"field": "days_silent", "op": "gt", "value": 30},
            {"field": "health_band", "op": "is", "value": ["red", "amber"]},
        ]},
    ]}  # fmt: skip
    made = [
        segment_save(name=name, definition=definition, at=at, by=manager)
        for name, definition in ((words.large, large), (words.falling, falling), (words.quiet, quiet))
    ]
    views = (
        (
            words.renewals,
            f"segment={made[2].pk}&sort=renewal&col=health&col=silent&col=renewal&col=arr&col=csm&col=tags",
        ),
        (
            words.growth,
            "csm=all&sort=-arr~90&col=arr&col=arr~90&col=mau&col=mau~30&col=health_score~30&col=c.deployment",
        ),
    )
    for name, query in views:
        saved_view_save(member=manager, name=name, query=query, is_shared=True, is_default=False, at=at)
