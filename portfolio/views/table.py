"""The portfolio: the table, its pages, the side panel and the export."""

from datetime import timedelta
from typing import Any

from django.http import HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from accounts.selectors import touch_list, visible_to
from common.csvfile import csv_response
from common.pieces import leads_to, piece
from common.xlsxfile import xlsx_response
from health.selectors import scores_of_day
from playbooks.selectors import alerts_by_account, reason
from portfolio.filters import chips
from portfolio.rows import row_writer
from portfolio.selectors import table as portfolio_table
from portfolio.views.day import page_day
from portfolio.views.score import override_context, sure_context
from portfolio.views.wish import Wish, wish_of
from tenants.permissions import Permission, TenantRequest, is_allowed, member_required
from tenants.selectors import member_list

LAST_PAGE = 10_000


def _page_number(request: TenantRequest) -> int:
    text = request.GET.get("page", "1")
    return min(max(int(text), 1), LAST_PAGE) if text.isascii() and text.isdigit() and len(text) < 9 else 1


@require_GET
@member_required(Permission.READ)
def portfolio(request: TenantRequest) -> HttpResponseBase:
    """The table; for htmx only the rows of the next page."""
    wish, page = wish_of(request), _page_number(request)
    if request.headers.get("HX-Request") and page > 1:
        return render(request, "portfolio/rows.html", _rows(request, wish, page, wish.ids(request.member, page=page)))
    found, totals = wish.found(request.member, page=page)
    context = {**_rows(request, wish, page, found), **_around(request, wish), "totals": totals, "page": page}
    return render(request, "portfolio/portfolio.html", context)


def _rows(request: TenantRequest, wish: Wish, page: int, found: list[int]) -> dict[str, Any]:
    """The rows of a page, written out, and the address of the next one."""
    size = portfolio_table.PAGE
    next_url = wish.table.url(page=page + 1) if len(found) > size else ""
    return {"rows": _written(request, wish, found[:size]), "table": wish.table, "next_url": next_url}


def _written(request: TenantRequest, wish: Wish, ids: list[int]) -> list[str]:
    editable = is_allowed(request.member, Permission.WORK) and not wish.travels
    assigns = is_allowed(request.member, Permission.MANAGE)
    write = row_writer(wish.table, request.tenant.slug, editable=editable, assigns=assigns, travels=wish.travels)
    return [write(row) for row in wish.rows(ids)]


@require_GET
@member_required(Permission.READ)
@piece(leads_to("portfolio", carried=True))
def portfolio_row(request: TenantRequest, pk: int) -> HttpResponseBase:
    """One row anew with the columns of the query, as after an edit of a cell."""
    account = get_object_or_404(visible_to(request.member), pk=pk)
    rows = _written(request, wish_of(request), [account.pk])
    return render(request, "portfolio/rows.html", {"rows": rows, "next_url": ""})


def _around(request: TenantRequest, wish: Wish) -> dict[str, Any]:
    """What stands around the table: views, the sentence of the conditions."""
    works = is_allowed(request.member, Permission.WORK)
    return {
        "shown": wish.shown,
        "wish": wish,
        "as_reported": wish.table.url(basis=None),
        "to_today": wish.table.url(day=None, basis=None),
        "chips": chips(wish.filters, wish.table, _names(request, wish), wish.said_groups),
        "views": _views(request, wish),
        "owns_views": any(view.owner_id == request.member.pk for view in wish.views),
        "query": wish.table.url()[1:],
        "editable": works and not wish.travels,
    }


def _names(request: TenantRequest, wish: Wish) -> dict[str, str]:
    """The names of whom the conditions speak of."""
    names = {"me": _("me"), "none": _("nobody")}
    if any(value.isdigit() for value in wish.filters.csm):
        names.update({str(member.pk): str(member) for member in member_list()})
    if wish.filters.parent is not None:
        parent = visible_to(request.member).filter(pk=wish.filters.parent).first()
        names[f"parent {wish.filters.parent}"] = str(parent or "–")
    return names


def _views(request: TenantRequest, wish: Wish) -> list[dict[str, Any]]:
    """The tabs: the built-in ones, then the member's own and those shared."""
    now = wish.table.url()[1:]
    built_in = [
        (_("All"), "csm=all"),
        (_("Mine"), "csm=me"),
        (_("Red before renewal"), "band=red&renewal=90"),
        (_("Silent over 30 days"), "silent=30&sort=-silent"),
    ]
    tabs: list[dict[str, Any]] = [
        {"name": name, "url": f"?{query}", "current": query == now, "view": None} for name, query in built_in
    ]
    if not any(tab["current"] for tab in tabs) and not now:
        tabs[0]["current"] = True
    for view in wish.views:
        own = view.owner_id == request.member.pk
        tabs.append(
            {"name": view.name, "url": f"?{view.query}", "current": view.query == now, "view": view, "own": own}
        )
    return tabs


@require_GET
@member_required(Permission.READ)
@piece(leads_to("account", "pk"))
def peek(request: TenantRequest, pk: int) -> HttpResponseBase:
    """The side panel of a row: why it scores so, its alerts, contract and last touches."""
    account = get_object_or_404(visible_to(request.member).select_related("csm__user"), pk=pk)
    shown = page_day(request)
    score = scores_of_day(day=shown.day, account_ids=[pk]).get(pk)
    before = scores_of_day(day=shown.day - timedelta(days=7), account_ids=[pk]).get(pk)
    context = {
        "account": account,
        "shown": shown,
        "score": score,
        "change": portfolio_table.change_of(score, before),
        **sure_context(score, account, shown.day),
        **override_context(request.member, account, score, shown.day),
        "alerts": [(alert, reason(alert)) for alert in alerts_by_account(account_ids=[pk]).get(pk, [])],
        "touches": touch_list(account=account, limit=3),
    }
    return render(request, "portfolio/peek.html", context)


@require_http_methods(["GET", "POST"])
@member_required(Permission.READ)
def export(request: TenantRequest) -> HttpResponseBase:
    """The rows that the filters leave (all pages), or those picked, with the columns shown, as CSV or xlsx."""
    wish = wish_of(request)
    ids = wish.ids(request.member, page=None)
    params = request.GET if request.method == "GET" else request.POST
    if picked := {int(text) for text in params.getlist("pick") if text.isascii() and text.isdigit() and len(text) < 19}:
        ids = [pk for pk in ids if pk in picked]
    columns: list[Any] = wish.table.visible
    rows = []
    for start in range(0, len(ids), 1000):
        found = wish.rows(ids[start : start + 1000])
        rows += [[row.account.external_id, *(column.plain(row) for column in columns)] for row in found]
    head = [_("External id"), *(column.label for column in columns)]
    answer = xlsx_response if params.get("format") == "xlsx" else csv_response
    return answer(f"{_('Portfolio')}-{wish.shown.day}", head, rows)
