"""Parts of the account page: people, timeline, comparison with the segment; each at an address of its own too."""

from collections.abc import Callable
from functools import partial
from typing import Any

from django.http import HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from accounts.models import Account
from accounts.pieces import account_piece
from accounts.selectors import contact_list, visible_to
from common import formats
from portfolio.filters import LONGEST_SEARCH
from portfolio.gap_words import gap_words, missing_words, state_mark
from portfolio.selectors.compare import Compared, compare_get
from portfolio.selectors.people import Branch, People, Stakeholder
from portfolio.selectors.timeline import Asked, cursor_read, day_read, kinds_all, timeline_page
from portfolio.views.day import page_day
from tenants.permissions import Permission, TenantRequest, member_required
from usage.facts import CONCENTRATION_FACTS

USERS_SHOWN = 8
GAP_TONES = {"against": "red", "no_role": "red", "champion_left": "red", "unconvinced": "unknown", "alone": "unknown"}


def account_or_404(request: TenantRequest, pk: int) -> Account:
    """The account, when the member may see it; as unknown otherwise."""
    found = get_object_or_404(visible_to(request.member).select_related("csm__user"), pk=pk)
    found.tenant = request.tenant  # the same one: it need not be read again
    return found


def people_context(people: People) -> dict[str, Any]:
    """The map, the gaps, the list of people and of users, made ready for the page."""
    cards = {one.contact.pk: _card(one) for one in people.stakeholders}
    top, index = CONCENTRATION_FACTS
    return {
        "people": list(cards.values()),
        "branches": [_placed(branch, cards) for branch in people.branches],
        "left": [card for card in cards.values() if card["one"].person.left],
        "gaps": [(GAP_TONES.get(gap.kind, "amber"), gap_words(gap)) for gap in people.gaps],
        "users": people.users[:USERS_SHOWN],
        "users_left": max(len(people.users) - USERS_SHOWN, 0),
        "contacts": [one.contact for one in people.stakeholders if not one.person.left],
        "top_share": people.top_share,
        "concentration": people.concentration,
        "concentration_facts": {"top": top, "index": index},
    }


def _card(one: Stakeholder) -> dict[str, Any]:
    tone, word = state_mark(one.person)
    silent = one.person.touch_days
    return {"one": one, "tone": tone, "word": word, "missing": missing_words(one.person), "silent": silent}


def _placed(branch: Branch, cards: dict[int, dict[str, Any]]) -> dict[str, Any]:
    return {**cards[branch.one.contact.pk], "below": [_placed(below, cards) for below in branch.below]}


def asked_of(request: TenantRequest) -> Asked:
    """What part of the timeline the address names; what it cannot mean is left out."""
    person = request.GET.get("person", "")
    return Asked(
        kinds=frozenset(request.GET.getlist("kind")) & {kind for kind, _label in kinds_all()},
        person=int(person) if person.isascii() and person.isdigit() and len(person) < 19 else None,
        first=day_read(request.GET.get("from", "")),
        last=day_read(request.GET.get("until", "")),
        text=request.GET.get("q", "").replace("\x00", "").strip()[:LONGEST_SEARCH],
        cursor=cursor_read(request.GET.get("cursor", "")),
    )


def _timeline_context(request: TenantRequest, found: Account) -> dict[str, Any]:
    """A page of the timeline with the filters that stand and where it goes on."""
    asked = asked_of(request)
    page = timeline_page(account=found, asked=asked)
    params = request.GET.copy()
    params["cursor"] = page.cursor
    return {
        "asked": asked,
        "entries": page.entries,
        "more": params.urlencode() if page.cursor else "",
        "kinds": [(kind, label, kind in asked.kinds) for kind, label in kinds_all()],
        "filtered": bool(asked.kinds or asked.person or asked.first or asked.last or asked.text),
    }


@require_GET
@member_required(Permission.READ)
@account_piece
def timeline(request: TenantRequest, pk: int) -> HttpResponseBase:
    """The timeline as a part of the account page; of it only the entries for its filters, or those after a cursor."""
    found = account_or_404(request, pk)
    template = "portfolio/account_timeline.html"
    if request.GET.get("cursor"):
        template = "portfolio/timeline_entries.html"
    elif request.headers.get("HX-Target") == "timeline-list":
        template = "portfolio/timeline_list.html"
    context = {"account": found, "contacts": contact_list(account=found), **_timeline_context(request, found)}
    return render(request, template, context)


@require_GET
@member_required(Permission.READ)
@account_piece
def compare(request: TenantRequest, pk: int) -> HttpResponseBase:
    """The account's figures beside the medians of its segment."""
    found, shown = account_or_404(request, pk), page_day(request)
    comparison = compare_get(account=found, day=shown.day)
    rows = [(_compared(one), one) for one in comparison.figures]
    score = _beside(*comparison.score, formats.number)
    context = {"account": found, "comparison": comparison, "score": score, "rows": rows, "shown": shown}
    return render(request, "portfolio/account_compare.html", context)


def _compared(one: Compared) -> tuple[str, str, str, str]:
    return _beside(one.own, one.median, partial(_value, one))


def _beside(own: float | None, median: float | None, say: Callable[[float], str]) -> tuple[str, str, str, str]:
    """Own figure, median, and which way the account differs, in an arrow and a word."""
    if own is None or median is None:
        return "–" if own is None else say(own), "–" if median is None else say(median), "", ""
    said, middle = say(own), say(median)
    if said == middle:  # as one reads them: nobody sees a difference behind the digits
        return said, middle, "=", _("as the median")
    return said, middle, *(("↑", _("above")) if own > median else ("↓", _("below")))


def _value(one: Compared, value: float) -> str:
    if one.fact.key == "user_concentration":
        return formats.number(value, 2)
    return formats.percent(value) if one.fact.unit == "ratio" else formats.number(value)
