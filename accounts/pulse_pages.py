"""What CSMs think of an account: a part of its page."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.timezone import now
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from accounts.back import account_url
from accounts.models import Pulse
from accounts.pieces import account_piece
from accounts.selectors import pulse_list
from accounts.services import pulse_set
from accounts.views import account_of
from common.formats import sentences
from operations.days import local_date
from tenants.permissions import Permission, TenantRequest, is_allowed, member_required

SHOWN = 5


@require_GET
@member_required(Permission.READ)
@account_piece
def account_pulse(request: TenantRequest, pk: int) -> HttpResponseBase:
    """The latest pulses, and for those who work with the account a form for the next one."""
    account = account_of(request, pk)
    context = {
        "account": account,
        "pulses": pulse_list(account=account)[:SHOWN],
        "feelings": Pulse.Feeling.choices,
        "reasons": Pulse.Reason.choices,
        "may_say": is_allowed(request.member, Permission.WORK),
    }
    return render(request, "accounts/pulse.html", context)


@require_POST
@member_required(Permission.WORK)
def pulse_say(request: TenantRequest, pk: int) -> HttpResponseBase:
    """Note today's pulse."""
    account, at = account_of(request, pk), now()
    try:
        pulse_set(
            account=account,
            feeling=request.POST.get("feeling", ""),
            reason=request.POST.get("reason", ""),
            note=request.POST.get("note", ""),
            on=local_date(request.tenant.timezone, at),
            by=request.member,
            at=at,
        )
    except ValidationError as error:
        messages.error(request, _("Not noted. %(faults)s") % {"faults": sentences(error.messages)})
    else:
        messages.success(request, _("Noted. Scorecards that measure it count it from the next night on."))
    return redirect(account_url(request, pk) + "#pulse")
