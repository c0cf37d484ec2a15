"""Today: whom do I call first, and why?"""

from datetime import date, timedelta
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.dateparse import parse_date
from django.utils.timezone import now
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from accounts.models import Account
from accounts.reasons import Asked, Reason, ReasonSource, reason_sources
from accounts.selectors import visible_to
from accounts.services.today import QUIET, SITTING, aside_drop, aside_put, look_seen, look_take
from common import formats
from common.pieces import leads_to, piece
from common.table import Chip
from playbooks.views import SNOOZES
from portfolio.selectors.news import news
from portfolio.selectors.today import PAGE, Gathered, Listed, after, rows_told, today_list
from portfolio.views.day import PageDay, page_day, today_of
from tenants.models import Role
from tenants.permissions import Permission, TenantRequest, member_required

FIRST_LOOK = timedelta(days=7)
SNOOZE_MOST = 365
MOST_BACK = 200


def _asked(request: TenantRequest) -> tuple[Asked, PageDay]:
    """Whose accounts the address means; a CSM's own where it does not say."""
    whose = request.GET.get("whose")
    mine = whose == "mine" if whose in ("mine", "all") else request.member.role == Role.CSM
    shown = page_day(request)
    return Asked(request.tenant, request.member, mine, shown.day, today_of(request.tenant)), shown


def _chosen(request: TenantRequest) -> list[str]:
    """The kinds of reasons that the address asks for."""
    return [kind for kind in request.GET.getlist("kind") if kind in reason_sources()]


def _wish(request: TenantRequest, asked: Asked, **changes: Any) -> str:
    """The query of the page with some of it changed; None takes a part out."""
    query = {
        "whose": "mine" if asked.mine else "all",
        "kind": _chosen(request),
        "put": request.GET.get("put"),
        **changes,
    }
    return "?" + urlencode([(k, v) for k, v in query.items() if v], doseq=True)


@require_GET
@member_required(Permission.READ)
def today(request: TenantRequest) -> HttpResponseBase:
    """The ranked list; for htmx only the rows of the next page."""
    asked, shown = _asked(request)
    kinds = set(_chosen(request))
    listed = today_list(asked=asked, kinds=kinds, put_aside=request.GET.get("put") == "aside")
    start = after(listed.rows, request.GET.get("after", "")) or 0
    rows = listed.rows[start : start + PAGE]
    context = {**_rows(request, asked, rows), "shown": shown}
    if len(listed.rows) > start + PAGE:
        context["next_url"] = _wish(request, asked, after=rows[-1].mark)
    if request.headers.get("HX-Request") and "after" in request.GET:
        return render(request, "portfolio/today_rows.html", context)
    return render(request, "portfolio/today.html", {**context, **_around(request, asked, listed, kinds)})


def _rows(request: TenantRequest, asked: Asked, gathered: list[Gathered]) -> dict[str, Any]:
    return {
        "rows": rows_told(gathered=gathered, asked=asked),
        "today": asked.today,
        "mine": asked.mine,
        "query": _wish(request, asked),
        "put_aside": request.GET.get("put") == "aside",
        "snoozes": SNOOZES,
        "tomorrow": asked.today + timedelta(days=1),
    }


