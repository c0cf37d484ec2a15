"""The page on which a scorecard is tried on past outcomes."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import Http404, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.timezone import now
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from accounts.selectors import sees_all
from common.formats import sentences
from health.backtest_words import report
from health.definition import check, check_kinds
from health.inputs import inputs_known
from health.models import BackTest, Scorecard
from health.outcomes import terms_count
from health.selectors import draft_list, versions_standing
from health.services import Asked, backtest_run, backtest_start
from health.tasks import backtest_hint
from health.views import admin_only, card_get
from operations.selectors import shown_day
from tenants.permissions import Permission, TenantRequest, is_allowed, member_required

AT_ONCE = 300  # terms: so few are done while the page waits; suggesting weights always takes longer
KEPT = 8


@require_GET
@member_required(Permission.READ)
def backtest(request: TenantRequest, pk: int) -> HttpResponseBase:
    """The latest back-test of a card, or the one asked for; for members who see every account."""
    card = card_get(pk)
    if not sees_all(request.member):
        return render(request, "health/backtest.html", {"card": card, "hidden": True})
    tests = list(_tests(card)[:KEPT])
    test = _chosen(card, tests, request.GET.get("test", ""))
    versions = list(versions_standing(card))
    context = {
        "card": card,
        "tests": tests,
        "test": test,
        "running": test is not None and test.state in (BackTest.State.WAITING, BackTest.State.RUNNING),
        "report": report(test, request.tenant.currency) if test and test.state == BackTest.State.DONE else None,
        "versions": versions,
        "drafts": draft_list(card),
        "asked": request.GET.get("draft", ""),
        "may_edit": is_allowed(request.member, Permission.ADMINISTER),
    }
    return render(request, "health/backtest.html", context)


@require_GET
@member_required(Permission.READ)
def backtest_progress(request: TenantRequest, pk: int) -> HttpResponseBase:
    """How far a back-test is; the page is loaded again once it is done."""
    test = BackTest.objects.filter(pk=pk).first()
    if test is None:
        raise Http404
    if not request.headers.get("HX-Request"):
        return redirect("scorecard_backtest", request.tenant.slug, test.scorecard_id)
    answer = render(request, "health/backtest_progress.html", {"test": test})
    if test.state in (BackTest.State.DONE, BackTest.State.FAILED):
        answer["HX-Refresh"] = "true"
    return answer


def _tests(card: Scorecard) -> Any:
    people = ("asked_by__user", "version", "draft", "other_version")
    return BackTest.objects.filter(scorecard=card).select_related(*people).order_by("-asked_at", "-id")


def _chosen(card: Scorecard, tests: list[BackTest], asked: str) -> BackTest | None:
    if asked.isdecimal() and len(asked) < 19:
        found: BackTest | None = _tests(card).filter(pk=int(asked)).first()
        if found is None:
            raise Http404
        return found
    return next(iter(tests), None)


@require_POST
@admin_only
def backtest_ask(request: TenantRequest, pk: int) -> HttpResponseBase:
    """Start a back-test: few terms are done while the page waits, many by the workers."""
    card, shown = card_get(pk), shown_day(tenant=request.tenant)
    try:
        if shown is None:
            raise ValidationError(_("No night has run yet, so there is nothing to try the scorecard on."))
        asked = _asked(request, card)
    except ValidationError as error:
        messages.error(request, sentences(error.messages))
        return redirect("scorecard_backtest", request.tenant.slug, pk)
    test = backtest_start(asked=asked, as_of=shown.day, by=request.member, at=now())
    if terms_count() <= AT_ONCE and not asked.suggest:
        backtest_run(tenant=request.tenant, pk=test.pk, clock=now)
    else:
        tenant_id = request.tenant.pk
        transaction.on_commit(lambda: backtest_hint(tenant_id, test.pk))
    return redirect("scorecard_backtest", request.tenant.slug, pk)


def _asked(request: TenantRequest, card: Scorecard) -> Asked:
    """What the form asks for. Raises ValidationError for a document that cannot be scored."""
    versions = {f"v{one.number}": one for one in versions_standing(card)}
    drafts = {f"d{one.pk}": one for one in draft_list(card)}
    what = request.POST.get("what", "")
    draft = drafts.get(what) or (None if versions else next(iter(drafts.values()), None))
    version = None if draft else versions.get(what) or next(iter(versions.values()), None)
    if version is None and draft is None:
        raise ValidationError(_("There is nothing to try yet."))
    document = version.definition if version else draft.document if draft else {}
    known = inputs_known()
    if faults := check(document, known=known) or check_kinds(document, known):
        raise ValidationError([_("Not ready to be tried."), *faults])
    other = versions.get(request.POST.get("beside", ""))
    guarded, weights = request.POST.get("facts") != "dated", request.POST.get("do") == "suggest"
    return Asked(card, document, version, draft, other, guarded, weights)
