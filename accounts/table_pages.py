"""What is done to accounts from a table: typing into a cell, changing many at once, pasting a column, undoing."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.timezone import now
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from accounts.back import next_url
from accounts.cells import Cell, cells, held_texts, held_values, shown_text, text_of
from accounts.models import Account, BulkChange, Tag
from accounts.pasting import Pasted, pasted
from accounts.selectors import visible_to
from accounts.selectors.history import last_change
from accounts.services import account_change, accounts_set, accounts_tag, accounts_untag, bulk_undo
from accounts.values import ValueRefused
from common import formats
from common.edits import locked
from common.pieces import leads_to, piece
from tenants.permissions import Permission, TenantRequest, is_allowed, member_required

work = member_required(Permission.WORK)


def _cell(request: TenantRequest, key: str) -> Cell:
    """The field that the member may type into; 404 for what is none, another tenant's among it."""
    cell = cells().get(key)
    if cell is None:
        raise Http404("no such field")
    if cell.key == "csm" and not is_allowed(request.member, Permission.MANAGE):
        raise Http404("only managers give accounts to another CSM")
    return cell


@work
@piece(leads_to("account_edit", "pk"))
def account_cell(request: TenantRequest, pk: int, key: str) -> HttpResponseBase:
    """One field of one account: a small form; after a POST nothing (204), or the form with what was wrong.

    `was`: what the cell held when it was opened. When the field holds something else by now and not what was typed,
    the form shows that and who changed it; sending again goes over it.
    """
    account = get_object_or_404(locked(visible_to(request.member), sent=request.method == "POST"), pk=pk)
    cell = _cell(request, key)
    held = held_texts(accounts=[account], cell=cell)[pk]
    if request.method != "POST":
        return _form(request, cell, account, typed=held, was=held)
    typed, was = request.POST.get("value", ""), request.POST.get("was", "")
    try:
        value = cell.typed(typed)
        if held not in (was, text_of(value)):
            return _form(request, cell, account, typed=typed, was=held, conflict=True)
        account_change(account=account, values=cell.as_values(value), at=now(), by=request.member)
    except (ValueRefused, ValidationError) as error:
        reason = formats.sentences(error.messages) if isinstance(error, ValidationError) else str(error)
        return _form(request, cell, account, typed=typed, was=was, reason=reason)
    return HttpResponse(status=204)


def _form(
    request: TenantRequest,
    cell: Cell,
    account: Account,
    *,
    typed: str,
    was: str,
    reason: str = "",
    conflict: bool = False,
) -> HttpResponse:
    context: dict[str, Any] = {"cell": cell, "account": account, "typed": typed, "was": was, "reason": reason}
    if conflict:
        value = held_values(accounts=[account], cell=cell)[account.pk]
        context["theirs"] = shown_text(cell, value) or _("nothing")
        context["change"] = last_change(account=account, cell=cell)
    return render(request, "accounts/cell.html", context)


@require_POST
@work
def accounts_bulk(request: TenantRequest) -> HttpResponseBase:
    """Do one thing to the picked accounts: another CSM, another stage, a tag on or off. It can be undone."""
    back = next_url(request, reverse("portfolio", args=[request.tenant.slug]))
    accounts = list(visible_to(request.member).filter(pk__in=_picked(request)).select_related("csm__user"))
    try:
        change = _bulk(request, accounts)
    except (ValidationError, ValueRefused) as error:
        messages.error(request, formats.sentences(error.messages) if isinstance(error, ValidationError) else str(error))
        return redirect(back)
    return _changed(request, change, back)


def _picked(request: TenantRequest) -> list[int]:
    return [int(text) for text in request.POST.getlist("pick") if text.isascii() and text.isdigit() and len(text) < 19]


