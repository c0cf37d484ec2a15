"""The demo world's help articles and answers to surveys."""

from datetime import UTC, date, datetime, timedelta

import numpy as np

from accounts.models import Account, Contact, Feature
from csplatform.world.people import Cast
from service.models import HelpArticle, SurveyAnswer, SurveyInvite
from service.surveys import window_of

TEXTS = {
    "en": ("{name} in three minutes", "Open “{name}” in the menu, choose your team, and start with the sample. "
           "What you change can be undone for a day. Most teams begin with one person and one week."),
    "zh-hans": ("三分钟学会{name}", "在菜单打开“{name}”，选择所在部门，先用样例试一遍。改错了一天内都可以撤销。"),
}  # fmt: skip
OTHER = {"en": ("3 分钟上手 {name}", "在菜单打开“{name}”，先用样例试一遍。"), "zh-hans": ("", "")}
COMMENTS = {
    "en": {
        "good": ("Answers come fast and fit.", "We would not want to plan without it.", ""),
        "fair": ("Good, but the reports are slow.", "Training for the second team is missing.", ""),
        "bad": ("Nobody has called us for months.", "Too many clicks for a simple order."),
    },
    "zh-hans": {
        "good": ("响应快，能解决问题。", "现在离不开了。", ""),
        "fair": ("整体不错，报表偏慢。", "二车间还没培训。", ""),
        "bad": ("好几个月没人联系我们了。", "开一张单要点太多次。"),
    },
}
SKIPPED = 3  # every so many features have no article yet


def articles_make(*, language: str, at: datetime) -> None:
    """An article for most features, every second with a video."""
    title, text = TEXTS[language]
    code, other = ("en", "zh") if language == "en" else ("zh", "en")
    for number, feature in enumerate(Feature.objects.order_by("-core", "name")):
        if number % SKIPPED == SKIPPED - 1 and feature.core:
            continue
        values = {f"title_{code}": title.format(name=feature.name), f"text_{code}": text.format(name=feature.name)}
        if number % 2:
            values[f"video_{code}"] = f"https://example.com/videos/{feature.key}"
            values |= dict(
                zip(
                    (f"title_{other}", f"text_{other}"),
                    (t.format(name=feature.name) for t in OTHER[language]),
                    strict=True,
                )
            )
        HelpArticle.objects.create(external_id=f"HELP-{feature.key}", feature=feature, created_at=at, **values)


def answers_make(*, cast: Cast, language: str, last: date, seed: int) -> None:
    """NPS of about a third of the accounts in each of four quarters, and some CSAT; silent accounts answer badly."""
    rnd = np.random.default_rng([seed, 80])
    people: dict[int, list[Contact]] = {}
    for person in Contact.objects.filter(left_on=None).order_by("id"):
        people.setdefault(person.account_id, []).append(person)
    rows: dict[tuple[str, int, str], SurveyAnswer] = {}
    for plan, account in zip(cast.plans, cast.accounts, strict=True):
        bad = plan.story.silent_from is not None
        for back in range(3, 360, 30):
            if rnd.random() > 0.16 or not people.get(account.pk):
                continue
            there = people[account.pk]
            person, kind = there[int(rnd.integers(len(there)))], "nps" if rnd.random() < 0.6 else "csat"
            answer = _answer(account, person, kind, bad, last - timedelta(days=back), language, rnd)
            rows.setdefault((kind, person.pk, answer.window), answer)
    SurveyAnswer.objects.bulk_create(rows.values(), batch_size=2000)
    asked = [answer for answer in rows.values() if answer.source == "link"]
    SurveyInvite.objects.bulk_create(
        [_invite(answer, language, late) for answer in asked for late in (False, True)[: 1 + (answer.score % 2)]],
        batch_size=2000,
    )


def _invite(answer: SurveyAnswer, language: str, unanswered: bool) -> SurveyInvite:
    """The link behind an answer; and, at every second one, a link that nobody answered."""
    sent = answer.answered_at - timedelta(days=5 if unanswered else 2)
    return SurveyInvite(
        kind=answer.kind, account_id=answer.account_id, contact=answer.contact, language=language,
        created_at=sent, expires_at=sent + timedelta(days=30),
    )  # fmt: skip


def _answer(
    account: Account, person: Contact, kind: str, bad: bool, day: date, language: str, rnd: np.random.Generator
) -> SurveyAnswer:
    least, most, mean = (0, 10, 4.5 if bad else 8.3) if kind == "nps" else (1, 5, 2.4 if bad else 4.3)
    score = int(np.clip(round(rnd.normal(mean, 1.6 if kind == "nps" else 0.8)), least, most))
    mood = "good" if score >= most * 0.85 else "fair" if score > most * 0.6 else "bad"
    said = COMMENTS[language][mood]
    return SurveyAnswer(
        kind=kind, account=account, contact=person, person=f"c{person.pk}", window=window_of(kind, day), score=score,
        comment=said[int(rnd.integers(len(said)))], source="link" if rnd.random() < 0.8 else "api",
        answered_at=datetime(day.year, day.month, day.day, 10, tzinfo=UTC),
    )  # fmt: skip
