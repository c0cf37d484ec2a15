"""What the portfolio's menus hold. Each is fetched when it opens: most looks at the table open none of them."""

from typing import Any
from urllib.parse import urlencode

from django.http import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from accounts.models import LifecycleStage
from accounts.owners import OWNERS
from accounts.selectors.fields import tag_list
from accounts.selectors.segments import segment_list
from common.components import BAND_WORDS
from common.pieces import leads_to, piece
from portfolio.extra import all_columns
from portfolio.selectors import table as portfolio_table
from portfolio.views.wish import wish_of
from tenants.permissions import Permission, TenantRequest, is_allowed, member_required
from tenants.selectors import member_list


@require_GET
@member_required(Permission.READ)
@piece(leads_to("portfolio", carried=True))
def column_chooser(request: TenantRequest) -> HttpResponseBase:
    """Every column there is: those shown in their order, then the others."""
    wish = wish_of(request)
    shown = [column for column in wish.table.visible if not column.fixed]
    keys = {column.key for column in shown}
    others = [c for c in (*wish.table.columns, *all_columns()) if c.key not in keys and not c.fixed]
    unique = list({column.key: column for column in others}.values())
    context = {
        "shown": shown,
        "groups": [
            (_("Fields and figures"), [c for c in unique if "~" not in c.key]),
            (_("Changes over time"), [c for c in unique if "~" in c.key]),
        ],
        "carried": [(name, value) for name, value in wish.table.carried if name != "_"],
    }
    return render(request, "portfolio/columns.html", context)


@require_GET
@member_required(Permission.READ)
@piece(leads_to("portfolio", carried=True))
def filter_menu(request: TenantRequest) -> HttpResponseBase:
    """The conditions to choose from, those of the query chosen."""
    wish = wish_of(request)
    context = {
        "filters": wish.filters,
        "choices": portfolio_table.choices(member=request.member, colleagues=member_list()),
        "segments": segment_list(),
        "bands": list(BAND_WORDS.items()),
        "stages": LifecycleStage.choices,
        "kept": [(name, value) for name, value in wish.table.carried_all if name in ("sort", "col", "day", "basis")],
    }
    return render(request, "portfolio/filters.html", context)


@require_GET
@member_required(Permission.READ)
@piece(leads_to("portfolio", carried=True))
def bulk_menu(request: TenantRequest) -> HttpResponseBase:
    """What can be done with the rows picked; afterwards one is back where one was."""
    works, manages = (is_allowed(request.member, p) for p in (Permission.WORK, Permission.MANAGE))
    editable = works and not wish_of(request).travels
    context: dict[str, Any] = {
        "editable": editable,
        "owners": [m for m in member_list() if m.is_active and m.role in OWNERS] if editable and manages else [],
        "stages": LifecycleStage.choices,
        "tags": tag_list() if editable else [],
        "back": reverse("portfolio", args=[request.tenant.slug]) + "?" + urlencode(list(_items(request))),
    }
    return render(request, "portfolio/bulk_forms.html", context)


def _items(request: TenantRequest) -> Any:
    return ((name, value) for name, values in request.GET.lists() for value in values)
