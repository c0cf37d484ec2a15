"""Scorecards of the demo world: a second card for customers who begin, a later version, a draft under discussion, and
what CSMs think of their accounts."""

import copy
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import numpy as np

from accounts.models import LifecycleStage, Pulse
from csplatform.world.people import Cast
from health.definition import Document, document_keys
from health.models import Draft, DraftNote, Scorecard, ScorecardVersion
from health.selectors import scorecard_get, version_latest
from health.services import rescoring_run, rescoring_start
from health.starters import starter_document
from tenants.models import Member, Role, Tenant
from tenants.scope import tenant_scope

BEGINNERS = [LifecycleStage.CONFIGURATION, LifecycleStage.TRAINING, LifecycleStage.GO_LIVE]
CARD_SINCE = 150  # days before the last one
VERSION_SINCE = 45
PULSED = 0.6
_NOTES: dict[str, dict[str, Any]] = {
    "en": {
        "name": "Customers who begin",
        "version": "A CSM's bad pulse holds the score at watch",
        "card": "Customers who begin are not judged by habits they cannot have yet",
        "draft": "Contact weighs more",
        "said": "Two of my quiet accounts would turn amber. I think that is right.",
        "pulses": {
            "good": "The new head of sales uses it every day.",
            "mixed": "They like it, but the roll-out to the second site waits.",
            "bad": "Our sponsor has no time for us any more.",
        },
    },
    "zh-hans": {
        "name": "新上线客户",
        "version": "客户成功经理判断为“差”时，最高只给到关注",
        "card": "刚开始使用的客户，不按成熟客户的习惯来打分",
        "draft": "提高联系的权重",
        "said": "我有两家比较安静的客户会变成关注，我觉得合理。",
        "pulses": {
            "good": "新来的销售负责人每天都在用。",
            "mixed": "整体满意，但二期推广还没启动。",
            "bad": "原来的项目负责人已经顾不上我们了。",
        },
    },
}


def scorecards_make(*, cast: Cast, language: str, last: date, seed: int) -> None:
    """Cards and pulses, as they would have come about in the months before `last`."""
    notes = _NOTES["en" if language == "en" else "zh-hans"]
    admin = Member.objects.filter(role=Role.ADMIN).order_by("id")[0]
    default = scorecard_get()
    first = default.versions.get()
    begin = Scorecard.objects.create(name=notes["name"], position=1, stages=BEGINNERS)
    _version(begin, 1, starter_document("start"), last - timedelta(days=CARD_SINCE), admin, notes["card"])
    second = _with_pulse(first.definition)
    version = _version(default, 2, second, last - timedelta(days=VERSION_SINCE), admin, notes["version"])
    _draft(default, version, admin, notes, last)
    _pulses(cast, notes["pulses"], last, seed)


def _version(
    card: Scorecard, number: int, document: Document, since: date, by: Member, reason: str
) -> ScorecardVersion:
    return ScorecardVersion.objects.create(
        scorecard=card,
        number=number,
        definition=document,
        measure_keys=document_keys(document),
        effective_from=since,
        published_at=datetime.combine(since + timedelta(days=1), time(9), tzinfo=UTC),
        published_by=by,
        reason=reason,
    )


def _with_pulse(document: Document) -> Document:
    """The document with the CSM's pulse beside the contact, and a bad one as an exception."""
    found = copy.deepcopy(document)
    measures = next(group["measures"] for group in found["groups"] if group["key"] == "relationship")
    categories = [["good", 100], ["mixed", 55], ["bad", 0]]
    measures.append({"key": "pulse", "weight": 40, "categories": categories, "missing": "skip", "max_age": 60})
    found["exceptions"] = [{"when": {"measure": "pulse", "among": ["bad"]}, "at_most": "amber"}]
    return found


def _draft(card: Scorecard, base: ScorecardVersion, admin: Member, notes: Any, last: date) -> None:
    document = copy.deepcopy(base.definition)
    for group in document["groups"]:
        group["weight"] = {"activity": 35, "adoption": 30, "relationship": 35}.get(group["key"], group["weight"])
    at = datetime.combine(last, time(8, 30), tzinfo=UTC)
    draft = Draft.objects.create(
        scorecard=card, based_on=base, name=notes["draft"], document=document, created_by=admin, created_at=at,
        changed_by=admin, changed_at=at,
    )  # fmt: skip
    csm = Member.objects.filter(role=Role.CSM).order_by("id")[0]
    DraftNote.objects.create(draft=draft, author=csm, at=at + timedelta(hours=1), text=notes["said"])


def _pulses(cast: Cast, words: dict[str, str], last: date, seed: int) -> None:
    """What CSMs said of most of their accounts, now and then, worse where the story goes badly."""
    rnd = np.random.default_rng([seed, 77])
    found = []
    for account in cast.accounts:
        if account.csm_id is None or rnd.random() > PULSED:
            continue
        good = rnd.uniform(0.35, 0.9)
        for ago in sorted(rnd.integers(1, 200, size=3).tolist(), reverse=True):
            feeling = str(rnd.choice(["good", "mixed", "bad"], p=[good, (1 - good) * 0.7, (1 - good) * 0.3]))
            on = last - timedelta(days=int(ago))
            found.append(
                Pulse(
                    account=account, on=on, feeling=feeling, reason=str(rnd.choice(Pulse.Reason.values)),
                    note=words[feeling] if rnd.random() < 0.3 else "", author_id=account.csm_id,
                    created_at=datetime.combine(on, time(15), tzinfo=UTC),
                )
            )  # fmt: skip
    Pulse.objects.bulk_create(found, batch_size=1000)


def rescored_make(*, tenant: Tenant, at: datetime) -> None:
    """The whole past of the first card under the version that is in force now."""
    with tenant_scope(tenant):
        asked = rescoring_start(version=version_latest(), whole=None, by=None, at=at)
    rescoring_run(tenant=tenant, pk=asked.pk, clock=lambda: at)
