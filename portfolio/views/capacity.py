"""Capacity: what each CSM carries and brings in, and what moving accounts would do."""

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import Count
from django.http import HttpResponseBase, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.timezone import now
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_POST

from accounts.cells import cells
from accounts.models import Account
from accounts.owners import owners, owners_ever
from accounts.segment_choice import SegmentChoice, segment_choice
from accounts.selectors.payments import targets_of
from accounts.selectors.tiers import tier_list
from accounts.services import accounts_set, csm_target_set
from common import formats
from common.components import BAND_WORDS
from common.csvfile import csv_response
from portfolio.capacity import BANDS, Load, sides
from portfolio.selectors.capacity import Carries, book_get, team_get
from portfolio.views.day import page_day, today_of
from tenants.models import Member, Role
from tenants.permissions import Permission, TenantRequest, is_allowed, member_required

manage = member_required(Permission.MANAGE)
MOST = 500


def _year(request: TenantRequest) -> int:
    asked, this = request.GET.get("year", ""), today_of(request.tenant).year
    return int(asked) if asked.isascii() and asked.isdigit() and len(asked) == 4 and asked > "1999" else this


def _rows(request: TenantRequest, choice: SegmentChoice) -> tuple[list[Carries], set[str], Any]:
    """The team as the reader may see it: managers all, CSMs themselves."""
    team = team_get(
        tenant=request.tenant,
        year=_year(request),
        day=page_day(request).day,
        today=today_of(request.tenant),
        account_ids=choice.ids,
    )
    if is_allowed(request.member, Permission.MANAGE):
        return team.rows, team.lacks, team.total
    return [row for row in team.rows if row.csm == request.member], team.lacks, None


@require_GET
@member_required(Permission.WORK)
def capacity(request: TenantRequest) -> HttpResponseBase:
    """A row per CSM: accounts, ARR and collected against target, load, overdue work, ARR at risk, health."""
    choice = segment_choice(request)
    rows, lacks, total = _rows(request, choice)
    year, today = _year(request), today_of(request.tenant)
    context = {
        "rows": [(row, _shares(row), mix(row.load)) for row in rows],
        "total": total,
        "choice": choice,
        "collected": sum((row.collected for row in rows), Decimal(0)),
        "lacks": _(", ").join(sorted(lacks)),
        "year": year,
        "years": [today.year - 1, today.year, today.year + 1],
        "passed": _passed(year, today),
        "tiers": tier_list(),
        "all": total is not None,
    }
    return render(request, "portfolio/capacity.html", context)


def mix(load: Load) -> list[tuple[str, Any, int]]:
    """The accounts by health: band, its word, how many; bands without any are left out."""
    return [(band, BAND_WORDS[band], load.bands[band]) for band in BANDS if load.bands.get(band)]


def _passed(year: int, today: date) -> float:
    """How much of the year is over."""
    first = date(year, 1, 1)
    return min(max((today - first).days + 1, 0) / (date(year + 1, 1, 1) - first).days, 1.0)


def _shares(row: Carries) -> dict[str, float | None]:
    """Accounts, ARR and collected ÷ target; None without one."""
    target = row.target
    pairs: dict[str, tuple[Any, Any]] = {
        "accounts": (row.load.accounts, target.accounts if target else None),
        "arr": (row.load.arr, target.arr if target else None),
        "collected": (row.collected, target.collected if target else None),
    }
    return {name: float(value) / float(goal) if goal else None for name, (value, goal) in pairs.items()}


@require_GET
@member_required(Permission.WORK)
def capacity_csv(request: TenantRequest) -> HttpResponseBase:
    """The same as a file."""
    rows, _lacks, _total = _rows(request, segment_choice(request))
    head = [
        _("CSM"), _("Accounts"), _("Accounts, full load"), _("ARR"), _("ARR target"), _("Collected"),
        _("Collection target"), _("Touches owed per month"), _("Next steps overdue"), _("Owed service overdue"),
        _("ARR at risk"), *(BAND_WORDS[band] for band in BANDS),
    ]  # fmt: skip
    lines = (
        [
            row.csm or _("nobody"), row.load.accounts, goal("accounts", row), row.load.arr, goal("arr", row),
            row.collected, goal("collected", row), round(row.load.load, 2), row.load.steps, row.load.owed,
            row.load.at_risk, *(row.load.bands.get(band, 0) for band in BANDS),
        ]
        for row in rows
    )  # fmt: skip
    return csv_response(f"capacity-{_year(request)}", head, lines)


def goal(name: str, row: Carries) -> Any:
    """A target of a row, empty where there is none."""
    value = getattr(row.target, name) if row.target else None
    return "" if value is None else value


def _ids(values: list[str]) -> set[int]:
    return {int(text) for text in values if text.isascii() and text.isdigit() and len(text) < 19}


