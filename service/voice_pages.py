"""The voice of the customer: requests, who wants them and who was told; rival products."""

from datetime import date
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.timezone import now
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext_lazy
from django.views.decorators.http import require_GET, require_POST

from accounts.back import account_url, dialog, done
from accounts.models import Account, Feature
from accounts.pieces import account_piece
from accounts.selectors import visible_to
from accounts.views import account_of, work
from common.edits import locked
from operations.days import local_date
from service.forms import MoveForm, RequestForm, RivalForm, TellForm, WishForm, first_day
from service.models import Request, Rival, Wish
from service.selectors.voice import (
    Asked,
    Wanted,
    request_list,
    rival_names,
    rivals_of_account,
    wanted_of,
    wishes_of_account,
)
from service.services import (
    request_merge,
    request_move,
    request_save,
    request_tell,
    rival_delete,
    rival_save,
    wish_add,
    wish_remove,
)
from tenants.permissions import Permission, TenantRequest, member_required

read = member_required(Permission.READ)
STATES: tuple[tuple[str, Any], ...] = (
    ("open", pgettext_lazy("requests", "Open")),
    ("untold", gettext_lazy("To tell")),
    ("", gettext_lazy("All")),
    *((state.value, state.label) for state in Request.State if state != Request.State.MERGED),
)


def today_of(request: TenantRequest) -> date:
    """The tenant's today."""
    return local_date(request.tenant.timezone, now())


