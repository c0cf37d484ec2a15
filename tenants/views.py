"""Pages outside a tenant: where to go, joining, the platform's own page, a person's own settings, the demo's mail."""

from pathlib import Path
from typing import cast

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import login
from django.contrib.auth.decorators import login_required
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import translation
from django.utils.timezone import now
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from common.places import own_place
from tenants.forms import JoinForm, NewTenantForm, PersonForm
from tenants.mail import mail_list
from tenants.models import Door, Invitation, User
from tenants.scope import request_scope
from tenants.selectors import door_of_token, own_membership_list, tenant_list
from tenants.services import invitation_accept, tenant_create, user_change, user_join


def _back(request: HttpRequest) -> str:
    """The page the form came from, if it is one of ours."""
    return own_place(request, request.POST.get("next", ""), "/")


@require_GET
@login_required
def home(request: HttpRequest) -> HttpResponseBase:
    """Straight to the only tenant; a choice among several; a word of help without any."""
    memberships = own_membership_list()
    if len(memberships) == 1:
        return redirect("today", memberships[0].tenant.slug)
    return render(request, "tenants/home.html", {"memberships": memberships})


@login_required
def person(request: HttpRequest) -> HttpResponseBase:
    """The person's own name and language."""
    user = cast(User, request.user)
    first = {"name": user.name, "language": user.language or settings.LANGUAGE_CODE}
    form = PersonForm(request.POST or None, initial=first)
    if request.method == "POST" and form.is_valid():
        user_change(user=user, **form.cleaned_data)
        messages.success(request, _("Saved."))
        return _with_language(redirect("person"), user.language)
    return render(request, "tenants/person.html", {"form": form})


def _with_language(response: HttpResponse, language: str) -> HttpResponse:
    response.set_cookie(
        settings.LANGUAGE_COOKIE_NAME, language, max_age=31_536_000, samesite="Lax", secure=settings.SECURE
    )
    return response


@require_POST
def language_set(request: HttpRequest) -> HttpResponseBase:
    """Switch the language here and, when signed in, for good."""
    language = request.POST.get("language", "")
    if not translation.check_for_language(language) or language not in dict(settings.LANGUAGES):
        raise Http404
    if isinstance(request.user, User):
        user_change(user=request.user, name=request.user.name, language=language)
    return _with_language(redirect(_back(request)), language)


def join(request: HttpRequest, token: str) -> HttpResponseBase:
    """Follow an invitation: a signed-in person confirms, a new one chooses name and password."""
    door = door_of_token(token=token, kind=Door.Kind.INVITATION)
    if door is None:
        return render(request, "tenants/join_gone.html", status=404)
    with request_scope(tenant_id=door.tenant_id, user_id=None):
        invitation = Invitation.objects.get(pk=door.object_id)
        context = {"invitation": invitation, "invited_to": door.tenant, "form": JoinForm()}
        if request.method != "POST":
            known = User.objects.filter(email=invitation.email).exists()
            return render(request, "tenants/join.html", {**context, "known": known})
        return _join(request, invitation, door, context)


def _join(request: HttpRequest, invitation: Invitation, door: Door, context: dict[str, object]) -> HttpResponseBase:
    existing = User.objects.filter(email=invitation.email).first()
    try:
        if existing and request.user != existing:
            return redirect_to_login(request.path)
        if existing:
            invitation_accept(invitation=invitation, user=existing, at=now())
        else:
            form = JoinForm(request.POST)
            if not form.is_valid():
                return render(request, "tenants/join.html", {**context, "form": form, "known": False})
            language = translation.get_language() or door.tenant.language
            member = user_join(invitation=invitation, language=language, at=now(), **form.cleaned_data)
            login(request, member.user, backend=settings.AUTHENTICATION_BACKENDS[0])
    except ValidationError as error:
        return render(request, "tenants/join.html", {**context, "fault": " ".join(error.messages), "known": True})
    return redirect("today", door.tenant.slug)


def _staff(request: HttpRequest) -> User:
    user = request.user
    if not isinstance(user, User) or not user.is_platform_staff:
        raise PermissionDenied
    return user


@login_required
def platform(request: HttpRequest) -> HttpResponseBase:
    """Platform staff: the tenants, and a new one. Shows nothing of what is inside them."""
    _staff(request)
    form = NewTenantForm(request.POST or None, initial={"timezone": "UTC", "language": "en", "currency": "USD"})
    made = None
    if request.method == "POST" and form.is_valid():
        try:
            made = tenant_create(at=now(), **form.cleaned_data)
        except ValidationError as error:
            form.add_error(None, error.messages)
    return render(request, "tenants/platform.html", {"form": form, "tenants": tenant_list(), "made": made})


@require_GET
def demo_mail(request: HttpRequest) -> HttpResponseBase:
    """The e-mail that the demo would have sent. Only in a demo."""
    if not settings.DEMO:
        raise Http404
    return render(request, "tenants/demo_mail.html", {"mails": mail_list(folder=Path(settings.MAIL_DIR))})
