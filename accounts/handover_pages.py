"""The hand-over's pages: the form that saves as one types, the list of all, the report back to sales."""

from datetime import date, timedelta
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.timezone import now
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from accounts.back import account_url, done
from accounts.cells import Cell
from accounts.handover_cells import KINDS, handover_cells, held_in, typed_of, words_of
from accounts.handover_words import steps_shown
from accounts.models import Account, Contact, Promise
from accounts.pieces import account_piece
from accounts.selectors.handovers import Read, handover_of, last_change_of
from accounts.services.handover import (
    PARTS,
    fit_threshold_set,
    handover_accept,
    handover_complete,
    handover_return,
    handover_set,
    handover_start,
    part_add,
    part_remove,
    part_set,
    person_add,
    person_set,
)
from accounts.values import ValueRefused
from accounts.views import account_of, work
from common import formats
from common.pieces import leads_to, piece
from operations.days import local_date
from tenants.permissions import Permission, TenantRequest, is_allowed, member_required

fill = member_required(Permission.FILL)
read = member_required(Permission.READ)
DUE = timedelta(days=7)
BASIS = ("salesperson", "due_on", "contract", "nature", "profile")
TEXTS = ("contract_text", "expectations")


def _today(request: TenantRequest) -> date:
    return local_date(request.tenant.timezone, now())


def _url(request: TenantRequest, account: Account, place: str = "") -> str:
    return reverse("handover", args=[request.tenant.slug, account.pk]) + (f"#{place}" if place else "")


def _found(request: TenantRequest, pk: int) -> tuple[Account, Read]:
    account = account_of(request, pk)
    found = handover_of(account=account)
    if found is None:
        raise Http404("no hand-over")
    return account, found


@require_GET
@read
def handover(request: TenantRequest, pk: int) -> HttpResponseBase:
    """The form with what is missing, or the way to start it."""
    account = account_of(request, pk)
    found = handover_of(account=account)
    context: dict[str, Any] = {"account": account, "found": found, "today": _today(request)}
    if found:
        context |= _shown(request, account, found)
    return render(request, "accounts/handover.html", context)


def _shown(request: TenantRequest, account: Account, found: Read) -> dict[str, Any]:
    may_fill = is_allowed(request.member, Permission.FILL) and found.handover.is_open
    follows = is_allowed(request.member, Permission.WORK)
    rows: dict[str, list[Any]] = {
        "promise": found.promises,
        "need": found.needs,
        "learner": found.learners,
        "person": found.people,
    }
    form = _cells("form", account, found.handover, may_fill)
    sheets = []
    for kind in ("person", "need", "promise", "learner"):
        cells = handover_cells(kind, account)
        held = [(row, [_cell(cell, kind, row, may_fill or (kind == "promise" and follows)) for cell in cells.values()])
                for row in rows[kind]]  # fmt: skip
        sheets.append({"kind": kind, "heads": [cell.label for cell in cells.values()], "rows": held})
    steps = steps_shown(found.missing)
    return {
        "form": form, "basis": [form[key] for key in BASIS], "texts": [form[key] for key in TEXTS],
        "sheets": {sheet["kind"]: sheet for sheet in sheets}, "may_fill": may_fill, "steps": steps,
        "done_steps": sum(done for _words, _place, done in steps), "late": found.late(_today(request)),
        "may_accept": follows, "may_accept_poor": is_allowed(request.member, Permission.MANAGE),
        "unjudged": sum(need.match is None for need in found.needs),
    }  # fmt: skip


def _cells(kind: str, account: Account, row: Any, may: bool) -> dict[str, dict[str, Any]]:
    return {key: _cell(cell, kind, row, may) for key, cell in handover_cells(kind, account).items()}


def _cell(cell: Cell, kind: str, row: Any, may: bool) -> dict[str, Any]:
    """A cell with its value, for the template. What a complete promise says is no longer typed into."""
    value = held_in(row, cell.key)
    lasting = not isinstance(row, Promise) or cell.key != "text" or row.handover.is_open
    return {
        "cell": cell, "kind": kind, "row": row.pk if kind != "form" else 0, "typed": typed_of(value),
        "was": typed_of(value), "said": words_of(cell, value), "may": may and lasting,
    }  # fmt: skip