def number_of(text: str) -> int | None:
    """A row's number from an address; None for anything else."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None


def _url(request: TenantRequest, pk: int) -> str:
    return reverse("request", args=[request.tenant.slug, pk])


def _request(pk: int, *, sent: bool = False) -> Request:
    rows = Request.objects.select_related("feature", "merged_into", "created_by__user")
    return get_object_or_404(locked(rows, sent=sent), pk=pk)


@require_GET
@read
def requests(request: TenantRequest) -> HttpResponseBase:
    """What customers want, with the ARR behind it."""
    params = request.GET
    state = params.get("state", "open")
    asked = Asked(
        state=state if state in dict(STATES) else "open",
        feature=number_of(params.get("feature", "")),
        text=params.get("q", "").replace("\x00", "").strip()[:100],
    )
    accounts = visible_to(request.member)
    found = request_list(asked=asked, accounts=accounts, currency=request.tenant.currency, day=today_of(request))
    kept = params.copy()
    kept.pop("state", None)
    context = {
        "rows": found,
        "asked": asked,
        "states": STATES,
        "kept": kept.urlencode(),
        "features": Feature.objects.order_by("name"),
    }
    return render(request, "service/requests.html", context)


@work
def request_edit(request: TenantRequest, pk: int | None = None) -> HttpResponseBase:
    """A new request, or a changed one."""
    held = _request(pk, sent=request.method == "POST") if pk else None
    first = {name: getattr(held, name) for name in RequestForm.base_fields} if held else {}
    form = RequestForm(request.POST or None, initial=first, stored=held is not None)
    if request.method == "POST" and form.agreed():
        saved = request_save(values=form.cleaned_data, request=held, at=now(), by=request.member)
        return done(request, _("Saved."), _url(request, saved.pk))
    return dialog(request, "service/request_form.html", {"form": form, "held": held})


@require_GET
@read
def request_page(request: TenantRequest, pk: int) -> HttpResponseBase:
    """One request: who wants it, the ARR behind it, its answer, and who has heard it."""
    return _shown(request, _request(pk))


def _shown(request: TenantRequest, held: Request, **more: Any) -> HttpResponseBase:
    day, accounts = today_of(request), visible_to(request.member)
    [wanted] = wanted_of(requests=[held], accounts=accounts, currency=request.tenant.currency, day=day)
    others = Request.objects.exclude(pk=held.pk).exclude(state=Request.State.MERGED).order_by("title")[:300]
    context: dict[str, Any] = {
        "held": held, "wanted": wanted, "told": [w for w in wanted.wishes if _told(held, w)],
        "untold": [w for w in wanted.wishes if not _told(held, w)], "others": others,
        "move": MoveForm(request=held),
        "tell": TellForm(initial={**first_day(day), "text": held.answer}), "merged": held.merged.order_by("title"),
        "may_be_answered": bool(held.answers), "found": _findable(request, wanted), "query": _query(request),
    }  # fmt: skip
    return render(request, "service/request.html", {**context, **more})


def _told(held: Request, wish: Wish) -> bool:
    return bool(held.answers) and wish.told_answer == held.answers


def _query(request: TenantRequest) -> str:
    return request.GET.get("q", "").replace("\x00", "").strip()[:60]


def _findable(request: TenantRequest, wanted: Wanted) -> list[Account]:
    """Accounts whose name holds what was typed and that do not want it yet."""
    query = _query(request)
    if not query:
        return []
    held = [wish.account_id for wish in wanted.wishes]
    return list(visible_to(request.member).filter(name__icontains=query).exclude(pk__in=held).order_by("name_key")[:20])


@require_POST
@work
def request_state(request: TenantRequest, pk: int) -> HttpResponseBase:
    """Move a request on; its answer goes back to those who asked."""
    held = _request(pk, sent=True)
    form = MoveForm(request.POST, request=held)
    if not form.agreed():
        return _shown(request, held, move=form)
    try:
        request_move(request=held, at=now(), by=request.member, **form.cleaned_data)
    except ValidationError as error:
        form.add_error(None, error.messages)
        return _shown(request, _request(pk), move=form)
    return done(request, _("Saved."), _url(request, pk))


@require_POST
@work
def request_told(request: TenantRequest, pk: int) -> HttpResponseBase:
    """Tell the picked accounts: a touch each."""
    held = _request(pk)
    form = TellForm(request.POST)
    picked = [n for text in request.POST.getlist("pick") if (n := number_of(text)) is not None]
    wishes = Wish.objects.filter(pk__in=picked, request=held, account__in=visible_to(request.member))
    if not form.is_valid():
        return _shown(request, held, tell=form, picked=picked)
    try:
        rows = wishes.select_related("account", "contact")
        count = request_tell(request=held, wishes=rows, at=now(), by=request.member, **form.cleaned_data)
    except ValidationError as error:
        form.add_error(None, error.messages)
        return _shown(request, held, tell=form, picked=picked)
    said = ngettext("%(count)d account is told.", "%(count)d accounts are told.", count) % {"count": count}
    return done(request, said, _url(request, pk))


@require_POST
@work
def request_join(request: TenantRequest, pk: int) -> HttpResponseBase:
    """Merge a duplicate into another request."""
    held = _request(pk)
    into = get_object_or_404(Request, pk=number_of(request.POST.get("into", "")) or 0)
    try:
        moved = request_merge(request=held, into=into, at=now(), by=request.member)
    except ValidationError as error:
        return _shown(request, held, refused=error.messages)
    said = ngettext("Merged; %(count)d account came over.", "Merged; %(count)d accounts came over.", moved)
    return done(request, said % {"count": moved}, _url(request, into.pk))


@require_POST
@work
def request_wish(request: TenantRequest, pk: int) -> HttpResponseBase:
    """Add accounts to a request."""
    held = _request(pk)
    picked = [n for text in request.POST.getlist("pick") if (n := number_of(text)) is not None]
    accounts = list(visible_to(request.member).filter(pk__in=picked))
    for account in accounts:
        wish_add(request=held, account=account, since=today_of(request), at=now(), by=request.member)
    if accounts:
        words = ngettext("%(n)d account is added.", "%(n)d accounts are added.", len(accounts))
        messages.success(request, words % {"n": len(accounts)})
    return redirect(_url(request, pk))


@require_GET
@read
@account_piece
def account_voice(request: TenantRequest, pk: int) -> HttpResponseBase:
    """What the account wants, and which rivals were seen there: a part of its page."""
    account = account_of(request, pk)
    context = {
        "account": account,
        "wishes": [(wish, _told(wish.request, wish)) for wish in wishes_of_account(account=account)],
        "rivals": rivals_of_account(account=account),
    }
    return render(request, "service/account_voice.html", context)


@work
def wish_new(request: TenantRequest, pk: int) -> HttpResponseBase:
    """The account wants something: a known request, or a new one."""
    account = account_of(request, pk)
    known = list(Request.objects.exclude(state=Request.State.MERGED).order_by("title")[:500])
    form = WishForm(request.POST or None, account=account, known=known, initial=first_day(today_of(request)))
    if request.method == "POST" and form.is_valid():
        values, at, by = form.cleaned_data, now(), request.member
        try:
            wanted = form.request() or request_save(values=values, at=at, by=by)
            contact = form.people.get(values["contact"]) if values["contact"] else None
            wish_add(
                request=wanted,
                account=account,
                since=values["since"],
                note=values["note"],
                contact=contact,
                at=at,
                by=by,
            )
        except ValidationError as error:
            form.add_error(None, error.messages)
        else:
            return done(request, _("Noted: %(title)s.") % {"title": wanted.title}, account_url(request, pk) + "#voice")
    return dialog(request, "service/wish_form.html", {"form": form, "account": account, "known": known})


@require_POST
@work
def wish_drop(request: TenantRequest, pk: int, wish_pk: int) -> HttpResponseBase:
    """The account does not want it (any more)."""
    account = account_of(request, pk)
    wish = get_object_or_404(Wish.objects.select_related("request", "account"), pk=wish_pk, account=account)
    wish_remove(wish=wish, at=now(), by=request.member)
    return done(
        request, _("Taken off: %(title)s.") % {"title": wish.request.title}, account_url(request, pk) + "#voice"
    )


@work
def rival_edit(request: TenantRequest, pk: int, rival_pk: int | None = None) -> HttpResponseBase:
    """A rival product seen at the account."""
    account = account_of(request, pk)
    rows = locked(Rival.objects.all(), sent=request.method == "POST")
    held = get_object_or_404(rows, pk=rival_pk, account=account) if rival_pk else None
    first = {name: getattr(held, name) for name in RivalForm.base_fields} if held else {}
    form = RivalForm(request.POST or None, initial=first, stored=held is not None)
    if request.method == "POST" and form.agreed():
        try:
            rival_save(values=form.cleaned_data, account=account, rival=held, at=now(), by=request.member)
        except ValidationError as error:
            form.add_error(None, error.messages)
        else:
            return done(request, _("Saved."), account_url(request, pk) + "#voice")
    context = {"form": form, "account": account, "rival": held, "names": rival_names()}
    return dialog(request, "service/rival_form.html", context)


@require_POST
@work
def rival_remove(request: TenantRequest, pk: int, rival_pk: int) -> HttpResponseBase:
    """It was noted by mistake."""
    account = account_of(request, pk)
    rival = get_object_or_404(Rival.objects.select_related("account"), pk=rival_pk, account=account)
    rival_delete(rival=rival, at=now(), by=request.member)
    return done(request, _("%(name)s is deleted.") % {"name": rival.name}, account_url(request, pk) + "#voice")