def _around(request: TenantRequest, asked: Asked, listed: Listed, kinds: set[str]) -> dict[str, Any]:
    """What stands around the list: what is new, the kinds of reasons, and how the list is ranked."""
    at = now()
    look = look_take(member=request.member, at=at)
    since = look.since or look.at - FIRST_LOOK
    return {
        **_counts(request, asked, listed, kinds),
        "since": since,
        "first_look": look.since is None,
        "news": news(asked=asked, since=since),
        "sources": list(reason_sources().values()),
        "sitting": int(SITTING.total_seconds() // 60),
        "has_accounts": visible_to(request.member).exists,  # asked only where the list is empty, as is the next
        "all_new": lambda: _all_new(request),
    }


def _all_new(request: TenantRequest) -> bool:
    """Whether every account came in after the figures shown were computed, so that no night has looked at any."""
    computed_at, accounts = page_day(request).computed_at, visible_to(request.member)
    return computed_at is not None and accounts.exists() and not accounts.filter(created_at__lte=computed_at).exists()


def _counts(request: TenantRequest, asked: Asked, listed: Listed, kinds: set[str]) -> dict[str, Any]:
    """How many accounts want somebody, and why: what follows when a row is dealt with."""
    return {
        "listed": listed,
        "kinds": _kinds(request, asked, listed, kinds),
        "chosen": [Chip(source.label) for source in reason_sources().values() if source.key in kinds],
        "all_kinds": _wish(request, asked, kind=None, put=None),
        "aside_url": _wish(request, asked, kind=None, put="aside"),
    }


def _renewed(request: TenantRequest, asked: Asked) -> dict[str, Any]:
    """The counts beside the list as they are now, to go along with the answer to a row."""
    kinds = set(_chosen(request))
    listed = today_list(asked=asked, kinds=kinds, put_aside=request.GET.get("put") == "aside")
    return {**_counts(request, asked, listed, kinds), "renew": True, "tenant": request.tenant}


def _kinds(
    request: TenantRequest, asked: Asked, listed: Listed, chosen: set[str]
) -> list[tuple[ReasonSource, int, bool, str]]:
    """The kinds of reasons that there are: source, accounts, whether it is chosen, and where a click leads."""
    found = []
    for source in reason_sources().values():
        if listed.counts.get(source.key) or source.key in chosen:
            then = sorted(chosen ^ {source.key})
            url = _wish(request, asked, kind=then)
            found.append((source, listed.counts.get(source.key, 0), source.key in chosen, url))
    return found


def _account(request: TenantRequest, pk: int) -> Account:
    return get_object_or_404(visible_to(request.member), pk=pk)


@require_GET
@member_required(Permission.READ)
@piece(leads_to("today", carried=True, place="call-{pk}"))
def today_row(request: TenantRequest, pk: int) -> HttpResponseBase:
    """One row anew, as after a touch; nothing where the account wants nobody any more."""
    account, (asked, _shown) = _account(request, pk), _asked(request)
    listed = today_list(asked=asked.only(account.pk), kinds=_chosen(request))
    context = {**_rows(request, asked.only(account.pk), listed.rows), **_renewed(request, asked)}
    return render(request, "portfolio/today_again.html", context)


@require_POST
@member_required(Permission.READ)
def today_seen(request: TenantRequest) -> HttpResponseBase:
    """What is new is seen; what comes from now on counts as new."""
    look_seen(member=request.member, at=now())
    asked, _shown = _asked(request)
    if request.headers.get("HX-Request"):
        return render(
            request, "portfolio/today_news.html", {"news": [], "since": now(), "query": _wish(request, asked)}
        )
    return redirect(reverse("today", args=[request.tenant.slug]) + _wish(request, asked))


@require_POST
@member_required(Permission.WORK)
def today_do(request: TenantRequest, pk: int, act: str) -> HttpResponseBase:
    """Done, snoozed, or taken back: answers what was done, with the way back, and the row as it is then."""
    account, (asked, _shown) = _account(request, pk), _asked(request)
    dealt = any(act in source.deals for source in reason_sources().values())
    if act not in ("done", "snooze", "undo") and not dealt:
        raise Http404
    try:
        if act == "snooze":
            said, undo = _snooze(request, account, asked)
        elif act == "undo":
            said, undo = _undo(request, account, asked)
        else:
            said, undo = _deal(request, account, asked, act)
    except ValidationError as error:
        if request.headers.get("HX-Request"):
            return HttpResponse(formats.sentences(error.messages), status=409, content_type="text/plain; charset=utf-8")
        messages.error(request, formats.sentences(error.messages))
        return redirect(reverse("today", args=[request.tenant.slug]) + _wish(request, asked))
    if not request.headers.get("HX-Request"):
        messages.success(request, said, extra_tags=f"undo:{undo}" if undo else "")
        return redirect(reverse("today", args=[request.tenant.slug]) + _wish(request, asked))
    aside = request.GET.get("put") == "aside"
    listed = today_list(asked=asked.only(account.pk), kinds=_chosen(request), put_aside=aside)
    context = {**_rows(request, asked.only(account.pk), listed.rows), **_renewed(request, asked)}
    return render(request, "portfolio/today_did.html", {**context, "account": account, "said": said, "undo": undo})


def _reasons(account: Account, asked: Asked) -> list[Reason]:
    listed = today_list(asked=asked.only(account.pk))
    return [reason for row in listed.rows for reason in row.reasons]


def _back(request: TenantRequest, account: Account, asked: Asked, keys: list[str]) -> str:
    """The address that takes back what was done to the reasons `source key`."""
    path = reverse("today_do", args=[request.tenant.slug, account.pk, "undo"])
    return path + _wish(request, asked) + "&" + urlencode([("reason", key) for key in keys])


def _deal(request: TenantRequest, account: Account, asked: Asked, act: str) -> tuple[str, str]:
    """A reason is dealt with: for everybody where its source knows how, else put aside for this person."""
    wanted = request.POST.get("reason", "")
    found = [one for one in _reasons(account, asked) if f"{one.source} {one.key}" == wanted]
    if not found:
        raise ValidationError(_("This reason is no longer there; load the page anew."))
    source, key, at = reason_sources()[found[0].source], found[0].key, now()
    if act in source.deals:
        said = source.deals[act](account, key, request.member, at, asked.today)
        return f"{account.name}{_(': ')}{said}", _back(request, account, asked, [wanted])
    until = asked.today + QUIET
    aside_put(member=request.member, account=account, keys=[key], until=until, today=asked.today, at=at, done=True)
    names = {"name": account.name, "what": source.label}
    said = _("%(name)s: “%(what)s” is put aside for you until it changes, at most 14 days.") % names
    return said, _back(request, account, asked, [f"aside {key}"])


def _snooze(request: TenantRequest, account: Account, asked: Asked) -> tuple[str, str]:
    """Everything that is known of the account now is put off for this person; a new reason brings it back at once."""
    until = _until(request, asked.today)
    reasons = _reasons(account, asked)
    if not reasons:
        raise ValidationError(_("This reason is no longer there; load the page anew."))
    keys = [reason.key for reason in reasons]
    aside_put(member=request.member, account=account, keys=keys, until=until, today=asked.today, at=now())
    said = _("%(name)s is snoozed until %(day)s, or until something new comes up.")
    back = _back(request, account, asked, [f"aside {key}" for key in keys])
    return said % {"name": account.name, "day": formats.day(until)}, back


def _until(request: TenantRequest, today: date) -> date:
    """The day asked for, as a number of days or as a date. Raises ValidationError with what would be accepted."""
    text = request.POST.get("days", "")
    if text.isascii() and text.isdigit() and len(text) < 4:
        days = int(text)
    else:
        try:
            day = parse_date(request.POST.get("until", ""))
        except ValueError:
            day = None
        days = (day - today).days if day else 0
    if not 0 < days <= SNOOZE_MOST:
        raise ValidationError(_("Choose a day in the future, at most a year ahead."))
    return today + timedelta(days=days)


def _undo(request: TenantRequest, account: Account, asked: Asked) -> tuple[str, str]:
    """Take back: reasons put aside show again, what was done is open again."""
    at = now()
    for wanted in request.GET.getlist("reason")[:MOST_BACK]:
        name, _space, key = wanted.partition(" ")
        source = reason_sources().get(name)
        if source is not None and "undo" in source.deals:
            source.deals["undo"](account, key, request.member, at, asked.today)
        else:
            aside_drop(member=request.member, account=account, keys=[key])
    return _("%(name)s is as before.") % {"name": account.name}, ""
