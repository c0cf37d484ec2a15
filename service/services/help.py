"""Writes help articles."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from service.models import HelpArticle
from tenants.models import Member
from tenants.services import audit_add

ARTICLE_FIELDS = (
    "external_id", "feature", "title_en", "text_en", "video_en", "title_zh", "text_zh", "video_zh", "published",
)  # fmt: skip


def article_save(
    *, values: Mapping[str, Any], at: datetime, by: Member | None, article: HelpArticle | None = None, label: str = ""
) -> tuple[HelpArticle, bool]:
    """A new article, or a changed one; fields left out stay. Returns whether anything changed.

    Raises ValidationError where no language has a title with a text or a video.
    """
    creating = article is None
    article = article or HelpArticle(created_at=at)
    changes: dict[str, list[Any]] = {}
    for field in ARTICLE_FIELDS:
        if field in values and getattr(article, field) != values[field]:
            old, new = getattr(article, field), values[field]
            changes[field] = [
                old if isinstance(old, bool) else str(old or ""),
                new if isinstance(new, bool) else str(new or ""),
            ]
            setattr(article, field, new)
    if not any(_whole(article, code) for code in ("en", "zh")):
        raise ValidationError(_("Write a title with a text or a video link in at least one language."))
    if creating or changes:
        article.full_clean(exclude=["tenant"])
        article.save(update_fields=None if creating else list(changes))
        action = "create" if creating else "change"
        audit_add(
            actor=by, action=action, target=article, at=at, changes={} if creating else changes, label=label or None
        )
    return article, bool(creating or changes)


def _whole(article: HelpArticle, code: str) -> bool:
    title, text, video = (getattr(article, f"{name}_{code}").strip() for name in ("title", "text", "video"))
    return bool(title and (text or video))


def article_delete(*, article: HelpArticle, at: datetime, by: Member) -> None:
    """Delete an article."""
    audit_add(actor=by, action="delete", target=article, at=at)
    article.delete()


def articles_upsert(
    *, rows: Sequence[Mapping[str, Any]], at: datetime, by: Member | None, label: str = ""
) -> list[tuple[str, HelpArticle]]:
    """Create or change articles by `external_id`, in order. Twice is the same as once.

    Raises ValidationError with `{row number: reasons}`.
    """
    done: list[tuple[str, HelpArticle]] = []
    for number, row in enumerate(rows):
        held = HelpArticle.objects.filter(external_id=row["external_id"]).first()
        try:
            article, changed = article_save(values=row, article=held, at=at, by=by, label=label)
        except ValidationError as fault:
            raise ValidationError({str(number): fault.messages}) from fault
        done.append(("created" if held is None else "changed" if changed else "unchanged", article))
    return done
