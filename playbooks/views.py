"""What people do with alerts: done, snooze, undo. Each answers the alert's new line, or goes back without scripts."""

from collections.abc import Callable
from datetime import timedelta

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.timezone import now
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.selectors import visible_to
from common import formats
from common.places import own_place
from operations.days import local_date
from playbooks.models import Alert
from playbooks.selectors import reason
from playbooks.services import alert_done, alert_reopen, alert_snooze
from tenants.permissions import Permission, TenantRequest, member_required

SNOOZES = (1, 3, 7, 14, 30)
work = member_required(Permission.WORK)


def _alert(request: TenantRequest, pk: int) -> Alert:
    alerts = Alert.objects.select_related("account__csm__user", "owner__user")
    return get_object_or_404(alerts, pk=pk, account__in=visible_to(request.member))


def _answer(request: TenantRequest, alert: Alert, act: Callable[[], None], said: str) -> HttpResponseBase:
    """Do it; a refusal is said in words and nothing is changed."""
    scripted = bool(request.headers.get("HX-Request"))
    try:
        act()
    except ValidationError as error:
        if scripted:
            return HttpResponse(formats.sentences(error.messages), status=409, content_type="text/plain; charset=utf-8")
        messages.error(request, formats.sentences(error.messages))
    else:
        if scripted:
            context = {"alert": alert, "reason": reason(alert), "snoozes": SNOOZES}
            return render(request, "playbooks/alert.html", context)
        messages.success(request, said)
    page = reverse("account", args=[request.tenant.slug, alert.account_id])
    return redirect(own_place(request, request.POST.get("next", ""), page))


@require_POST
@work
def done(request: TenantRequest, pk: int) -> HttpResponseBase:
    """The alert is dealt with."""
    alert, at = _alert(request, pk), now()
    today = local_date(request.tenant.timezone, at)
    outcome = request.POST.get("outcome", "").replace("\x00", "")[:300]
    return _answer(
        request,
        alert,
        lambda: alert_done(alert=alert, by=request.member, at=at, on=today, outcome=outcome),
        _("Marked as done."),
    )


@require_POST
@work
def snooze(request: TenantRequest, pk: int) -> HttpResponseBase:
    """Put the alert away for some days."""
    alert, at = _alert(request, pk), now()
    text = request.POST.get("days", "")
    days = int(text) if text.isascii() and text.isdigit() and len(text) < 4 else 0
    today = local_date(request.tenant.timezone, at)
    until = today + timedelta(days=days)
    return _answer(
        request,
        alert,
        lambda: alert_snooze(alert=alert, until=until, by=request.member, at=at, today=today),
        _("Snoozed."),
    )


@require_POST
@work
def undo(request: TenantRequest, pk: int) -> HttpResponseBase:
    """Open a done or snoozed alert again."""
    alert = _alert(request, pk)
    return _answer(request, alert, lambda: alert_reopen(alert=alert, by=request.member, at=now()), _("Open again."))
