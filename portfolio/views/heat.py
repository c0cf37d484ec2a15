"""The team's heat map: whose measures are where?"""

from datetime import date
from typing import Any

from django.db.models import Q
from django.http import HttpResponseBase
from django.shortcuts import render
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET

from accounts.selectors import visible_to
from common import formats
from common.components import BAND_WORDS
from common.table import Column, TableState
from health.card import UNITS, Card, band_of
from health.models import Scorecard
from health.moves import fact_label
from health.selectors import card_list
from portfolio.filters import Filters
from portfolio.selectors.heat import PAGE, Heat, HeatRow, heat_get, scored_count
from portfolio.views.day import page_day
from portfolio.views.score import value_words
from tenants.models import Role
from tenants.permissions import Permission, TenantRequest, member_required
from tenants.selectors import member_list

LAST_PAGE = 10_000
NAME = Column("account", gettext_lazy("Account"), sortable=False, fixed=True)


@require_GET
@member_required(Permission.READ)
def heat(request: TenantRequest) -> HttpResponseBase:
    """A page of the map, the worst first; with `card`, `csm`, `sort` and `page` in the address."""
    shown, cards = page_day(request), card_list()
    card = _card(request, cards, shown.day)
    chosen = Filters.read(request.GET).csm
    if not chosen and "csm" not in request.GET and request.member.role == Role.CSM:
        chosen = ("me",)
    accounts = visible_to(request.member)
    wanted = [request.member.pk if one == "me" else int(one) for one in chosen if one != "none"]
    if chosen:
        nobody = Q(csm=None) if "none" in chosen else Q()
        accounts = accounts.filter(Q(csm__in=wanted) | nobody if wanted else nobody)
    order, page = request.GET.get("sort", "score"), _page(request)
    found = heat_get(accounts=accounts, day=shown.day, scorecard_id=card.pk, order=order, page=page)
    table = TableState.read(request.GET, _columns(found), "score")
    context: dict[str, Any] = {
        "shown": shown,
        "cards": [(one, table.url(card=one.pk, sort=None), one.pk == card.pk) for one in cards],
        "csms": [(member.pk, str(member)) for member in member_list() if member.is_active],
        "csm": wanted[0] if wanted else None,
        "card": card,
        "heat": found,
        "table": table,
        "rows": [(row, _cells(found.card, row, found)) for row in found.rows] if found.card else [],
        "first": (page - 1) * PAGE + 1,
        "last": (page - 1) * PAGE + len(found.rows),
        "before_url": table.url() + f"&page={page - 1}" if page > 1 else "",
        "next_url": table.url() + f"&page={page + 1}" if found.more else "",
    }
    return render(request, "portfolio/heat.html", context)


def _card(request: TenantRequest, cards: list[Scorecard], day: date) -> Scorecard:
    """The card asked for, else the one that scored most accounts on the day."""
    asked = request.GET.get("card", "")
    found = next((one for one in cards if str(one.pk) == asked), None)
    if found is not None or len(cards) == 1:
        return found or cards[0]
    counted = scored_count(day=day)
    return max(reversed(cards), key=lambda one: counted.get(one.pk, 0))


def _page(request: TenantRequest) -> int:
    text = request.GET.get("page", "1")
    return min(max(int(text), 1), LAST_PAGE) if text.isascii() and text.isdigit() and len(text) < 9 else 1


def _columns(found: Heat) -> list[Column]:
    said = _("The sub-score, 0 to 100, that the scorecard gives to this value; in a cell's title the value itself.")
    measures = [
        Column(key, fact_label(found.facts.get(key), key), numeric=True, definition=said)
        for key in (found.card.keys if found.card else ())
    ]
    return [NAME, Column("score", _("Health"), numeric=True), *measures]


def _cells(card: Card, row: HeatRow, found: Heat) -> list[SafeString]:
    return [
        heat_cell(card, score, value_words(found.facts.get(key), value))
        for key, (score, value) in zip(card.keys, row.cells, strict=True)
    ]


def heat_cell(card: Card, score: float | None, value: str) -> SafeString:
    """A cell: the sub-score as a whole number, in the colour of the band that it would be, and the value in words."""
    if score is None:
        tag = '<td class="n none"><span aria-hidden="true">–</span><span class="visually-hidden">{}</span></td>'
        return format_html(tag, _("no data"))
    band = band_of(card, int(score * UNITS + 0.5))
    title = f"{BAND_WORDS[band]}: {value}"
    return format_html('<td class="n {}" title="{}">{}</td>', band, title, formats.number(score))
