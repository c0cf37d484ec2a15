"""Reads help articles."""

from collections import defaultdict
from collections.abc import Collection
from datetime import date, timedelta

from django.db.models import Q, Sum

from service.models import HelpArticle, HelpVote


def article_list(*, feature: int | None = None, drafts: bool = True) -> list[HelpArticle]:
    """The articles by feature and title; those of no feature last."""
    found = HelpArticle.objects.select_related("feature")
    if not drafts:
        found = found.filter(published=True)
    if feature is not None:
        found = found.filter(feature=feature)
    return sorted(found, key=lambda one: (one.feature is None, one.feature.name if one.feature else "", str(one)))


def articles_for(*, features: Collection[int]) -> dict[int, list[HelpArticle]]:
    """The published articles of these features, by feature, newest first."""
    found: dict[int, list[HelpArticle]] = defaultdict(list)
    for article in HelpArticle.objects.filter(published=True, feature__in=features).order_by("-id"):
        if article.feature_id is not None:
            found[article.feature_id].append(article)
    return dict(found)


def articles_found(*, text: str = "", feature: int | None = None) -> list[HelpArticle]:
    """The published articles in which every typed word stands, in either language; by feature and title."""
    found = HelpArticle.objects.filter(published=True).select_related("feature")
    if feature is not None:
        found = found.filter(feature=feature)
    for word in text.split():
        said = Q()
        for name in ("title_en", "text_en", "title_zh", "text_zh", "feature__name"):
            said |= Q(**{f"{name}__icontains": word})
        found = found.filter(said)
    return sorted(found, key=lambda one: (one.feature is None, one.feature.name if one.feature else "", str(one)))


def votes_between(*, start: date, end: date) -> tuple[int, int]:
    """How many readers of the local days [start, end) said that an article helped, and how many that it did not."""
    counts = dict(HelpVote.objects.filter(day__gte=start, day__lt=end).values_list("helped").annotate(n=Sum("count")))
    return counts.get(True, 0), counts.get(False, 0)


def helped_by_week(*, start: date, end: date) -> dict[date, int]:
    """How many readers of the local days [start, end) said that an article helped, by the Monday of their week."""
    weeks: dict[date, int] = defaultdict(int)
    for vote in HelpVote.objects.filter(day__gte=start, day__lt=end, helped=True):
        weeks[vote.day - timedelta(days=vote.day.weekday())] += vote.count
    return dict(weeks)
