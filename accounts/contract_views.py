"""Contracts on the account page: the fragment, and the forms of contracts, lines, outcomes and entitlements."""

from collections.abc import Callable
from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpResponse, HttpResponseBase, QueryDict
from django.shortcuts import get_object_or_404, render
from django.utils.timezone import now
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_GET, require_POST

from accounts.back import account_url, done
from accounts.contract_forms import ContractForm, EntitlementForm, LineForm, OutcomeForm, first_line
from accounts.models import Account, Contract, ContractLine, Entitlement, Product
from accounts.selectors import visible_to
from accounts.selectors.contracts import (
    Book,
    contract_book,
    core_line,
    entitled_features,
    entitlement_list,
    term_list,
    terms_of_day,
)
from accounts.selectors.payments import payment_list
from accounts.services import (
    EditConflict,
    contract_delete,
    contract_save,
    entitlement_delete,
    entitlement_save,
    line_delete,
    line_outcome,
    line_save,
)
from accounts.term_bars import bars_of
from accounts.terms import gaps
from common import formats
from common.edits import locked
from operations.days import local_date
from tenants.permissions import Permission, TenantRequest, member_required

work = member_required(Permission.WORK)
PAYMENTS_SHOWN = 12
TERMS_SHOWN = 12
SHOWN_GAPS = 3


def _account(request: TenantRequest, pk: int) -> Account:
    return get_object_or_404(visible_to(request.member).select_related("csm__user"), pk=pk)


def _today(request: TenantRequest) -> date:
    return local_date(request.tenant.timezone, now())


def _answer(request: TenantRequest, template: str, context: dict[str, Any], inside: str = "in_dialog") -> HttpResponse:
    """The same form as a dialog for htmx and as a page without."""
    base = f"accounts/{inside}.html" if request.headers.get("HX-Request") else "accounts/in_page.html"
    return render(request, template, {**context, "base": base})


@require_GET
@member_required(Permission.READ)
def contracts(request: TenantRequest, pk: int) -> HttpResponseBase:
    """What the account has signed, what it comes to today, and what it may use."""
    account, today = _account(request, pk), _today(request)
    book = contract_book(account=account, day=today, currency=request.tenant.currency)
    term = terms_of_day(day=today, account_ids=[pk]).get(pk)
    context = {
        "account": account,
        "today": today,
        "book": book,
        "lacks": term.lacks if term else "",
        "bars": bars_of([_bar(shown) for shown in book.lines], today),
        "gaps": _gaps(book)[:SHOWN_GAPS],
        "terms": term_list(account=account)[-TERMS_SHOWN:][::-1],
        "exceptions": entitlement_list(account=account),
        "features": entitled_features(account=account, day=today),
        "products": Product.objects.exists(),
        "payments": payment_list(account=account, limit=PAYMENTS_SHOWN),
    }
    return _answer(request, "accounts/contracts.html", context, inside="in_place")


def _bar(shown: Any) -> tuple[date, date | None, str, str]:
    line = shown.line
    css = "fee" if line.one_off else line.outcome or shown.state
    end = formats.day(line.end) if line.end else pgettext("of a term", "open")
    return line.start, line.end, css, f"{line.product}: {formats.day(line.start)} – {end}"


def _gaps(book: Book) -> list[str]:
    """Stretches without a subscription, for people; a single day is most likely an end meant as the last day."""
    found = gaps([core_line(shown.line, shown.contract.currency) for shown in book.lines])
    said = []
    for first, after in found:
        days = {"first": formats.day(first), "after": formats.day(after)}
        if (after - first).days == 1:
            said.append(_("%(first)s: is the end before it meant as the last day? Then move it one day on.") % days)
        else:
            said.append(_("from %(first)s until before %(after)s") % days)
    return said


def _kept(form: forms.Form, act: Callable[[], Any], held: Callable[[], dict[str, Any]]) -> tuple[bool, Any]:
    """Do the write; what is refused stands at its field, and a newer version beside what was typed."""
    try:
        with transaction.atomic():
            act()
    except EditConflict:
        return False, _conflict(form, held())
    except ValidationError as error:
        _refused(form, error)
        return False, None
    return True, None