def _sides(request: TenantRequest, data: QueryDict) -> dict[str, Any]:
    """Both sides before and after, for the accounts picked and the CSM chosen; nothing while one is missing."""
    picked, to = _ids(data.getlist("pick")), next(iter(_ids([data.get("to", "")])), None)
    people = {one.pk: one for one in owners()}
    if not picked or to not in people:
        return {"sides": [], "picked": picked, "to": to}
    book = book_get(tenant=request.tenant, day=page_day(request).day, today=today_of(request.tenant))
    known = owners_ever()
    targets = targets_of(year=today_of(request.tenant).year)
    found = [
        {
            "csm": known.get(side.csm_id or 0),
            "target": targets.get(side.csm_id or 0),
            "states": [(side.before, mix(side.before)), (side.after, mix(side.after))],
        }
        for side in sides(items=book.items, picked=picked, csm_id=to)
    ]
    return {"sides": found, "picked": picked, "to": to}


def _fullest(people: Iterable[Member]) -> int | None:
    """Who looks after most accounts: the likeliest to give some away."""
    held = Account.objects.filter(archived_at=None, csm__in=[member.pk for member in people])
    counts = held.values("csm").annotate(count=Count("id")).order_by("-count", "csm")
    return next((row["csm"] for row in counts[:1]), None)


@manage
def capacity_move(request: TenantRequest) -> HttpResponseBase:
    """What if these accounts went to that CSM? A GET shows both sides, a POST saves it in one change with undo."""
    if request.method == "POST":
        return _save(request)
    people = owners()
    source = next(iter(_ids([request.GET["from"]])), None) if "from" in request.GET else _fullest(people)
    accounts = Account.objects.filter(archived_at=None, csm=source).select_related("tier")
    day = page_day(request).day
    book = {item.account_id: item for item in book_get(
        tenant=request.tenant, day=day, today=today_of(request.tenant)).items}  # fmt: skip
    rows = [(account, book[account.pk]) for account in accounts.order_by("-arr", "name_key", "id")[:MOST]]
    context = {"people": people, "source": source, "rows": rows, **_sides(request, request.GET)}
    return render(request, "portfolio/capacity_move.html", context)


@require_POST
@manage
def capacity_sides(request: TenantRequest) -> HttpResponseBase:
    """Both sides as one picks."""
    return render(request, "portfolio/capacity_sides.html", _sides(request, request.POST))


def _save(request: TenantRequest) -> HttpResponseBase:
    source = next(iter(_ids([request.POST.get("from", "")])), "")
    back = f"{reverse('capacity_move', args=[request.tenant.slug])}?from={source}"
    accounts = Account.objects.filter(archived_at=None, pk__in=_ids(request.POST.getlist("pick")))
    to = next((one for one in owners() if str(one.pk) == request.POST.get("to", "")), None)
    if to is None or not accounts:
        messages.error(request, _("Choose accounts, and whom to give them to."))
        return redirect(back)
    try:
        change = accounts_set(accounts=accounts, cell=cells()["csm"], values=to, at=now(), by=request.member)
    except ValidationError as error:
        messages.error(request, formats.sentences(error.messages))
        return redirect(back)
    count = len(change.changes)
    said = ngettext("%(count)d account went to %(csm)s.", "%(count)d accounts went to %(csm)s.", count)
    undo = f"undo:{reverse('bulk_undo', args=[request.tenant.slug, change.pk])}" if count else ""
    messages.success(request, said % {"count": count, "csm": to}, extra_tags=undo)
    return redirect(reverse("capacity", args=[request.tenant.slug]))


class TargetForm(forms.Form):
    """The targets of one CSM in one year."""

    collected = forms.DecimalField(min_value=0, max_digits=16, decimal_places=2, required=False)
    arr = forms.DecimalField(min_value=0, max_digits=16, decimal_places=2, required=False)
    accounts = forms.IntegerField(min_value=0, max_value=100_000, required=False)


def _target_forms(request: TenantRequest, year: int, people: list[Member]) -> list[tuple[Member, TargetForm]]:
    held = targets_of(year=year)
    data = request.POST if request.method == "POST" else None
    names = ("collected", "arr", "accounts")
    return [
        (one, TargetForm(data, prefix=f"csm{one.pk}", initial={
            name: getattr(held[one.pk], name) for name in names if one.pk in held}))
        for one in people
    ]  # fmt: skip


@manage
def capacity_targets(request: TenantRequest) -> HttpResponseBase:
    """The targets of every CSM in a year."""
    year, held = _year(request), targets_of(year=_year(request))
    people = [one for one in owners() if one.role == Role.CSM or one.pk in held]
    rows = _target_forms(request, year, people)
    if request.method == "POST" and all([form.is_valid() for _one, form in rows]):  # noqa: C419 - every form says what is wrong
        for one, form in rows:
            csm_target_set(csm=one, year=year, values=form.cleaned_data, at=now(), by=request.member)
        messages.success(request, _("Saved."))
        return redirect(f"{reverse('capacity', args=[request.tenant.slug])}?year={year}")
    context = {"rows": rows, "year": year, "years": [year - 1, year, year + 1]}
    return render(request, "portfolio/capacity_targets.html", context)
