"""The command palette's answers: accounts, people, touches, pages and actions by a few letters."""

from dataclasses import dataclass

from django.http import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from accounts.selectors import contact_search, touch_search, visible_to
from common import formats
from common.navigation import links_for, tenant_path
from portfolio.filters import LONGEST_SEARCH, Filters
from portfolio.selectors.table import account_ids
from portfolio.views.day import page_day
from tenants.permissions import Permission, TenantRequest, is_allowed, member_required

MOST = 8
MOST_PEOPLE = 5
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
def palette(request: TenantRequest) -> HttpResponseBase:
    """What the letters find; without letters the pages and actions."""
    query = request.GET.get("q", "").replace("\x00", "").strip()[:LONGEST_SEARCH]
    sections = [(_("Pages"), _pages(request, query)), (_("Actions"), _actions(request, query))]
    if query:
        accounts = _accounts(request, query)
        touches = _touches(request, query)
        people = _people(request, query, anywhere=not accounts and not touches)
        found = [(_("Accounts"), accounts), (_("Log a touch"), _logs(request, accounts))]
        sections = [*found, (_("People"), people), (_("Touches"), touches), *sections]
    shown = [section for section in sections if section[1]]
    return render(request, "common/palette_options.html", {"sections": shown, "query": query})


def _accounts(request: TenantRequest, query: str) -> list[Option]:
    day = page_day(request).day
    ids = account_ids(member=request.member, filters=Filters(q=query), order="-arr", day=day, limit=MOST)
    held = {account.pk: account for account in visible_to(request.member).filter(pk__in=ids)}
    slug = request.tenant.slug
    return [
        Option(held[pk].name, reverse("account", args=[slug, pk]), "account", held[pk].external_id)
        for pk in ids
        if pk in held
    ]


def _logs(request: TenantRequest, accounts: list[Option]) -> list[Option]:
    """The quick log of the accounts that come first."""
    if not is_allowed(request.member, Permission.WORK):
        return []
    said = _("Log a touch: %(name)s")
    return [
        Option(said % {"name": one.label}, f"{one.url}touches/new/", "note", dialog=True)
        for one in accounts[:MOST_LOGS]
    ]


def _touches(request: TenantRequest, query: str) -> list[Option]:
    slug = request.tenant.slug
    return [
        Option(
            _excerpt(touch.note, query),
            reverse("account", args=[slug, touch.account_id]) + f"#touch-{touch.pk}",
            "note",
            f"{touch.account.name} · {formats.day(touch.on, 'short')}",
        )
        for touch in touch_search(text=query, member=request.member, limit=MOST_PEOPLE)
    ]


def _excerpt(note: str, query: str) -> str:
    """The part of a note around what was typed."""
    text = " ".join(note.split())
    words = query.split()
    place = max(text.lower().find(words[0].lower()) - 20, 0) if words else 0
    return ("…" if place else "") + text[place : place + 70] + ("…" if len(text) > place + 70 else "")


def _people(request: TenantRequest, query: str, *, anywhere: bool) -> list[Option]:
    people = contact_search(text=query, member=request.member, limit=MOST_PEOPLE, anywhere=anywhere)
    slug = request.tenant.slug
    return [
        Option(
            person.name, reverse("account", args=[slug, person.account_id]) + "#people", "person", person.account.name
        )
        for person in people
    ]


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
