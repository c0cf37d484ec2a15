"""A tenant's own settings: members, invitations, keys, audit trail."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.mail import send_mail
from django.core.paginator import Paginator
from django.db import transaction
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import translation
from django.utils.timezone import now
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from common.edits import locked
from tenants.forms import InvitationForm, KeyForm, MemberForm, TenantForm
from tenants.models import Invitation, Key, Member, Role, Tenant
from tenants.permissions import Permission, TenantRequest, member_required
from tenants.scopes import API_SCOPES
from tenants.selectors import audit_list, invitation_list, key_list, member_list
from tenants.services import (
    TENANT_FIELDS,
    invitation_create,
    invitation_revoke,
    key_create,
    key_revoke,
    member_change,
    tenant_change,
)

admin_only = member_required(Permission.ADMINISTER)


@admin_only
def members(request: TenantRequest) -> HttpResponseBase:
    """Who works here, who is invited; invite one more."""
    form = InvitationForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            _invite(request, **form.cleaned_data)
        except ValidationError as error:
            form.add_error("email", error.messages)
        else:
            return redirect("members", request.tenant.slug)
    context = {"form": form, "members": member_list(), "invitations": invitation_list(), "roles": Role.choices}
    return render(request, "tenants/members.html", context)


def _invite(request: TenantRequest, *, email: str, role: str) -> None:
    invitation, token = invitation_create(email=email, role=role, by=request.member, at=now())
    link = settings.SITE_URL + reverse("join", args=[token])
    with translation.override(request.tenant.language):
        subject = _("Join %(tenant)s") % {"tenant": request.tenant.name}
        text = _(
            "%(inviter)s invites you to %(tenant)s on the customer success platform.\n\n"
            "Open this link within 14 days to join:\n%(link)s\n"
        ) % {"inviter": request.member, "tenant": request.tenant.name, "link": link}
    transaction.on_commit(lambda: send_mail(subject, text, None, [invitation.email]))
    messages.success(request, _("%(email)s is invited.") % {"email": email})


@require_POST
@admin_only
def member_edit(request: TenantRequest, pk: int) -> HttpResponseBase:
    """Change a member's role, or let them in or out."""
    member = get_object_or_404(Member, pk=pk)
    form = MemberForm(request.POST)
    try:
        if form.is_valid():
            member_change(member=member, by=request.member, at=now(), **form.cleaned_data)
            messages.success(request, _("Saved."))
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    return redirect("members", request.tenant.slug)


@require_POST
@admin_only
def invitation_withdraw(request: TenantRequest, pk: int) -> HttpResponseBase:
    """Close an invitation's link."""
    invitation = get_object_or_404(Invitation, pk=pk, accepted_at=None, revoked_at=None)
    invitation_revoke(invitation=invitation, by=request.member, at=now())
    messages.success(request, _("The invitation of %(email)s is withdrawn.") % {"email": invitation.email})
    return redirect("members", request.tenant.slug)


@admin_only
def keys(request: TenantRequest) -> HttpResponseBase:
    """The tenant's keys; a new one shows its secret this once."""
    form = KeyForm(request.POST or None)
    context: dict[str, Any] = {"form": form, "keys": key_list(), "scopes": API_SCOPES, "site_url": settings.SITE_URL}
    if request.method == "POST" and form.is_valid():
        made, secret = key_create(by=request.member, at=now(), **form.cleaned_data)
        context |= {"made": made, "secret": secret, "form": KeyForm()}
    response: HttpResponse = render(request, "tenants/keys.html", context)
    response["Cache-Control"] = "no-store"
    return response


@require_POST
@admin_only
def key_withdraw(request: TenantRequest, pk: int) -> HttpResponseBase:
    """Revoke a key at once."""
    key = get_object_or_404(Key, pk=pk, revoked_at=None)
    key_revoke(key=key, by=request.member, at=now())
    messages.success(
        request, _("“%(name)s” is revoked. Programs that use it are refused from now on.") % {"name": key.name}
    )
    return redirect("keys", request.tenant.slug)


@require_GET
@member_required(Permission.MANAGE)
def audit(request: TenantRequest) -> HttpResponseBase:
    """Who did what, newest first."""
    page = Paginator(audit_list(), 100).get_page(request.GET.get("page"))
    return render(request, "tenants/audit.html", {"page": page})


@admin_only
def tenant_settings(request: TenantRequest) -> HttpResponseBase:
    """Name, zone, language, currency and who sees what."""
    tenant = locked(Tenant.objects.all(), sent=request.method == "POST").get(pk=request.tenant.pk)
    first = {field: getattr(tenant, field) for field in TENANT_FIELDS}
    form = TenantForm(request.POST or None, initial=first, stored=True)
    if request.method == "POST" and form.agreed():
        tenant_change(tenant=tenant, values=form.cleaned_data, by=request.member, at=now())
        messages.success(request, _("Saved."))
        return redirect("tenant_settings", request.tenant.slug)
    return render(request, "tenants/settings.html", {"form": form})
