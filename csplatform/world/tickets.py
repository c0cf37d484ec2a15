"""The demo world's tickets, written in bulk."""

from datetime import UTC, date, datetime, timedelta

import numpy as np

from accounts.models import Account
from csplatform.world.people import Cast
from service.models import Channel, Priority, Ticket

SUBJECTS = {
    "en": (
        "Export stops after 10,000 rows", "A colleague cannot sign in", "Where do I change the invoice address?",
        "Report shows last month twice", "How do I add a second warehouse?", "Import refuses our price list",
        "Notifications arrive hours late", "Can we rename the approval steps?", "Password reset mail does not arrive",
        "The map is empty on tablets",
    ),
    "zh-hans": (
        "导出超过一万行就中断", "同事登录不了系统", "发票抬头在哪里修改？", "报表里上个月的数据重复了",
        "怎么新增第二个仓库？", "价格表导入失败", "消息提醒晚了好几个小时", "审批节点可以改名吗？",
        "收不到重置密码的邮件", "平板上地图是空白的",
    ),
}  # fmt: skip
BASIC = (1, 2, 4, 7, 8)  # subjects that a help article answers


def tickets_make(*, cast: Cast, language: str, last: date, rnd: np.random.Generator) -> None:
    """About a ticket per account and month; accounts that leave ask more, wait longer and are less satisfied."""
    subjects = SUBJECTS[language]
    english = language == "en"
    channels = [Channel.MAIL, Channel.PORTAL, Channel.CHAT] if english else [Channel.WECOM, Channel.PHONE, Channel.MAIL]
    rows = []
    for plan, account in zip(cast.plans, cast.accounts, strict=True):
        strained = plan.story.silent_from is not None
        for number in range(int(rnd.poisson(16 if strained else 9))):
            rows.append(_ticket(f"{plan.external_id}-t{number}", account, subjects, channels, strained, last, rnd))
    Ticket.objects.bulk_create(rows, batch_size=2000)


def _ticket(
    external_id: str, account: Account, subjects: tuple[str, ...], channels: list[Channel], strained: bool, last: date,
    rnd: np.random.Generator,
) -> Ticket:  # fmt: skip
    day = last - timedelta(days=int(rnd.integers(0, 380)))
    opened = datetime(day.year, day.month, day.day, tzinfo=UTC) + timedelta(minutes=int(rnd.integers(120, 900)))
    place = int(rnd.integers(len(subjects)))
    basic = place in BASIC
    answered = opened + timedelta(minutes=float(rnd.lognormal(4.6 if strained else 3.6, 0.9)))
    closed = answered + timedelta(hours=float(rnd.lognormal(3.2 if strained else 2.3, 0.8)))
    end = datetime(last.year, last.month, last.day, 23, tzinfo=UTC)
    unsolved = rnd.random() < (0.16 if strained else 0.03)
    stars = int(np.clip(round(rnd.normal(3.0 if strained else 4.4, 0.8)), 1, 5))
    done = None if unsolved or closed >= end else closed
    return Ticket(
        external_id=external_id,
        account=account,
        subject=subjects[place],
        channel=channels[int(rnd.choice(len(channels), p=(0.6, 0.25, 0.15)))],
        priority=str(rnd.choice(list(Priority), p=(0.2, 0.55, 0.2, 0.05))),
        assignee_id=account.csm_id,
        opened_at=opened,
        first_response_at=answered if answered < end else None,
        closed_at=done,
        satisfaction=stars if done and rnd.random() < 0.45 else None,
        basic=basic,
        deflected=bool(basic and rnd.random() < 0.35),
        created_at=opened,
    )
