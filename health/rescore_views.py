"""The page on which a scorecard's past is scored under another version, and set beside what was reported."""

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
from health.models import Rescoring, Scorecard
from health.rescored_words import report
from health.selectors import versions_standing
from health.services import accounts_taken, history_of, rescoring_remove, rescoring_run, rescoring_start
from health.tasks import rescoring_hint
from health.views import admin_only, card_get
from operations.selectors import shown_day
from tenants.models import Tenant
from tenants.permissions import Permission, TenantRequest, is_allowed, member_required

AT_ONCE = 3_000  # scores: so few are done while the page waits
_State = Rescoring.State


@require_GET
@member_required(Permission.READ)
def rescored(request: TenantRequest, pk: int) -> HttpResponseBase:
    """What a version would have said of the past, beside what was reported; for members who see every account."""
    card = card_get(pk)
    if not sees_all(request.member):
        return render(request, "health/rescored.html", {"card": card, "hidden": True})
    runs = list(
        Rescoring.objects.filter(scorecard=card)
        .exclude(state=_State.REMOVED)
        .select_related("version", "asked_by__user")
        .order_by("-pk")
    )
    done = next((run for run in runs if run.state == _State.DONE), None)
    may_edit = is_allowed(request.member, Permission.ADMINISTER)
    by_arr = request.GET.get("of") == "arr"
    context = {
        "card": card,
        "run": next((run for run in runs if run.state != _State.DONE), None),
        "done": done,
        "by_arr": by_arr,
        "currency": request.tenant.currency,
        "report": report(done, by_arr=by_arr) if done else None,
        "versions": list(versions_standing(card)),
        "may_edit": may_edit,
        **(_asks(request, card) if may_edit else {}),
    }
    return render(request, "health/rescored.html", context)


def _asks(request: TenantRequest, card: Scorecard) -> dict[str, Any]:
    """How much there is to score: where the card scored, and every day of the accounts that it takes now."""
    shown = shown_day(tenant=request.tenant)
    ids = accounts_taken(scorecard_id=card.pk, day=shown.day) if shown else []
    return {
        "then": history_of(scorecard_id=card.pk, account_ids=None),
        "whole": history_of(scorecard_id=card.pk, account_ids=ids),
    }


@require_POST
@admin_only
def rescore_ask(request: TenantRequest, pk: int) -> HttpResponseBase:
    """Start a rescoring: a short past is done while the page waits, a long one by the workers."""
    card, shown = card_get(pk), shown_day(tenant=request.tenant)
    versions = list(versions_standing(card))
    version = next((one for one in versions if str(one.number) == request.POST.get("version", "")), None)
    try:
        wants_whole = request.POST.get("which") == "whole"
        if not versions or (wants_whole and shown is None):
            raise ValidationError(_("There are no scores of past days to score again."))
        whole = shown.day if shown and wants_whole else None
        run = rescoring_start(version=version or versions[0], whole=whole, by=request.member, at=now())
    except ValidationError as error:
        messages.error(request, sentences(error.messages))
    else:
        rescoring_begin(request.tenant, run)
    return redirect("scorecard_rescored", request.tenant.slug, pk)


def rescoring_begin(tenant: Tenant, run: Rescoring) -> None:
    """Do a short rescoring now; leave a long one to the workers."""
    if run.expected <= AT_ONCE:
        rescoring_run(tenant=tenant, pk=run.pk, clock=now)
        run.refresh_from_db()
    else:
        hint_later(tenant.pk, run.pk)


def hint_later(tenant_id: int, pk: int) -> None:
    """Tell the workers, once what was written can be seen."""
    transaction.on_commit(lambda: rescoring_hint(tenant_id, pk))


@require_GET
@member_required(Permission.READ)
def rescore_progress(request: TenantRequest, pk: int) -> HttpResponseBase:
    """How far a rescoring is; the page is loaded again once it is done."""
    run = Rescoring.objects.filter(pk=pk).first()
    if run is None:
        raise Http404
    if not request.headers.get("HX-Request"):
        return redirect("scorecard_rescored", request.tenant.slug, run.scorecard_id)
    answer = render(request, "health/rescored_progress.html", {"run": run})
    if run.state not in (_State.WAITING, _State.RUNNING):
        answer["HX-Refresh"] = "true"
    return answer


@require_POST
@admin_only
def rescore_remove(request: TenantRequest, pk: int) -> HttpResponseBase:
    """Stop a rescoring, or remove a finished one."""
    run = Rescoring.objects.exclude(state=_State.REMOVED).filter(pk=pk).first()
    if run is None:
        raise Http404
    rescoring_remove(pk=pk, by=request.member, at=now())
    if run.expected <= AT_ONCE:
        rescoring_run(tenant=request.tenant, pk=pk, clock=now)
    else:
        hint_later(request.tenant.pk, pk)
    messages.success(request, _("Removed. What was known and reported is as it was."))
    return redirect("scorecard_rescored", request.tenant.slug, run.scorecard_id)
