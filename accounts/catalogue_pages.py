"""The catalogue of products and plans, and the exchange rates."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.timezone import now
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from accounts.back import done
from accounts.contract_forms import RateForm, SoldForm
from accounts.models import ExchangeRate, Plan, Product
from accounts.selectors.contracts import product_list, rate_list, rates_missing
from accounts.services import plan_delete, plan_save, product_delete, product_save, rate_delete, rate_set
from common.edits import locked
from operations.days import local_date
from tenants.permissions import Permission, TenantRequest, is_allowed, member_required

admin_only = member_required(Permission.ADMINISTER)


def _catalogue(request: TenantRequest) -> str:
    return reverse("products", args=[request.tenant.slug])


@require_GET
@member_required(Permission.READ)
def products(request: TenantRequest) -> HttpResponseBase:
    """What is sold: products, their plans, and the features in them."""
    may_edit = is_allowed(request.member, Permission.ADMINISTER)
    return render(request, "accounts/products.html", {"products": product_list(), "may_edit": may_edit})


@admin_only
def product_edit(request: TenantRequest, pk: int | None = None) -> HttpResponseBase:
    """A new product, or a changed one."""
    rows = locked(Product.objects.all(), sent=request.method == "POST")
    product = get_object_or_404(rows, pk=pk) if pk else None
    first = SoldForm.first(product) if product else None
    form = SoldForm(request.POST or None, initial=first, stored=product is not None)
    if request.method == "POST" and form.agreed():
        try:
            product_save(values=form.cleaned_data, at=now(), by=request.member, product=product)
        except ValidationError as error:
            form.add_error(None, error)
        else:
            return done(request, _("Saved."), _catalogue(request))
    return render(request, "accounts/product.html", {"form": form, "product": product, "row": product})


@admin_only
def plan_edit(request: TenantRequest, pk: int, plan_pk: int | None = None) -> HttpResponseBase:
    """A new plan of a product, or a changed one."""
    product = get_object_or_404(Product, pk=pk)
    rows = locked(Plan.objects.all(), sent=request.method == "POST")
    plan = get_object_or_404(rows, pk=plan_pk, product=product) if plan_pk else None
    form = SoldForm(request.POST or None, initial=SoldForm.first(plan) if plan else None, stored=plan is not None)
    if request.method == "POST" and form.agreed():
        try:
            plan_save(product=product, values=form.cleaned_data, at=now(), by=request.member, plan=plan)
        except ValidationError as error:
            form.add_error(None, error)
        else:
            return done(request, _("Saved."), _catalogue(request))
    context: dict[str, Any] = {"form": form, "product": product, "row": plan, "is_plan": True}
    return render(request, "accounts/product.html", context)


@require_POST
@admin_only
def product_remove(request: TenantRequest, pk: int) -> HttpResponseBase:
    """Take out a product that nobody has bought."""
    product = get_object_or_404(Product, pk=pk)
    try:
        product_delete(product=product, at=now(), by=request.member)
    except ValidationError as error:
        messages.error(request, error.messages[0])
        return redirect("product_edit", request.tenant.slug, pk)
    return done(request, _("%(name)s is deleted.") % {"name": product.name}, _catalogue(request))


@require_POST
@admin_only
def plan_remove(request: TenantRequest, pk: int, plan_pk: int) -> HttpResponseBase:
    """Take out a plan that nobody has bought."""
    plan = get_object_or_404(Plan, pk=plan_pk, product_id=pk)
    try:
        plan_delete(plan=plan, at=now(), by=request.member)
    except ValidationError as error:
        messages.error(request, error.messages[0])
        return redirect("plan_edit", request.tenant.slug, pk, plan_pk)
    return done(request, _("%(name)s is deleted.") % {"name": plan.name}, _catalogue(request))


@member_required(Permission.READ)
def rates(request: TenantRequest) -> HttpResponseBase:
    """The dated exchange rates, and which are missing."""
    today = local_date(request.tenant.timezone, now())
    context = {
        "rates": rate_list(),
        "missing": rates_missing(currency=request.tenant.currency, day=today),
        "form": RateForm(initial={"day": today}),
        "may_edit": is_allowed(request.member, Permission.ADMINISTER),
    }
    return render(request, "accounts/rates.html", context)


@require_POST
@admin_only
def rate_add(request: TenantRequest) -> HttpResponseBase:
    """Add a rate; the same currency and day again replaces it."""
    form = RateForm(request.POST)
    page = reverse("rates", args=[request.tenant.slug])
    if form.is_valid():
        try:
            rate_set(tenant=request.tenant, at=now(), by=request.member, **form.cleaned_data)
        except ValidationError as error:
            form.add_error(None, error)
        else:
            return done(request, _("The rate is saved; the ARR of its contracts follows."), page)
    today = local_date(request.tenant.timezone, now())
    missing = rates_missing(currency=request.tenant.currency, day=today)
    context = {"rates": rate_list(), "missing": missing, "form": form, "may_edit": True}
    return render(request, "accounts/rates.html", context)


@require_POST
@admin_only
def rate_remove(request: TenantRequest, pk: int) -> HttpResponseBase:
    """Take a rate back."""
    rate = get_object_or_404(ExchangeRate, pk=pk)
    rate_delete(tenant=request.tenant, rate=rate, at=now(), by=request.member)
    return done(request, _("The rate is taken back."), reverse("rates", args=[request.tenant.slug]))
