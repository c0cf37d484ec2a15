"""Writes what is odd about the scorecards."""

from datetime import date, datetime, timedelta

from health.lint_data import lint_of, lint_reports
from health.models import LintReport
from health.selectors import card_list, versions_standing
from health.services.cards import document_of

EVERY = timedelta(days=7)


def cards_lint(*, day: date, at: datetime, always: bool = False) -> int:
    """Look at every card in use whose last look is a week old, or of another version; returns how many were looked at.
    `always`: whenever that was.
    """
    held, looked = lint_reports(), 0
    cards = card_list()
    LintReport.objects.exclude(scorecard__in=cards).delete()
    for card in cards:
        version = versions_standing(card).filter(effective_from__lte=day).first()
        last = held.get(card.pk)
        if last and not always and last.version_id == (version.pk if version else None) and day - last.day < EVERY:
            continue
        findings = lint_of(
            card=card, document=version.definition if version else document_of(card), as_of=day, full=True
        )
        values = {"version": version, "day": day, "made_at": at, "findings": [one.document for one in findings]}
        LintReport.objects.update_or_create(scorecard=card, defaults=values)
        looked += 1
    return looked
