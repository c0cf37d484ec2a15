"""Today: whom do I call first, and why?"""

from datetime import timedelta

from django.http import HttpResponseBase
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from accounts.selectors import steps_due, visible_to
from accounts.selectors.handovers import handovers_waiting
from accounts.selectors.lifecycle import proposals_said
from common import formats
from playbooks.views import SNOOZES
from portfolio.selectors.today import Change, accounts_of, owed_today, today_get
from portfolio.views.day import page_day, today_of
from tenants.models import Role
from tenants.permissions import Permission, TenantRequest, member_required

SHOWN_CALLS = 20
SHOWN_STEPS = 12
SHOWN_MOVES = 6
SHOWN_OWED = 6
STEPS_AHEAD = timedelta(days=7)


@require_GET
@member_required(Permission.READ)
def today(request: TenantRequest) -> HttpResponseBase:
    """Alerts ranked by ARR at risk, the largest changes and the coming renewals; a CSM sees their own first."""
    asked = request.GET.get("whose")
    mine = asked == "mine" if asked in ("mine", "all") else request.member.role == Role.CSM
    shown, day = page_day(request), today_of(request.tenant)
    found = today_get(member=request.member, mine=mine, day=shown.day, today=day)
    accounts = accounts_of(member=request.member, mine=mine)
    moves = proposals_said(accounts=accounts, limit=SHOWN_MOVES + 1)
    everything = request.GET.get("list") == "all"
    context = {
        "shown": shown,
        "today": day,
        "mine": mine,
        "calls": found.calls if everything else found.calls[:SHOWN_CALLS],
        "calls_left": 0 if everything else max(len(found.calls) - SHOWN_CALLS, 0),
        "calls_count": len(found.calls),
        "at_risk": sum(call.at_risk for call in found.calls if call.account.currency == request.tenant.currency),
        "changes": [(change, _said(change)) for change in found.changes],
        "renewals": found.renewals,
        "renewals_left": found.renewals_left,
        "steps": steps_due(accounts=accounts, until=day + STEPS_AHEAD, limit=SHOWN_STEPS),
        "owed": owed_today(accounts=accounts, today=day, limit=SHOWN_OWED),
        "moves": moves[:SHOWN_MOVES],
        "moves_left": len(moves) > SHOWN_MOVES,
        "handovers": [
            (one, one.late(day), len(one.missing) if one.handover.is_open else 0)
            for one in handovers_waiting(member=request.member, today=day, mine=mine)
        ],
        "snoozes": SNOOZES,
        "has_accounts": visible_to(request.member).exists,  # asked only where there is nobody to call
    }
    return render(request, "portfolio/today.html", context)


def _said(change: Change) -> str:
    """The measures that moved the score, with their points."""
    if change.now.version_id != change.then.version_id and not change.moved:
        return _("another version of the scorecard")
    return " · ".join(f"{label} {formats.signed(points, 1)}" for label, points in change.moved)