def _bulk(request: TenantRequest, accounts: list[Account]) -> BulkChange:
    data, by = request.POST, request.member
    if not accounts:
        raise ValidationError(_("Choose accounts first."))
    if name := data.get("tag", "").strip():
        return accounts_tag(accounts=accounts, name=name, at=now(), by=by)
    if tag := data.get("untag", ""):
        held = Tag.objects.filter(pk=int(tag)).first() if tag.isascii() and tag.isdigit() and len(tag) < 19 else None
        if held is None:
            raise ValidationError(_("This tag does not exist (any more)."))
        return accounts_untag(accounts=accounts, tag=held, at=now(), by=by)
    for key in ("csm", "lifecycle_stage"):
        if text := data.get(key, ""):
            if key == "csm" and not is_allowed(by, Permission.MANAGE):
                raise ValidationError(_("Only managers give accounts to another CSM."))
            cell = cells()[key]
            return accounts_set(accounts=accounts, cell=cell, values=cell.typed(text), at=now(), by=by)
    raise ValidationError(_("Choose what to change."))


def _changed(request: TenantRequest, change: BulkChange, back: str) -> HttpResponseBase:
    """Say how many were changed, with the way back."""
    count = len(change.changes)
    said = ngettext("%(count)d account is changed.", "%(count)d accounts are changed.", count) % {"count": count}
    tags = f"undo:{reverse('bulk_undo', args=[request.tenant.slug, change.pk])}" if count else ""
    messages.success(request, said, extra_tags=tags)
    return redirect(back)


@require_POST
@work
def bulk_undo_page(request: TenantRequest, pk: int) -> HttpResponseBase:
    """Undo one's own change of many accounts; a manager any."""
    changes = BulkChange.objects.all() if is_allowed(request.member, Permission.MANAGE) else BulkChange.objects.filter(
        by=request.member)  # fmt: skip
    change = get_object_or_404(changes, pk=pk)
    back = next_url(request, reverse("portfolio", args=[request.tenant.slug]))
    try:
        count, kept = bulk_undo(change=change, at=now(), by=request.member)
    except ValidationError as error:
        messages.error(request, formats.sentences(error.messages))
        return redirect(back)
    said = ngettext("%(count)d account is as before.", "%(count)d accounts are as before.", count) % {"count": count}
    if kept:
        more = ngettext("%(kept)d was changed since and stays.", "%(kept)d were changed since and stay.", kept)
        said = f"{said} {more % {'kept': kept}}"
    messages.success(request, said)
    return redirect(back)


@require_POST
@work
def accounts_paste(request: TenantRequest) -> HttpResponseBase:
    """Values for one column, a line per account in the order shown: first a preview, then, confirmed, the change."""
    cell = _cell(request, request.POST.get("field", ""))
    ids = _picked(request)
    visible = {a.pk: a for a in visible_to(request.member).filter(pk__in=ids)}
    accounts, headless = [visible[pk] for pk in ids if pk in visible], bool(request.POST.get("headless"))
    found = pasted(cell=cell, accounts=accounts, text=request.POST.get("text", ""), headless=headless)
    rows = found.rows
    if request.POST.get("confirm") and any(row.changes for row in rows):
        return _apply(request, cell, rows)
    context = {
        "cell": cell, "rows": rows, "text": request.POST.get("text", ""), "picks": [one.pk for one in accounts],
        "changes": sum(row.changes for row in rows), "refused": sum(bool(row.reason) for row in rows),
        "next": request.POST.get("next", ""), "head": found.head, "headless": headless,
    }  # fmt: skip
    return render(request, "accounts/paste_preview.html", context)


def _apply(request: TenantRequest, cell: Cell, rows: list[Pasted]) -> HttpResponseBase:
    chosen = {row.account.pk: row for row in rows if row.changes}
    back = next_url(request, reverse("portfolio", args=[request.tenant.slug]))
    try:
        change = accounts_set(
            accounts=[row.account for row in chosen.values()], cell=cell,
            values={pk: row.value for pk, row in chosen.items()}, at=now(), by=request.member,
        )  # fmt: skip
    except ValidationError as error:
        messages.error(request, formats.sentences(error.messages))
        return _go(request, back)
    _changed(request, change, back)
    return _go(request, back)


def _go(request: TenantRequest, url: str) -> HttpResponseBase:
    if request.headers.get("HX-Request"):
        response = HttpResponse(status=204)
        response["HX-Redirect"] = url
        return response
    return redirect(url)