def _refused(form: forms.Form, error: ValidationError) -> None:
    faults = error.message_dict if hasattr(error, "error_dict") else {"": error.messages}
    for field, said in faults.items():
        form.add_error(field if field in form.fields else None, said)


def _conflict(form: forms.Form, held: dict[str, Any]) -> list[dict[str, Any]]:
    """Where the typed values differ from those saved meanwhile; the next save goes over the newer version."""
    differing = [
        {"label": form.fields[name].label, "held": _said(held[name]), "typed": _said(typed)}
        for name, typed in form.cleaned_data.items()
        if name != "version" and held[name] != typed
    ]
    again = QueryDict(mutable=True)
    again.update({**dict(form.data.items()), form.add_prefix("version"): str(held["version"])})
    form.data = again
    return differing


def _said(value: Any) -> str:
    return _("empty") if value in (None, "") else str(value)


@work
def contract_new(request: TenantRequest, pk: int) -> HttpResponseBase:
    """A new contract with its first line."""
    account, data = _account(request, pk), request.POST or None
    number = Contract.objects.filter(account=account).count() + 1
    first = {"currency": request.tenant.currency, "external_id": f"{account.external_id}-{number}"}
    form = ContractForm(data, initial=first)
    line_form = LineForm(data, prefix="line", initial=first_line(account, _today(request), 1))
    whole = request.method == "POST" and form.is_valid() & line_form.is_valid()
    if whole and _signed(request, account, form, line_form):
        return done(request, _("The contract is saved."), account_url(request, pk))
    products = Product.objects.exists()
    context = {"account": account, "form": form, "line_form": line_form, "products": products}
    return _answer(request, "accounts/contract.html", context)


def _signed(request: TenantRequest, account: Account, form: ContractForm, line_form: LineForm) -> bool:
    """The contract and its line, both or neither."""
    made: list[Contract] = []
    with transaction.atomic():
        saved, _none = _kept(
            form,
            lambda: made.append(contract_save(account=account, values=form.values(), at=now(), by=request.member)),
            dict,
        )
        saved = (
            saved
            and _kept(
                line_form,
                lambda: line_save(contract=made[0], values=line_form.values(), at=now(), by=request.member),
                dict,
            )[0]
        )
        if not saved:
            transaction.set_rollback(True)
    return saved


@work
def contract_edit(request: TenantRequest, pk: int, contract_pk: int) -> HttpResponseBase:
    """Change a contract's number, currency or notes."""
    account = _account(request, pk)
    contract = get_object_or_404(Contract, pk=contract_pk, account=account)
    form = ContractForm(request.POST or None, initial=ContractForm.first(contract))
    context: dict[str, Any] = {"account": account, "contract": contract, "form": form}
    if request.method == "POST" and form.is_valid():
        version = form.cleaned_data["version"]
        saved, context["conflicts"] = _kept(
            form,
            lambda: contract_save(
                account=account, values=form.values(), at=now(), by=request.member, contract=contract, version=version
            ),
            lambda: ContractForm.first(Contract.objects.get(pk=contract_pk)),
        )
        if saved:
            return done(request, _("Saved."), account_url(request, pk))
    return _answer(request, "accounts/contract.html", context)


@require_POST
@work
def contract_remove(request: TenantRequest, pk: int, contract_pk: int) -> HttpResponseBase:
    """Take out a contract that should never have been entered."""
    contract = get_object_or_404(Contract, pk=contract_pk, account=_account(request, pk))
    contract_delete(contract=contract, at=now(), by=request.member)
    said = _("The contract %(number)s and its lines are deleted.") % {"number": contract.external_id}
    return done(request, said, account_url(request, pk))


