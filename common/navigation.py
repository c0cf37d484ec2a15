"""What the navigation offers to whom. Names are those of URLs below `/t/<slug>/`; a name whose URL does not
exist is left out, so that an entry appears together with its page."""

from dataclasses import dataclass
from functools import lru_cache

from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

RANKS = {"viewer": 0, "contributor": 1, "csm": 2, "manager": 3, "admin": 4}


@dataclass(frozen=True)
class Entry:
    """One line of the navigation: URL name, words, icon, and the lowest role that may open it."""

    name: str
    label: Promise
    icon: str
    role: str = "viewer"
    on_phone: bool = False


@dataclass(frozen=True)
class Group:
    """Entries under one heading; the first group has none."""

    label: Promise | None
    entries: tuple[Entry, ...]


GROUPS = (
    Group(
        None,
        (
            Entry("today", _("Today"), "today", on_phone=True),
            Entry("portfolio", _("Portfolio"), "portfolio", on_phone=True),
            Entry("segments", _("Segments"), "filter"),
            Entry("lifecycle", _("Lifecycle"), "trend"),
            Entry("owed", _("Owed service"), "tiers"),
            Entry("capacity", _("Capacity"), "capacity", role="csm"),
            Entry("retention", _("Retention"), "retention"),
            Entry("levels", _("Touches"), "note"),
            Entry("events", _("Events"), "members"),
            Entry("handovers", _("Hand-overs"), "handover"),
            Entry("service", _("Service"), "service"),
            Entry("surveys", _("Surveys"), "smile"),
            Entry("requests", _("Requests"), "voice"),
            Entry("cases", _("Success cases"), "star"),
            Entry("articles", _("Help articles"), "help"),
        ),
    ),
    Group(
        _("Set up"),
        (
            Entry("scorecard", _("Scorecard"), "scorecard"),
            Entry("alert_rules", _("Alert rules"), "warning"),
            Entry("stages", _("Stages"), "stages"),
            Entry("tiers", _("Service tiers"), "tiers"),
            Entry("features", _("Features"), "features"),
            Entry("products", _("Products"), "products"),
            Entry("rates", _("Exchange rates"), "rates", role="manager"),
            Entry("fields", _("Custom fields"), "columns", role="admin"),
            Entry("import", _("Import"), "import", role="manager"),
            Entry("intake", _("Intake"), "intake", role="admin"),
            Entry("nights", _("Nights"), "nights", role="manager"),
            Entry("members", _("Members"), "members", role="admin"),
            Entry("keys", _("Keys"), "keys", role="admin"),
            Entry("personal_data", _("Personal data"), "eraser", role="admin"),
            Entry("audit", _("Audit trail"), "audit", role="manager"),
            Entry("tenant_settings", _("Settings"), "settings", role="admin"),
        ),
    ),
)


@dataclass(frozen=True)
class Link:
    """An entry made ready for one request."""

    name: str
    label: Promise
    icon: str
    url: str
    current: bool
    on_phone: bool


def tenant_slug(request: HttpRequest | None) -> str:
    """The slug of the request's tenant, from the request or from its URL; empty outside a tenant."""
    tenant = getattr(request, "tenant", None)
    if tenant is not None:
        return str(tenant.slug)
    match = getattr(request, "resolver_match", None)
    return str(match.kwargs.get("slug", "")) if match else ""


def tenant_path(request: HttpRequest | None, name: str, *args: object, **kwargs: object) -> str:
    """The path of a page of the request's tenant, or "" where the page or the tenant does not exist."""
    slug = tenant_slug(request)
    return _path(name, slug, args, tuple(kwargs.items())) if slug else ""


@lru_cache(maxsize=4096)
def _path(name: str, slug: str, args: tuple[object, ...], kwargs: tuple[tuple[str, object], ...]) -> str:
    """A page names some fifty others around its own matter: finding their addresses anew took it a while each time."""
    try:
        if args:
            return reverse(name, args=(slug, *args))
        return reverse(name, kwargs={"slug": slug, **dict(kwargs)})
    except NoReverseMatch:
        return ""


def links_for(request: HttpRequest | None, role: str) -> list[tuple[Promise | None, list[Link]]]:
    """The groups a member of this role sees, empty groups left out."""
    here = request.path if request else ""
    groups = []
    for group in GROUPS:
        links = []
        for entry in group.entries:
            url = tenant_path(request, entry.name)
            if url and RANKS.get(role, -1) >= RANKS[entry.role]:
                current = here == url if entry.name == "today" else here.startswith(url)
                links.append(Link(entry.name, entry.label, entry.icon, url, current, entry.on_phone))
        if links:
            groups.append((group.label, links))
    return groups
