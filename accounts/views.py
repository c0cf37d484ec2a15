"""Accounts: new, edit, archive; saved views and reassignment."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponseBase, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.timezone import now
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from accounts.back import account_url, done, next_url
from accounts.custom_form import PREFIX, shown_custom
from accounts.forms import AccountForm, AssignForm, ViewForm, account_initial
from accounts.models import Account, SavedView
from accounts.selectors import visible_to
from accounts.selectors.contracts import terms_since
from accounts.services import (
    DERIVED_FIELDS,
    EditConflict,
    account_archive,
    account_change,
    account_create,
    account_restore,
    accounts_assign,
    saved_view_change,
    saved_view_delete,
    saved_view_save,
)
from common import formats
from common.formats import day, number
from operations.days import local_date
from tenants.permissions import Permission, TenantRequest, is_allowed, member_required

work = member_required(Permission.WORK)


def account_of(request: TenantRequest, pk: int) -> Account:
    """The account, where the member may see it; else 404."""
    return get_object_or_404(visible_to(request.member).select_related("csm__user"), pk=pk)


@work
def account_new(request: TenantRequest) -> HttpResponseBase:
    """A new account by hand."""
    first = {"currency": request.tenant.currency, "csm": request.member.pk}
    form = AccountForm(request.POST or None, new=True, initial=first)
    if request.method == "POST" and form.is_valid():
        try:
            account = account_create(
                tenant=request.tenant,
                external_id=form.cleaned_data["external_id"].strip(),
                values=form.values(),
                at=now(),
                by=request.member,
            )
        except ValidationError as error:
            form.add_error(None, error)
        else:
            said = _("%(name)s is created.") % {"name": account.name}
            return done(request, said, account_url(request, account.pk))
    return render(request, "accounts/account_form.html", {"form": form})


@work
def account_edit(request: TenantRequest, pk: int) -> HttpResponseBase:
    """Change an account's fields. When someone else was faster, both values are shown and nothing typed is lost."""
    account = account_of(request, pk)
    derived = terms_since(account=account, today=local_date(request.tenant.timezone, now()))
    read_only = DERIVED_FIELDS if derived else ()
    form = AccountForm(
        request.POST or None, new=False, read_only=read_only, account=account, initial=account_initial(account),
        may_assign=is_allowed(request.member, Permission.MANAGE),
    )  # fmt: skip
    context: dict[str, Any] = {"form": form, "account": account, "derived": day(derived) if derived else ""}
    if request.method == "POST" and form.is_valid():
        try:
            account_change(
                account=account,
                values=form.values(),
                at=now(),
                by=request.member,
                version=form.cleaned_data["version"],
            )
        except EditConflict:
            context |= _conflict(form, Account.objects.get(pk=pk))
        except ValidationError as error:
            form.add_error(None, error if hasattr(error, "error_dict") else error.messages)
        else:
            return done(request, _("Saved."), account_url(request, pk))
    return render(request, "accounts/account_form.html", context)


def _conflict(form: AccountForm, held: Account) -> dict[str, Any]:
    """Where the typed values differ from those saved meanwhile; the next save goes over the newer version."""
    differing = [
        {"label": form.fields[name].label, "held": _said(held, name), "typed": _said_value(typed)}
        for name, typed in form.values().items()
        if name != "custom" and getattr(held, name) != typed
    ]
    kept = {field.key: value for field, value in shown_custom(held)}
    differing += [
        {"label": form.fields[PREFIX + key].label, "held": _said_value(kept.get(key)), "typed": _said_value(typed)}
        for key, typed in form.custom_values().items()
        if kept.get(key) != typed
    ]
    again = QueryDict(mutable=True)
    again.update({**dict(form.data.items()), "version": str(held.version)})
    form.data = again
    return {"conflicts": differing}


def _said(account: Account, name: str) -> str:
    if name == "lifecycle_stage":
        return str(account.get_lifecycle_stage_display())
    return _said_value(getattr(account, name))


def _said_value(value: Any) -> str:
    if value in (None, ""):
        return _("empty")
    return number(value) if isinstance(value, int) else str(value)


@require_POST
@member_required(Permission.MANAGE)
def account_archive_page(request: TenantRequest, pk: int) -> HttpResponseBase:
    """Take an account out of every list; can be undone from the message's page."""
    account = account_of(request, pk)
    account_archive(account=account, at=now(), by=request.member)
    return done(request, _("%(name)s is archived.") % {"name": account.name}, _archived(request))


