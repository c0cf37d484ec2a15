"""Differentiated service: what is owed to whom, the tiers, what their rules suggest, and an account's tier."""

from collections import Counter
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.timezone import now
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_POST

from accounts.back import account_url, dialog, done
from accounts.models import Account, ServiceTier
from accounts.segment_pages import editor_context, typed_document
from accounts.segments.catalogue import catalogue
from accounts.selectors import visible_sql, visible_to
from accounts.selectors.lifecycle import said
from accounts.selectors.tier_rules import suggestions
from accounts.selectors.tiers import Owed, behind, owed, tier_counts, tier_list, tiers_with_duties
from accounts.services import (
    EditConflict,
    account_change,
    tier_archive,
    tier_move,
    tier_restore,
    tier_save,
    tiers_set,
)
from accounts.tier_forms import AccountTierForm, TierForm, duty_forms
from accounts.views import work
from common import formats
from common.csvfile import csv_response
from common.edits import locked
from operations.days import local_date
from operations.selectors import day_of_request
from tenants.models import Role
from tenants.permissions import Permission, TenantRequest, member_required

administer = member_required(Permission.ADMINISTER)
SHOWN = 200


def _today(request: TenantRequest) -> Any:
    return local_date(request.tenant.timezone, now())


def _day(request: TenantRequest) -> Any:
    shown = day_of_request(request, request.tenant)
    return shown.day if shown else _today(request)


def _late(request: TenantRequest) -> tuple[list[tuple[Owed, Account]], bool]:
    """What is overdue at the accounts asked for, the furthest behind first; and whether those are one's own."""
    asked = request.GET.get("whose")
    mine = asked == "mine" if asked in ("mine", "all") else request.member.role == Role.CSM
    accounts = visible_to(request.member).exclude(tier=None).select_related("csm__user", "tier")
    held = {account.pk: account for account in (accounts.filter(csm=request.member) if mine else accounts)}
    return [(one, held[one.account_id]) for one in behind(list(held), _today(request))], mine


@require_GET
@member_required(Permission.READ)
def owed_page(request: TenantRequest) -> HttpResponseBase:
    """The accounts behind on what their tier owes them, by how many days, and by CSM."""
    late, mine = _late(request)
    people: dict[Any, list[Owed]] = {}
    for one, account in late:
        people.setdefault(account.csm, []).append(one)
    rows = [
        (csm, len({o.account_id for o in each}), len(each), max(o.behind for o in each)) for csm, each in people.items()
    ]
    context = {
        "late": late[:SHOWN],
        "more": max(len(late) - SHOWN, 0),
        "accounts": len({one.account_id for one, _account in late}),
        "mine": mine,
        "people": sorted(rows, key=lambda row: (-row[2], str(row[0]))),
        "tiers": tier_list(),
        "today": _today(request),
    }
    return render(request, "accounts/owed.html", context)


@require_GET
@member_required(Permission.READ)
def owed_csv(request: TenantRequest) -> HttpResponseBase:
    """The same as a file."""
    late, _mine = _late(request)
    head = [
        _("External id"),
        _("Account"),
        _("CSM"),
        _("Service tier"),
        _("What is owed"),
        _("Last"),
        _("Due"),
        _("Days behind"),
    ]
    rows = ([a.external_id, a.name, a.csm or "", o.tier, o.duty, o.last or "", o.due, o.behind] for o, a in late)
    return csv_response(f"owed-{_today(request)}", head, rows)


@require_GET
@member_required(Permission.READ)
def tiers(request: TenantRequest) -> HttpResponseBase:
    """The tiers with what they owe and which accounts they are suggested for."""
    counts, held = tier_counts(), tiers_with_duties()
    fields = catalogue() if any(tier.rule for tier, _duties in held) else {}
    rows = [
        (tier, duties, counts.get(tier.pk, 0), said(tier.rule, fields) if tier.rule else "") for tier, duties in held
    ]
    suggested = suggestions(day=_day(request), zone=request.tenant.timezone, visible=visible_sql(request.member, "a"))
    archived = tier_list(archived=True)
    return render(request, "accounts/tiers.html", {"rows": rows, "archived": archived, "suggested": len(suggested)})


@administer
def tier_edit(request: TenantRequest, pk: int | None = None) -> HttpResponseBase:
    """A new tier with its duties, or a changed one."""
    tier = get_object_or_404(ServiceTier, pk=pk) if pk is not None else None
    first = {"name": tier.name, "version": tier.version} if tier else None
    data = request.POST if request.method == "POST" else None
    form, duties = TierForm(data, initial=first), duty_forms(data, tier)
    if data is not None and all([form.is_valid(), *(duty.is_valid() for duty in duties)]):
        owed_ = [duty.cleaned_data for duty in duties if duty.cleaned_data.get("name")]
        values = {"name": form.cleaned_data["name"], "duties": owed_}
        try:
            tier_save(values=values, at=now(), by=request.member, tier=tier, version=form.cleaned_data["version"])
        except EditConflict as conflict:
            form = TierForm({**request.POST.dict(), "version": ServiceTier.objects.get(pk=pk or 0).version})
            form.add_error(None, conflict.messages)
        except ValidationError as error:
            form.add_error(None, error.messages)
        else:
            return done(request, _("Saved."), reverse("tiers", args=[request.tenant.slug]))
    return render(request, "accounts/tier_form.html", {"form": form, "duties": duties, "tier": tier})


