"""An account's group: the health of it and of those that belong to it, together."""

from django.http import HttpResponseBase
from django.shortcuts import render
from django.views.decorators.http import require_GET

from accounts.pieces import account_piece
from accounts.selectors import visible_to
from health.rollup import DEFINITIONS, rollup_of
from portfolio.views.day import page_day
from portfolio.views.people import account_or_404
from tenants.permissions import Permission, TenantRequest, member_required


@require_GET
@member_required(Permission.READ)
@account_piece
def account_group(request: TenantRequest, pk: int) -> HttpResponseBase:
    """The roll-up as a part of the account page; nothing of it where the account stands alone."""
    account, shown = account_or_404(request, pk), page_day(request)
    seen = visible_to(request.member)
    found = rollup_of(account=account, day=shown.day, member=request.member)
    context = {
        "account": account,
        "parent": seen.filter(pk=account.parent_id).first() if account.parent_id else None,
        "group": found if found.accounts > 1 else None,
        "definitions": DEFINITIONS,
        "shown": shown,
    }
    return render(request, "portfolio/account_group.html", context)
