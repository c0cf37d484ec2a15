"""The command palette's answers: accounts, people, touches, pages and actions by a few letters."""

from dataclasses import dataclass

from django.http import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from accounts.selectors.search import Hit, search
from common import formats
from common.navigation import links_for, tenant_path
from common.pieces import leads_to, piece
from portfolio.filters import LONGEST_SEARCH
from tenants.permissions import Permission, TenantRequest, is_allowed, member_required

MOST = 8
MOST_OF_EACH = 5
MOST_LOGS = 2


@dataclass(frozen=True)
class Option:
    """One thing that can be chosen."""

    label: str
    url: str
    icon: str
    hint: str = ""
    dialog: bool = False


@require_GET
@member_required(Permission.READ)
@piece(leads_to("portfolio", carried=True, only=("q",)))
def palette(request: TenantRequest) -> HttpResponseBase:
    """What the letters find; without letters the pages and actions."""
    query = request.GET.get("q", "").replace("\x00", "").strip()[:LONGEST_SEARCH]
    sections = [(_("Pages"), _pages(request, query)), (_("Actions"), _actions(request, query))]
    if query:
        sections = [*_things(request, query), *sections]
    shown = [section for section in sections if section[1]]
    return render(request, "common/palette_options.html", {"sections": shown, "query": query})


def _things(request: TenantRequest, query: str) -> list[tuple[str, list[Option]]]:
    """Accounts and the quick logs of the first, people, touches."""
    found = search(text=query, member=request.member, accounts=MOST, people=MOST_OF_EACH, touches=MOST_OF_EACH)

    def address(hit: Hit) -> str:
        return reverse("account", args=[request.tenant.slug, hit.account_id])

    accounts = [Option(hit.text, address(hit), "account", hit.hint) for hit in found.accounts]
    people = [Option(hit.text, address(hit) + "#people", "person", hit.account) for hit in found.people]
    touches = [
        Option(_excerpt(hit.text, query), f"{address(hit)}#touch-{hit.id}", "note", _where_and_when(hit))
        for hit in found.touches
    ]
    return [
        (_("Accounts"), accounts),
        (_("Log a touch"), _logs(request, accounts)),
        (_("People"), people),
        (_("Touches"), touches),
    ]


def _where_and_when(hit: Hit) -> str:
    return f"{hit.account} · {formats.day(hit.on, 'short')}" if hit.on else hit.account


def _logs(request: TenantRequest, accounts: list[Option]) -> list[Option]:
    """The quick log of the accounts that come first."""
    if not is_allowed(request.member, Permission.WORK):
        return []
    said = _("Log a touch: %(name)s")
    return [
        Option(said % {"name": one.label}, f"{one.url}touches/new/", "note", dialog=True)
        for one in accounts[:MOST_LOGS]
    ]


def _excerpt(note: str, query: str) -> str:
    """The part of a note around what was typed."""
    text = " ".join(note.split())
    words = query.split()
    place = max(text.lower().find(words[0].lower()) - 20, 0) if words else 0
    return ("…" if place else "") + text[place : place + 70] + ("…" if len(text) > place + 70 else "")


def _pages(request: TenantRequest, query: str) -> list[Option]:
    links = [link for _label, links in links_for(request, request.member.role) for link in links]
    return [Option(str(x.label), x.url, x.icon) for x in links if query.lower() in str(x.label).lower()]


def _actions(request: TenantRequest, query: str) -> list[Option]:
    offered = [
        (Permission.WORK, _("New account"), "account_new", "plus"),
        (Permission.MANAGE, _("Import accounts"), "import", "import"),
        (Permission.MANAGE, _("Archived accounts"), "accounts_archived", "account"),
        (Permission.READ, _("Export the portfolio"), "portfolio_export", "export"),
    ]
    return [
        Option(label, tenant_path(request, name), icon)
        for permission, label, name, icon in offered
        if is_allowed(request.member, permission) and query.lower() in label.lower()
    ]