@require_GET
@read
@account_piece
def handover_part(request: TenantRequest, pk: int) -> HttpResponseBase:
    """What the account's page says of the hand-over: state, fit, promises, what is missing."""
    account = account_of(request, pk)
    found = handover_of(account=account)
    steps = steps_shown(found.missing) if found else []
    late = bool(found and found.late(_today(request)))
    context = {"account": account, "found": found, "steps": steps, "late": late}
    return render(request, "accounts/handover_part.html", context)


@require_POST
@work
def handover_new(request: TenantRequest, pk: int) -> HttpResponseBase:
    """Start the account's hand-over; it is due in a week until another day is set."""
    account = account_of(request, pk)
    try:
        handover_start(account=account, due_on=_today(request) + DUE, at=now(), by=request.member)
    except ValidationError:
        return redirect(_url(request, account))  # somebody else was faster: theirs is the one to fill in
    return done(request, _("The hand-over is started. Name who of sales fills it in."), _url(request, account))


def _row_of(account: Account, found: Read, kind: str, row: int) -> Any:
    if kind == "form" and row == 0:
        return found.handover
    if kind == "person":
        return get_object_or_404(Contact.objects.select_related("account", "reports_to"), pk=row, account=account)
    if kind in PARTS:
        parts: Any = PARTS[kind].objects
        return get_object_or_404(parts.select_related("handover"), pk=row, handover=found.handover)
    raise Http404("no such part of a hand-over")


@fill
@piece(leads_to("handover", "pk"))
def handover_cell(request: TenantRequest, pk: int, part: str, row: int, key: str) -> HttpResponseBase:
    """One field: GET its control with what is saved now; POST saves it and answers how that went.

    `was`: what the field held when it was shown. Holds it something else by now, the answer says what and whose, and
    nothing is changed until `over` names that newer value.
    """
    account, found = _found(request, pk)
    held_row = _row_of(account, found, part, row)
    cell = handover_cells(part, account).get(key)
    if cell is None:
        raise Http404("no such field")
    held = typed_of(held_in(held_row, key))
    if request.method != "POST":
        return render(
            request, "accounts/handover_cell.html", {"account": account, "one": _cell(cell, part, held_row, True)}
        )
    typed, was = request.POST.get("value", ""), request.POST.get("was", "")
    state: dict[str, Any] = {"cell": cell, "account": account, "kind": part, "row": row, "was": was}
    try:
        value = cell.typed(typed)
        if held not in (was, typed_of(value), request.POST.get("over", "\x00")):
            state |= {"theirs": words_of(cell, held_in(held_row, key)) or _("nothing"), "held": held}
            state["change"] = last_change_of(noun=held_row._meta.model_name, pk=held_row.pk, key=_audited(part, key))
        else:
            _write(request, found, part, held_row, cell, value)
            state |= {"was": typed_of(value), "saved": True}
    except (ValueRefused, ValidationError) as error:
        state["reason"] = formats.sentences(error.messages) if isinstance(error, ValidationError) else str(error)
    return _answer(request, account, state)


def _audited(part: str, key: str) -> str:
    return {("promise", "state"): "promise_state", ("need", "match"): "fit_match", ("person", "role"): "roles"}.get(
        (part, key), key
    )


def _answer(request: TenantRequest, account: Account, state: dict[str, Any]) -> HttpResponseBase:
    if not request.headers.get("HX-Request") and state.get("saved"):
        return redirect(_url(request, account))
    response = render(request, "accounts/handover_said.html", state)
    if state.get("saved"):
        response["HX-Trigger"] = "handover-changed"
    return response


