"""The demo world's hand-overs: what sales promised, what was needed, how far the product meets it."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

import numpy as np

from accounts.models import Account, Contract, Feature, Handover, Learner, NamedMember, Need, Promise
from csplatform.world.people import Cast
from tenants.models import Member, Role


@dataclass(frozen=True)
class Spoken:
    """What hand-overs of one language say. Needs may name a feature by its key; promises come with a state."""

    contract: tuple[str, ...]
    expectations: tuple[str, ...]
    profiles: tuple[str, ...]
    needs: tuple[tuple[str, str], ...]
    promises: tuple[str, ...]
    learners: tuple[tuple[str, str], ...]
    question: str
    reason: str


SPOKEN = {
    "en": Spoken(
        contract=("Three years, yearly in advance, migration of last year's orders included.",
                  "One year, leaves open whether the second site follows."),
        expectations=(
            "Plan changes reach the floor within an hour instead of the next morning. Rush orders fall by a third.",
            "One place for all sites; the weekly planning meeting takes half an hour instead of two.",
        ),
        profiles=("Several sites, one planning team", "One site, growing fast", "Group with its own IT",
                  "Family business"),
        needs=(("Plans of all sites on one board", "planning"), ("Drivers see changes at once", "dispatch"),
               ("Customers see where their order is", "tracking"), ("A report for the board each month", "reports"),
               ("Complaints traced to the shift", "quality"), ("Works offline in the yard", "mobile"),
               ("Orders come in from the ERP", "api"), ("Invoices written in the same system", ""),
               ("Wages by piece rate", "")),
        promises=("Interface to the ERP within eight weeks", "Import of five years of history",
                  "Training at every site",
                  "A screen for the shop floor without sign-in", "Invoices from the same system"),
        learners=(("Planners", "experienced"), ("Dispatchers", "some"), ("Drivers and yard", "new")),
        question="Which site starts, and who signs the test protocol there?",
        reason="A customer of the group; the two large sites fit well and follow next year.",
    ),
    "zh-hans": Spoken(
        contract=("三年期，按年预付，含去年订单迁移。", "一年期，二期工厂是否上线待定。"),
        expectations=("计划变更一小时内到车间，插单减少三分之一。", "各工厂数据统一，周计划会从两小时缩短到半小时。"),
        profiles=("多工厂集中排产", "单工厂快速成长", "集团自有信息部", "家族企业"),
        needs=(("各车间计划集中在一个看板", "scheduling"), ("工人扫码报工", "reporting"),
               ("投诉可追溯到班次", "tracing"),
               ("设备点检不再用纸", "inspection"), ("每月给总经理的报表", "dashboard"), ("车间离线可用", "mobile"),
               ("订单从 ERP 自动进来", "api"), ("同一系统内开票", ""), ("计件工资核算", "")),
        promises=("八周内完成 ERP 接口", "导入五年历史数据", "每个工厂现场培训一次", "车间大屏免登录",
                  "同一系统内开票"),
        learners=(("计划员", "experienced"), ("班组长", "some"), ("一线工人", "new")),
        question="先上哪个工厂？由谁签验收单？",
        reason="集团客户，两个主力工厂匹配度高，明年跟进。",
    ),
}  # fmt: skip
STATES = ("kept", "planned", "impossible", "open")


def handovers_make(*, cast: Cast, language: str, last: date, at: datetime, seed: int) -> None:
    """A hand-over for every third account: old ones accepted, the newest still open, some of them late."""
    rnd, said = np.random.default_rng([seed, 60]), SPOKEN[language]
    sellers = list(Member.objects.filter(role__in=(Role.CONTRIBUTOR, Role.MANAGER)).order_by("id"))
    features = {feature.key: feature for feature in Feature.objects.all()}
    contracts = {contract.account_id: contract for contract in Contract.objects.order_by("-id")}
    chosen = [account for number, account in enumerate(cast.accounts) if number % 3 == 0]
    for number, account in enumerate(chosen):
        _handover(number, account, sellers, features, contracts.get(account.pk), said, last, at, rnd)


def _handover(
    number: int, account: Account, sellers: list[Member], features: dict[str, Feature], contract: Contract | None,
    said: Spoken, last: date, at: datetime, rnd: np.random.Generator,
) -> None:  # fmt: skip
    state = ("draft", "complete", "returned", "draft")[number % 4] if number < 8 else "accepted"
    started = account.contract_start or last
    due = last + timedelta(days=(number - 4) * 3) if number < 8 else started + timedelta(days=7)
    filled, seller = state != "draft", sellers[number % len(sellers)]
    done_at = datetime(due.year, due.month, due.day, 9, tzinfo=UTC) if filled else None
    handover = Handover.objects.create(
        account=account, salesperson=seller, state=state, due_on=due, contract=contract,
        contract_text="" if contract else said.contract[number % 2], expectations=said.expectations[number % 2],
        nature=("replacement", "complement", "pioneering")[number % 3] if filled else "",
        profile=said.profiles[int(rnd.integers(len(said.profiles)))],
        question=said.question if state == "returned" else "", completed_at=done_at if filled else None,
        accepted_at=done_at if state == "accepted" else None,
        accepted_by_id=account.csm_id if state == "accepted" else None, created_at=at,
    )  # fmt: skip
    NamedMember.objects.create(account=account, member=seller, why="handover")
    poor = number % 9 == 1
    if poor and state == "accepted":
        handover.fit_reason = said.reason
        handover.save(update_fields=["fit_reason"])
    Need.objects.bulk_create(_needs(handover, features, said, poor, filled, at, rnd))
    Promise.objects.bulk_create(_promises(handover, account, said, due, filled, at, rnd))
    groups = said.learners if filled else said.learners[:1]
    Learner.objects.bulk_create(
        Learner(handover=handover, text=text, skill=skill, people=int(rnd.integers(3, 40)), created_at=at)
        for text, skill in groups
    )


def _needs(
    handover: Handover, features: dict[str, Feature], said: Spoken, poor: bool, filled: bool, at: datetime,
    rnd: np.random.Generator,
) -> list[Need]:  # fmt: skip
    places = rnd.permutation(len(said.needs))[: int(rnd.integers(3, 6))]
    found = []
    for place in places:
        text, key = said.needs[int(place)]
        met = int(rnd.integers(0, 4)) * 10 if poor or not key else int(rnd.integers(6, 11)) * 10
        judged = filled or rnd.random() < 0.5
        found.append(
            Need(handover=handover, text=text, feature=features.get(key), weight=int(rnd.integers(2, 10)),
                 match=met if judged else None, created_at=at)
        )  # fmt: skip
    return found


def _promises(
    handover: Handover, account: Account, said: Spoken, due: date, filled: bool, at: datetime, rnd: np.random.Generator
) -> list[Promise]:
    found = []
    for place in rnd.permutation(len(said.promises))[: int(rnd.integers(1, 4))]:
        state = str(rnd.choice(STATES[:3], p=(0.55, 0.3, 0.15))) if filled else "open"
        found.append(
            Promise(handover=handover, text=said.promises[int(place)], state=state, owner_id=account.csm_id,
                    due_on=due + timedelta(days=int(rnd.integers(20, 90))), created_at=at)
        )  # fmt: skip
    return found
