"""What the linter found odd, shown: of the published card its weekly look, of a draft at once."""

from collections.abc import Sequence
from typing import Any

from django.http import Http404, HttpResponseBase
from django.shortcuts import render
from django.views.decorators.http import require_GET

from accounts.selectors import sees_all
from common.pieces import leads_to, piece
from health.definition import check, check_kinds
from health.inputs import inputs_known
from health.lint_data import lint_of
from health.lint_words import Said, findings_said
from health.linter import FAULT, WARNING, finding_of
from health.models import Draft, LintReport, Scorecard
from health.selectors import card_list, versions_standing
from health.services import document_of
from operations.selectors import closed_day
from tenants.permissions import Permission, TenantRequest, member_required


def lint_counts(report: LintReport | None) -> list[tuple[str, int]]:
    """How many findings of which tone a report has, the worst first; hints are not counted."""
    severities = [] if report is None else [one["severity"] for one in report.findings]
    found = [("red", severities.count(FAULT)), ("amber", severities.count(WARNING))]
    return [(tone, count) for tone, count in found if count]


def lint_told(card: Scorecard) -> dict[str, Any] | None:
    """The last weekly look at a card in words; None before the first."""
    report = LintReport.objects.select_related("version").filter(scorecard=card).first()
    if report is None:
        return None
    document = report.version.definition if report.version else document_of(card)
    said = findings_said([finding_of(one) for one in report.findings], document, inputs_known())
    return {"day": report.day, "version": report.version, **split(said)}


def split(said: Sequence[Said]) -> dict[str, Any]:
    """What to look at, and what is only for information."""
    hints = [one for one in said if one.tone == "unknown"]
    return {"said": [one for one in said if one.tone != "unknown"], "hints": hints}


@require_GET
@member_required(Permission.READ)
@piece(leads_to("scorecard_card", "pk"))
def card_lint(request: TenantRequest, pk: int) -> HttpResponseBase:
    """A look at a draft (`?draft=`) or at the published version as it is now, on the last closed day."""
    card = next((one for one in card_list() if one.pk == pk), None)
    if card is None:
        raise Http404
    document, facts, day = _document(request, card), inputs_known(), closed_day(tenant=request.tenant)
    context: dict[str, Any] = {"card": card, "day": day}
    faulty = check(document, known=facts) or check_kinds(document, facts)
    if day is not None and not faulty and sees_all(request.member):
        findings = lint_of(card=card, document=document, as_of=day)
        context["lint"] = {"day": day, "version": None, **split(findings_said(findings, document, facts))}
    return render(request, "health/lint.html", context)


def _document(request: TenantRequest, card: Scorecard) -> Any:
    asked = request.GET.get("draft", "")
    if not asked:
        latest = versions_standing(card).first()
        return latest.definition if latest else document_of(card)
    known = asked.isascii() and asked.isdigit() and len(asked) < 19
    draft = Draft.objects.filter(scorecard=card, pk=int(asked)).first() if known else None
    if draft is None:
        raise Http404
    return draft.document