def _write(request: TenantRequest, found: Read, part: str, row: Any, cell: Cell, value: Any) -> None:
    at, by = now(), request.member
    if part == "form":
        handover_set(handover=row, key=cell.key, value=value, at=at, by=by)
    elif part == "person":
        role = [value, *(role for role in row.roles[1:] if role != value)] if value else row.roles[1:]
        values = {"roles": role} if cell.key == "role" else {cell.key: value}
        person_set(handover=found.handover, contact=row, values=values, at=at, by=by)
    else:
        part_set(part=row, key=cell.key, value=value, at=at, by=by, follows=is_allowed(by, Permission.WORK))


@require_POST
@fill
def handover_row(request: TenantRequest, pk: int, part: str) -> HttpResponseBase:
    """Add a row; what was wrong is said beside what was typed."""
    account, found = _found(request, pk)
    if part not in KINDS:
        raise Http404("no such part of a hand-over")
    cells = handover_cells(part, account)
    try:
        text = cells["name" if part == "person" else "text"].typed(request.POST.get("text", ""))
        values = {key: cells[key].typed(request.POST[key]) for key in cells if request.POST.get(key, "").strip()}
        if part == "person":
            role = values.pop("role", "")
            values |= {"name": text, "roles": [role] if role else []}
            person_add(handover=found.handover, values=values, at=now(), by=request.member)
        else:
            part_add(handover=found.handover, kind=part, values={**values, "text": text}, at=now(), by=request.member)
    except (ValueRefused, ValidationError) as error:
        reasons = error.messages if isinstance(error, ValidationError) else [str(error)]
        return _refused(request, account, found, reasons, typed_part=part, typed_row=request.POST)
    return redirect(_url(request, account, part))


def _refused(
    request: TenantRequest, account: Account, found: Read, reasons: list[str], **more: Any
) -> HttpResponseBase:
    """The page again, with why nothing was changed and with what was typed."""
    context = {"account": account, "found": found, "today": _today(request), **_shown(request, account, found)}
    return render(request, "accounts/handover.html", {**context, "refused": reasons, **more})


@require_POST
@fill
def handover_row_remove(request: TenantRequest, pk: int, part: str, row: int) -> HttpResponseBase:
    """Take a promise, a need or a group of learners out; people stay at the account."""
    account, found = _found(request, pk)
    if part not in PARTS:
        raise Http404("no such part of a hand-over")
    held = _row_of(account, found, part, row)
    try:
        part_remove(part=held, at=now(), by=request.member)
    except ValidationError as error:
        return _refused(request, account, found, error.messages)
    return redirect(_url(request, account, part))


@require_POST
@fill
def handover_do(request: TenantRequest, pk: int) -> HttpResponseBase:
    """Move the hand-over on: `act` is complete, return (with a question) or accept (with a reason where it fits
    poorly). Contributors only complete.
    """
    account, found = _found(request, pk)
    held, at, by = found.handover, now(), request.member
    act, text = request.POST.get("act", ""), request.POST.get("text", "")[:2000]
    try:
        if act == "complete":
            handover_complete(handover=held, at=at, by=by)
            return done(request, _("The hand-over is complete."), _url(request, account))
        if not is_allowed(by, Permission.WORK):
            raise ValidationError(_("Only those who look after accounts accept or return a hand-over."))
        if act == "return":
            handover_return(handover=held, question=text, at=at, by=by)
            return done(request, _("The hand-over is back with sales."), _url(request, account))
        handover_accept(handover=held, reason=text, manages=is_allowed(by, Permission.MANAGE), at=at, by=by)
    except ValidationError as error:
        return _refused(request, account, found, error.messages, typed=text, act=act)
    return done(request, _("The hand-over is accepted."), account_url(request, pk))


@require_POST
@member_required(Permission.MANAGE)
def fit_threshold_page(request: TenantRequest) -> HttpResponseBase:
    """Set the threshold of the fit."""
    text = request.POST.get("threshold", "").strip().rstrip("%")
    back = reverse("handovers", args=[request.tenant.slug])
    if not (text.isascii() and text.isdigit() and len(text) < 4 and int(text) <= 100):
        messages.error(request, _("Write a whole number from 0 to 100."))
        return redirect(back)
    fit_threshold_set(threshold=int(text), at=now(), by=request.member)
    return done(request, _("Saved."), back)