@administer
def tier_rule(request: TenantRequest, pk: int) -> HttpResponseBase:
    """The rule that suggests a tier, counted as one types."""
    tier = get_object_or_404(ServiceTier, pk=pk)
    posted = request.method == "POST"
    definition: Any = typed_document(request) if posted else tier.rule or {"all": []}
    faults: list[str] = []
    if posted:
        try:
            tier_save(values={"rule": definition or ""}, at=now(), by=request.member, tier=tier)
        except ValidationError as error:
            faults = error.messages
        else:
            return done(request, _("Saved."), reverse("tiers", args=[request.tenant.slug]))
    context = {"tier": tier, "definition": definition, "faults": faults, **editor_context(catalogue())}
    return render(request, "accounts/tier_rule.html", context)


@require_POST
@administer
def tier_do(request: TenantRequest, pk: int) -> HttpResponseBase:
    """Move a tier up or down, archive it or bring it back (`act`)."""
    tier, act, at = get_object_or_404(ServiceTier, pk=pk), request.POST.get("act", ""), now()
    try:
        if act in ("up", "down"):
            tier_move(tier=tier, up=act == "up", at=at, by=request.member)
        elif act == "archive":
            tier_archive(tier=tier, at=at, by=request.member)
            undo = f"undo:{reverse('tier_do', args=[request.tenant.slug, pk])}"
            said_ = _("The tier “%(name)s” is archived; accounts keep it and are owed nothing.") % {"name": tier.name}
            messages.success(request, said_, extra_tags=undo)
        else:
            tier_restore(tier=tier, at=at, by=request.member)
    except ValidationError as error:
        messages.error(request, formats.sentences(error.messages))
    return redirect(reverse("tiers", args=[request.tenant.slug]))


@work
def tiers_suggested(request: TenantRequest) -> HttpResponseBase:
    """Accounts whose tier is another than the rules suggest; those picked are given it, in one change."""
    visible = visible_sql(request.member, "a")
    found = {
        one.account_id: one for one in suggestions(day=_day(request), zone=request.tenant.timezone, visible=visible)
    }
    named = {tier.pk: tier for tier in (*tier_list(), *tier_list(archived=True))}
    here = reverse("tiers_suggested", args=[request.tenant.slug])
    if request.method == "POST":
        picked = {
            int(text) for text in request.POST.getlist("pick") if text.isascii() and text.isdigit() and len(text) < 19
        }
        meant = {pk: named[found[pk].tier_id] for pk in picked & found.keys()}
        return _give(request, meant, here)
    accounts = {a.pk: a for a in visible_to(request.member).filter(pk__in=list(found)).select_related("csm__user")}
    rows = [
        (accounts[pk], named[one.tier_id], named.get(one.held_id or 0)) for pk, one in found.items() if pk in accounts
    ]
    counts = Counter(tier for _account, tier, _held in rows)
    return render(request, "accounts/tiers_suggested.html", {"rows": rows, "counts": list(counts.items())})


def _give(request: TenantRequest, meant: dict[int, ServiceTier], here: str) -> HttpResponseBase:
    if not meant:
        messages.error(request, _("Choose accounts first."))
        return redirect(here)
    accounts = visible_to(request.member).filter(pk__in=list(meant))
    try:
        change = tiers_set(accounts=accounts, tiers=meant, at=now(), by=request.member)
    except ValidationError as error:
        messages.error(request, formats.sentences(error.messages))
        return redirect(here)
    count = len(change.changes)
    words = ngettext("%(count)d account is changed.", "%(count)d accounts are changed.", count) % {"count": count}
    undo = f"undo:{reverse('bulk_undo', args=[request.tenant.slug, change.pk])}"
    messages.success(request, words, extra_tags=undo)
    return redirect(here)


@work
def account_tier(request: TenantRequest, pk: int) -> HttpResponseBase:
    """An account's tier, what it takes the product for and who drives it, beside what the rules suggest."""
    rows = visible_to(request.member).select_related("csm__user", "tier")
    account = get_object_or_404(locked(rows, sent=request.method == "POST"), pk=pk)
    form = AccountTierForm(request.POST or None, account=account)
    if request.method == "POST" and form.agreed():
        try:
            account_change(account=account, values=form.values(), at=now(), by=request.member)
        except ValidationError as error:
            form.add_error(None, error.messages)
        else:
            return done(request, _("Saved."), account_url(request, pk))
    other = suggestions(day=_day(request), zone=request.tenant.timezone, account_id=pk)
    suggested = form.tiers.get(other[0].tier_id) if other else None
    context = {
        "form": form,
        "account": account,
        "suggested": suggested,
        "why": said(suggested.rule, catalogue()) if suggested else "",
        "owed": owed([pk], _today(request)).get(pk, []),
    }
    return dialog(request, "accounts/account_tier.html", context)
