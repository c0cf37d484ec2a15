"""The portfolio: the table, its pages, the side panel and the export."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.http import HttpResponseBase, QueryDict
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from accounts.models import LifecycleStage, SavedView
from accounts.selectors import saved_view_list, touch_list, visible_to
from common.components import BAND_WORDS, FallRow
from common.csvfile import csv_response
from common.table import TableState
from health.models import Score
from health.selectors import explain, scores_of_day
from playbooks.selectors import alerts_by_account, reason
from portfolio.columns import columns_of_day
from portfolio.filters import Filters, chips
from portfolio.rows import row_writer
from portfolio.selectors import table as portfolio_table
from portfolio.views.day import PageDay, page_day
from tenants.models import Member, Role
from tenants.permissions import Permission, TenantRequest, is_allowed, member_required
from tenants.selectors import member_list

DEFAULT_SORT = "-arr"
LAST_PAGE = 10_000
OWNERS = (Role.CSM, Role.MANAGER, Role.ADMIN)


@dataclass(frozen=True)
class Wish:
    """What the reader asked for, on which day."""

    shown: PageDay
    table: TableState
    filters: Filters
    views: list[SavedView]

    def ids(self, member: Member, *, page: int | None) -> list[int]:
        """The accounts of a page and one more, which tells that there is another; of all pages for None."""
        size = portfolio_table.PAGE
        limit = {"limit": None} if page is None else {"limit": size + 1, "offset": (page - 1) * size}
        return portfolio_table.account_ids(
            member=member, filters=self.filters, order=self.table.order, day=self.shown.day, **limit
        )


def _params(request: TenantRequest, views: list[SavedView]) -> QueryDict:
    """The query asked for; without any, the member's default view, else a CSM's own accounts."""
    params = request.GET if request.method == "GET" else request.POST
    if any(name not in ("page", "pick", "csrfmiddlewaretoken") for name in params):
        return params.copy()
    own = next((view for view in views if view.is_default and view.owner_id == request.member.pk), None)
    start = own.query if own else ("csm=me" if request.member.role == Role.CSM else "")
    return QueryDict(start, mutable=True)


def _wish(request: TenantRequest) -> Wish:
    shown, views = page_day(request), saved_view_list(member=request.member)
    params = _params(request, views)
    for name in ("pick", "csrfmiddlewaretoken"):
        params.pop(name, None)
    table = TableState.read(params, columns_of_day(shown.day, chosen="col" in params), DEFAULT_SORT)
    return Wish(shown, table, Filters.read(params), views)


def _page_number(request: TenantRequest) -> int:
    text = request.GET.get("page", "1")
    return min(max(int(text), 1), LAST_PAGE) if text.isascii() and text.isdigit() and len(text) < 9 else 1


@require_GET
@member_required(Permission.READ)
def portfolio(request: TenantRequest) -> HttpResponseBase:
    """The table; for htmx only the rows of the next page."""
    wish, page = _wish(request), _page_number(request)
    context = _rows(request, wish, page)
    if request.headers.get("HX-Request") and page > 1:
        return render(request, "portfolio/rows.html", context)
    return render(request, "portfolio/portfolio.html", {**context, **_around(request, wish), "page": page})


def _rows(request: TenantRequest, wish: Wish, page: int) -> dict[str, Any]:
    """The rows of a page, written out, and the address of the next one."""
    size, write = portfolio_table.PAGE, row_writer(wish.table, request.tenant.slug)
    found = wish.ids(request.member, page=page)
    rows = portfolio_table.rows_of(ids=found[:size], day=wish.shown.day)
    next_url = wish.table.url(page=page + 1) if len(found) > size else ""
    return {"rows": [write(row) for row in rows], "table": wish.table, "next_url": next_url}


def _around(request: TenantRequest, wish: Wish) -> dict[str, Any]:
    """What stands around the table: sums, views, the sentence and the choices of conditions."""
    colleagues = list(member_list())
    found = portfolio_table.choices(member=request.member, colleagues=colleagues)
    names = {**dict(found.csms), "me": _("me"), "none": _("nobody")}
    manages = is_allowed(request.member, Permission.MANAGE)
    return {
        "shown": wish.shown,
        "totals": portfolio_table.totals(member=request.member, filters=wish.filters, day=wish.shown.day),
        "filters": wish.filters,
        "chips": chips(wish.filters, wish.table, names),
        "choices": found,
        "bands": list(BAND_WORDS.items()),
        "stages": LifecycleStage.choices,
        "views": _views(request, wish),
        "query": wish.table.url()[1:],
        "kept": [(name, value) for name, value in wish.table.carried_all if name in ("sort", "col")],
        "owners": [m for m in colleagues if m.is_active and m.role in OWNERS] if manages else [],
    }


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
        "shares": share_rows(score),
        "alerts": [(alert, reason(alert)) for alert in alerts_by_account(account_ids=[pk]).get(pk, [])],
        "touches": touch_list(account=account, limit=3),
    }
    return render(request, "portfolio/peek.html", context)


def share_rows(score: Score | None) -> list[FallRow]:
    """What each measure gives to the score, of what it could give."""
    if score is None or score.score is None:
        return []
    return [
        FallRow(
            label=portfolio_table.measure_label(share),
            value=share.contribution,
            out_of=share.weight * 100,
            note=raw_text(share),
            muted=share.weight == 0,
        )
        for share in explain(version=score.version, raws=score.raws)
    ]


def raw_text(share: Any) -> str:
    """A measure's raw value in its unit."""
    from common import formats

    if share.raw is None:
        return _("no data")
    unit = share.fact.unit if share.fact else ""
    if unit == "ratio":
        return formats.percent(share.raw)
    if unit == "days":
        return formats.days(int(share.raw))
    return formats.number(share.raw, 0 if float(share.raw).is_integer() else 1)


@require_http_methods(["GET", "POST"])
@member_required(Permission.READ)
def export(request: TenantRequest) -> HttpResponseBase:
    """The rows that the filters leave (all pages), or those picked, with the columns shown, as CSV."""
    wish = _wish(request)
    ids = wish.ids(request.member, page=None)
    params = request.GET if request.method == "GET" else request.POST
    if picked := {int(text) for text in params.getlist("pick") if text.isascii() and text.isdigit() and len(text) < 19}:
        ids = [pk for pk in ids if pk in picked]
    columns: list[Any] = wish.table.visible
    rows = []
    for start in range(0, len(ids), 1000):
        found = portfolio_table.rows_of(ids=ids[start : start + 1000], day=wish.shown.day)
        rows += [[row.account.external_id, *(column.plain(row) for column in columns)] for row in found]
    head = [_("External id"), *(column.label for column in columns)]
    return csv_response(f"{_('Portfolio')}-{wish.shown.day}", head, rows)
