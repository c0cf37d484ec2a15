"""The demo world's requests, rivals and success cases."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

import numpy as np

from accounts.models import Account, Contact, Feature, Touch
from csplatform.world.people import Cast
from service.models import CaseFeature, Request, Rival, SuccessCase, Wish


@dataclass(frozen=True)
class Voices:
    """What customers of one language say. Requests: title, feature key, state, answer."""

    requests: tuple[tuple[str, str, str, str], ...]
    notes: tuple[str, ...]
    rivals: tuple[str, ...]
    areas: tuple[str, ...]
    # feature key, industry, then title, result and story in English and Chinese
    cases: tuple[tuple[str, str, str, str, str, str, str, str], ...]


VOICES = {
    "en": Voices(
        requests=(
            (
                "Drag several orders at once on the board",
                "planning",
                "planned",
                "Comes with the spring release; we show it to you before.",
            ),
            ("Export of reports to the data warehouse", "reports", "new", ""),
            ("Two-factor sign-in for the shop floor", "", "reviewing", ""),
            ("Map of all vehicles on one screen", "tracking", "done", "It is there: Tracking, then “All vehicles”."),
            (
                "Write invoices",
                "",
                "declined",
                "We stay with planning; the interface to your accounting is kept free of charge.",
            ),
            ("Quality checks with photos", "quality", "planned", "Photos come in the second quarter."),
            ("Approve plans on the phone", "mobile", "new", ""),
        ),
        notes=(
            "Asked again in the quarterly review.",
            "Would replace their spreadsheet.",
            "Three planners lose an hour a day.",
            "",
        ),
        rivals=("PlanMaster", "LogiSuite", "a spreadsheet of their own", "FleetHub"),
        areas=("Purchasing", "Second plant, planning", "Maintenance", "Customer service"),
        cases=(
            (
                "quality",
                "Manufacturing",
                "Complaints down by a third with quality checks",
                "Complaints −34% in six months",
                "Checks moved from paper to the tablet. Complaints are traced to the shift within minutes.",
                "质检追溯让客诉下降三分之一",
                "六个月客诉下降 34%",
                "质检从纸面搬到产线平板，客诉几分钟内追溯到班次，班组长每天晨会查看。",
            ),
            (
                "tracking",
                "Logistics",
                "No more calls asking where the truck is",
                "Calls per day from 120 to 15",
                "Customers open the tracking link themselves; two people now plan return loads instead.",
                "",
                "",
                "",
            ),
            (
                "reports",
                "Healthcare",
                "The board report on the first working day",
                "Five days earlier each month",
                "The monthly report is made by the system and checked in an hour.",
                "",
                "",
                "",
            ),
            (
                "mobile",
                "",
                "The yard scans, the office knows",
                "Search time per pallet −70%",
                "Drivers scan on arrival; nobody walks the yard with a list any more.",
                "",
                "",
                "",
            ),
            (
                "forecasting",
                "Retail",
                "Half the rush orders before Christmas",
                "Rush orders −48%",
                "Checked against last year's orders first; then the buyers trusted it.",
                "",
                "",
                "",
            ),
            (
                "automation",
                "Energy",
                "Approvals that nobody has to chase",
                "Approval time from 4 days to 1",
                "Three automations remind, escalate and close. They were made by the customer's own team.",
                "",
                "",
                "",
            ),
        ),
    ),
    "zh-hans": Voices(
        requests=(
            ("看板上批量拖动工单", "scheduling", "planned", "春季版本上线，上线前先给您演示。"),
            ("报表导出到数据仓库", "dashboard", "new", ""),
            ("车间平板支持工牌登录", "reporting", "reviewing", ""),
            ("质检支持拍照", "tracing", "done", "已上线：质检追溯 → 拍照。"),
            ("系统内直接开票", "", "declined", "我们专注生产协同，与财务系统的接口免费提供。"),
            ("点检计划按班次自动生成", "inspection", "planned", "二季度上线。"),
            ("手机上审批计划变更", "mobile", "new", ""),
        ),
        notes=("季度回顾会上再次提出。", "可以替代他们的表格。", "三位计划员每天多花一小时。", ""),
        rivals=("智造通", "云排产", "自制 Excel 表", "易点检"),
        areas=("采购部", "二车间排产", "设备科", "客服部"),
        cases=(
            (
                "tracing",
                "装备制造",
                "Complaints down by a third with tracing",
                "Complaints −34% in six months",
                "",
                "质检追溯让客诉下降三分之一",
                "六个月客诉下降 34%",
                "质检从纸面搬到产线平板，客诉几分钟内追溯到班次，班组长每天晨会查看。",
            ),
            (
                "inspection",
                "汽车零部件",
                "",
                "",
                "",
                "设备点检不再漏",
                "非计划停机减少 28%",
                "点检按班次推送到手机，漏检当班可见，设备科每周只看异常。",
            ),
            (
                "dashboard",
                "电子",
                "",
                "",
                "",
                "晨会只看一块屏",
                "晨会从 40 分钟缩短到 12 分钟",
                "车间大屏直接显示前一天的产量、质量和交付异常。",
            ),
            (
                "mobile",
                "",
                "",
                "",
                "",
                "扫码收货，办公室实时知道",
                "找货时间减少 70%",
                "司机到货即扫码，不再拿着清单满仓库找。",
            ),
            (
                "cost",
                "食品饮料",
                "",
                "",
                "",
                "每张订单都知道赚不赚钱",
                "亏损订单占比从 11% 降到 3%",
                "成本核算与报工打通，报价前先看同类订单的实际成本。",
            ),
            (
                "api",
                "医疗器械",
                "",
                "",
                "",
                "ERP 订单自动进排产",
                "每天少录入两小时",
                "接口两周上线，计划员不再重复录单。",
            ),
        ),
    ),
}


def voice_make(*, cast: Cast, language: str, last: date, at: datetime, seed: int) -> None:
    """Seven requests with the accounts that want them, rivals at every tenth account, six cases."""
    rnd, said = np.random.default_rng([seed, 70]), VOICES[language]
    features = {feature.key: feature for feature in Feature.objects.all()}
    people = {person.account_id: person for person in Contact.objects.filter(left_on=None).order_by("-id")}
    for number, (title, key, state, answer) in enumerate(said.requests):
        request = Request.objects.create(
            external_id=f"REQ-{number + 1}", title=title, feature=features.get(key), state=state, answer=answer,
            answers=1 if answer else 0, answered_at=at if answer else None, created_at=at,
        )  # fmt: skip
        wanting = rnd.permutation(len(cast.accounts))[: max(2, int(len(cast.accounts) * rnd.uniform(0.02, 0.12)))]
        Wish.objects.bulk_create(
            [_wish(request, cast.accounts[int(place)], people, said, last, at, rnd) for place in sorted(wanting)]
        )
    Rival.objects.bulk_create(_rivals(cast, said, last, at, rnd))
    _cases(cast, said, features, at)


def _wish(
    request: Request, account: Account, people: dict[int, Contact], said: Voices, last: date, at: datetime,
    rnd: np.random.Generator,
) -> Wish:  # fmt: skip
    since = last - timedelta(days=int(rnd.integers(10, 200)))
    wish = Wish(
        request=request, account=account, contact=people.get(account.pk), since=since, created_at=at,
        note=said.notes[int(rnd.integers(len(said.notes)))],
    )  # fmt: skip
    if request.answers and rnd.random() < 0.6:
        wish.told_on = last - timedelta(days=int(rnd.integers(0, 9)))
        wish.told_answer = request.answers
        wish.told_touch = Touch.objects.filter(account=account, on__lte=wish.told_on).order_by("-on").first()
    return wish


def _rivals(cast: Cast, said: Voices, last: date, at: datetime, rnd: np.random.Generator) -> list[Rival]:
    found = []
    for place in sorted(rnd.permutation(len(cast.accounts))[: max(2, len(cast.accounts) // 8)]):
        account = cast.accounts[int(place)]
        since = last - timedelta(days=int(rnd.integers(60, 700)))
        found.append(
            Rival(
                account=account, name=said.rivals[int(rnd.integers(len(said.rivals)))], since=since,
                area=said.areas[int(rnd.integers(len(said.areas)))], seen_by_id=account.csm_id, created_at=at,
                gone_on=since + timedelta(days=50) if rnd.random() < 0.2 else None,
            )
        )  # fmt: skip
    return found


def _cases(cast: Cast, said: Voices, features: dict[str, Feature], at: datetime) -> None:
    for number, (key, industry, title_en, result_en, story_en, title_zh, result_zh, story_zh) in enumerate(said.cases):
        owner = next((one for one in cast.accounts[number:] if one.industry == industry), None)
        case = SuccessCase.objects.create(
            external_id=f"CASE-{number + 1}", account=owner, industry=industry, title_en=title_en,
            result_en=result_en, story_en=story_en, title_zh=title_zh, result_zh=result_zh, story_zh=story_zh,
            created_at=at,
        )  # fmt: skip
        if key in features:
            CaseFeature.objects.create(case=case, feature=features[key])
