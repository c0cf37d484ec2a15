"""Reads help articles."""

from collections import defaultdict
from collections.abc import Collection

from service.models import HelpArticle


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
