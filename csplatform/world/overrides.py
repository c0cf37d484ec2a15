"""Bands that the demo world's CSMs have set by hand: a few that hold today, and some that have ended."""

from datetime import UTC, date, datetime, time, timedelta

import numpy as np

from health.models import Band, Override, Score
from health.services.overrides import override_outcome, terms_decided

OPEN, ENDED = 5, 14
UP = {
    "en": (
        "Their new sponsor is fully behind us; the roll-out is paused for the audit only.",
        "Signed the renewal letter last week, the system does not know yet.",
        "Usage is low because half the team is on leave.",
        "The integration broke in their network, not with us; fixed on Monday.",
    ),
    "zh-hans": (
        "新任负责人全力支持，目前只是因审计暂停推广。",
        "上周已口头确认续约，系统里还没有体现。",
        "使用量低是因为一半同事在休假。",
        "是客户内网的接口问题，周一已修复。",
    ),
}
DOWN = {
    "en": (
        "The buyer told me they are looking at a rival.",
        "Our champion leaves at the end of the month.",
        "They log in every day to export their data.",
    ),
    "zh-hans": (
        "采购透露他们正在看竞品。",
        "我们的关键支持者月底离职。",
        "他们每天登录，其实是在导出数据。",
    ),
}


def overrides_make(*, language: str, last: date, seed: int) -> None:
    """Some for accounts that have a CSM and a score on the day, the same for the same seed."""
    rnd = np.random.default_rng([seed, 91])
    words = "en" if language == "en" else "zh-hans"
    today = last + timedelta(days=1)
    ages = [int(rnd.integers(2, 15)) for _ in range(OPEN)] + [int(rnd.integers(50, 200)) for _ in range(ENDED)]
    taken: set[int] = set()
    for number, age in enumerate(ages):
        since = today - timedelta(days=age)
        scores = Score.objects.filter(
            day=since - timedelta(days=1), account__archived_at=None, band__in=("red", "amber")
        )
        found = list(scores.exclude(account__csm=None).exclude(account_id__in=taken).order_by("account_id")[:400])
        if not found:
            continue
        score = found[int(rnd.integers(len(found)))]
        taken.add(score.account_id)
        down = score.band == Band.AMBER and rnd.random() < 0.45
        said = (DOWN if down else UP)[words]
        band = Band.RED if down else Band.GREEN if score.band == Band.AMBER or rnd.random() < 0.4 else Band.AMBER
        made = Override(
            account_id=score.account_id, band=band, band_then=score.band, reason=said[int(rnd.integers(len(said)))],
            since=since, until=since + timedelta(days=30 if number >= OPEN else 45), author_id=score.account.csm_id,
            created_at=datetime.combine(since, time(10), tzinfo=UTC),
        )  # fmt: skip
        _end(made, today)
        made.save()


def _end(override: Override, today: date) -> None:
    """What is over by today has ended and was judged by the scores of its last day."""
    if override.until > today:
        return
    override.ended_on = override.until
    then = Score.objects.filter(day=override.until - timedelta(days=1), account_id=override.account_id).first()
    decided = terms_decided([override.account_id]).get(override.account_id, [])
    override.outcome = override_outcome(override, then.band if then else Band.UNKNOWN, decided)