def _archived(request: TenantRequest) -> str:
    return reverse("accounts_archived", args=[request.tenant.slug])


@member_required(Permission.MANAGE)
def archived(request: TenantRequest) -> HttpResponseBase:
    """The archived accounts, last archived first, each to be brought back."""
    accounts = Account.objects.exclude(archived_at=None).order_by("-archived_at")[:500]
    return render(request, "accounts/archived.html", {"accounts": accounts})


@require_POST
@member_required(Permission.MANAGE)
def account_restore_page(request: TenantRequest, pk: int) -> HttpResponseBase:
    """Bring an archived account back."""
    account = get_object_or_404(Account.objects.exclude(archived_at=None), pk=pk)
    account_restore(account=account, at=now(), by=request.member)
    return done(request, _("%(name)s is back.") % {"name": account.name}, account_url(request, pk))


@require_POST
@member_required(Permission.MANAGE)
def assign(request: TenantRequest) -> HttpResponseBase:
    """Give the picked accounts to another CSM."""
    back = next_url(request, reverse("portfolio", args=[request.tenant.slug]))
    form = AssignForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("Choose accounts and who looks after them."))
        return redirect(back)
    csm = form.cleaned_data["csm"]
    accounts = visible_to(request.member).filter(pk__in=form.cleaned_data["pick"]).select_related("csm__user")
    count = accounts_assign(accounts=accounts, csm=csm, at=now(), by=request.member)
    said = ngettext("%(count)d account goes to %(name)s.", "%(count)d accounts go to %(name)s.", count)
    return done(request, said % {"count": count, "name": csm}, back)


@require_POST
@member_required(Permission.READ)
def view_save(request: TenantRequest) -> HttpResponseBase:
    """Keep the state of the portfolio under a name, for oneself or for all."""
    form = ViewForm(request.POST)
    portfolio = reverse("portfolio", args=[request.tenant.slug])
    if not form.is_valid():
        messages.error(request, _("Give the view a name of at most 60 characters."))
        return redirect(next_url(request, portfolio))
    view = saved_view_save(member=request.member, at=now(), **form.cleaned_data)
    return done(request, _("The view “%(name)s” is saved.") % {"name": view.name}, f"{portfolio}?{view.query}")


@require_POST
@member_required(Permission.READ)
def view_delete(request: TenantRequest, pk: int) -> HttpResponseBase:
    """Delete an own view."""
    view = get_object_or_404(SavedView, pk=pk, owner=request.member)
    kept = {"name": view.name, "query": view.query, "is_shared": view.is_shared, "is_default": view.is_default}
    saved_view_delete(view=view, at=now(), by=request.member)
    request.session["deleted_view"] = {**kept, "tenant": request.tenant.pk}
    undo = f"undo:{reverse('view_restore', args=[request.tenant.slug])}"
    messages.success(request, _("The view “%(name)s” is deleted.") % {"name": view.name}, extra_tags=undo)
    return redirect("portfolio", request.tenant.slug)


@require_POST
@member_required(Permission.READ)
def view_restore(request: TenantRequest) -> HttpResponseBase:
    """Bring back the view that one deleted last."""
    kept = request.session.pop("deleted_view", None) or {}
    portfolio = reverse("portfolio", args=[request.tenant.slug])
    if kept.pop("tenant", None) != request.tenant.pk:
        return redirect(portfolio)
    view = saved_view_save(member=request.member, at=now(), **kept)
    return done(request, _("The view “%(name)s” is back.") % {"name": view.name}, f"{portfolio}?{view.query}")


@require_POST
@member_required(Permission.READ)
def view_edit(request: TenantRequest, pk: int) -> HttpResponseBase:
    """Rename an own view, share it or not, make it the default."""
    view = get_object_or_404(SavedView, pk=pk, owner=request.member)
    form = ViewForm({**request.POST.dict(), "query": view.query})
    back = next_url(request, reverse("portfolio", args=[request.tenant.slug]))
    try:
        if not form.is_valid():
            raise ValidationError(_("Give the view a name of at most 60 characters."))
        values = {name: form.cleaned_data[name] for name in ("name", "is_shared", "is_default")}
        saved_view_change(view=view, at=now(), by=request.member, **values)
    except ValidationError as error:
        messages.error(request, formats.sentences(error.messages))
        return redirect(back)
    return done(request, _("The view “%(name)s” is saved.") % {"name": view.name}, back)