@work
def line_edit(request: TenantRequest, pk: int, contract_pk: int, line_pk: int | None = None) -> HttpResponseBase:
    """A new line of a contract, or a changed one."""
    account = _account(request, pk)
    contract = get_object_or_404(Contract, pk=contract_pk, account=account)
    line = get_object_or_404(ContractLine, pk=line_pk, contract=contract) if line_pk else None
    number = ContractLine.objects.filter(contract=contract).count() + 1
    first = LineForm.first(line) if line else first_line(account, _today(request), number)
    form = LineForm(request.POST or None, initial=first)
    context: dict[str, Any] = {"account": account, "contract": contract, "line": line, "form": form}
    if request.method == "POST" and form.is_valid():
        version = form.cleaned_data["version"] if line else None
        saved, context["conflicts"] = _kept(
            form,
            lambda: line_save(
                contract=contract, values=form.values(), at=now(), by=request.member, line=line, version=version
            ),
            lambda: LineForm.first(
                ContractLine.objects.select_related("product", "plan").get(pk=line.pk if line else 0)
            ),
        )
        if saved:
            return done(request, _("Saved; ARR, seats and renewal follow."), account_url(request, pk))
    return _answer(request, "accounts/contract_line.html", context)


def _line(request: TenantRequest, pk: int, line_pk: int) -> tuple[Account, ContractLine]:
    account = _account(request, pk)
    lines = ContractLine.objects.select_related("contract", "product")
    return account, get_object_or_404(lines, pk=line_pk, contract__account=account)


@require_POST
@work
def line_remove(request: TenantRequest, pk: int, line_pk: int) -> HttpResponseBase:
    """Take out a line that should never have been entered."""
    _found, line = _line(request, pk, line_pk)
    line_delete(line=line, at=now(), by=request.member)
    return done(request, _("The line is deleted; ARR, seats and renewal follow."), account_url(request, pk))


@work
def outcome(request: TenantRequest, pk: int, line_pk: int) -> HttpResponseBase:
    """Say what became of a term: renewed, renewed for less, or lost and why."""
    account, line = _line(request, pk, line_pk)
    names = ("outcome", "outcome_date", "reason", "version")
    first = {name: getattr(line, name) for name in names}
    form = OutcomeForm(request.POST or None, initial={**first, "outcome_date": line.outcome_date or _today(request)})
    context: dict[str, Any] = {"account": account, "line": line, "form": form}
    if request.method == "POST" and form.is_valid():
        values = form.cleaned_data
        saved, context["conflicts"] = _kept(
            form,
            lambda: line_outcome(
                line=line,
                outcome=values["outcome"],
                on=values["outcome_date"] or _today(request),
                reason=values["reason"],
                at=now(),
                by=request.member,
                version=values["version"],
            ),
            lambda: {name: getattr(ContractLine.objects.get(pk=line_pk), name) for name in names},
        )
        if saved:
            return done(request, _("The outcome is recorded."), account_url(request, pk))
    return _answer(request, "accounts/outcome.html", context)


@work
def entitlement_edit(request: TenantRequest, pk: int, entitlement_pk: int | None = None) -> HttpResponseBase:
    """Let this account use a feature, or take one from it."""
    account = _account(request, pk)
    rows = locked(Entitlement.objects.all(), sent=request.method == "POST")
    held = get_object_or_404(rows, pk=entitlement_pk, account=account) if entitlement_pk else None
    first = EntitlementForm.first(held) if held else {"start": _today(request), "granted": "1"}
    form = EntitlementForm(request.POST or None, initial=first, stored=held is not None)
    if request.method == "POST" and form.agreed():
        saved, _none = _kept(
            form,
            lambda: entitlement_save(
                account=account, values=form.values(), at=now(), by=request.member, entitlement=held
            ),
            dict,
        )
        if saved:
            return done(request, _("Saved."), account_url(request, pk))
    return _answer(request, "accounts/entitlement.html", {"account": account, "held": held, "form": form})


@require_POST
@work
def entitlement_remove(request: TenantRequest, pk: int, entitlement_pk: int) -> HttpResponseBase:
    """Take an exception back."""
    account = _account(request, pk)
    held = get_object_or_404(
        Entitlement.objects.select_related("feature", "account"), pk=entitlement_pk, account=account
    )
    entitlement_delete(entitlement=held, at=now(), by=request.member)
    return done(request, _("The exception is taken back."), account_url(request, pk))
