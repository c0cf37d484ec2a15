"""Salons and courses: who is invited from which account, and who came."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.timezone import now
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_POST

from accounts.back import dialog, done
from accounts.models import Contact, CustomerEvent, Invitee
from accounts.people_forms import EventForm
from accounts.selectors import contact_search, event_list, invitee_list, visible_to
from accounts.services import attendance_set, event_save, invitee_remove, invitees_add
from accounts.views import work
from common import formats
from common.edits import locked
from operations.days import local_date
from tenants.permissions import Permission, TenantRequest, member_required

MOST_FOUND = 30


def _event(pk: int, *, sent: bool = False) -> CustomerEvent:
    return get_object_or_404(locked(CustomerEvent.objects.select_related("host__user"), sent=sent), pk=pk)


def _url(request: TenantRequest, event: CustomerEvent) -> str:
    return reverse("event", args=[request.tenant.slug, event.pk])


@require_GET
@member_required(Permission.READ)
def events(request: TenantRequest) -> HttpResponseBase:
    """All events, newest first."""
    return render(request, "accounts/events.html", {"events": event_list()})


@work
def event_edit(request: TenantRequest, pk: int | None = None) -> HttpResponseBase:
    """A new event, or a changed one."""
    event = _event(pk, sent=request.method == "POST") if pk else None
    today = local_date(request.tenant.timezone, now())
    first: dict[str, Any] = {"kind": CustomerEvent.Kind.SALON, "on": today, "level": "advice"}
    if event:
        first = {name: getattr(event, name) for name in EventForm.base_fields}
    form = EventForm(request.POST or None, initial=first, stored=event is not None)
    if request.method == "POST" and form.agreed():
        try:
            saved = event_save(values=form.cleaned_data, at=now(), by=request.member, event=event)
            return done(request, _("Saved."), _url(request, saved))
        except ValidationError as error:
            form.add_error(None, error)
    return dialog(request, "accounts/event_form.html", {"form": form, "event": event})


@require_GET
@member_required(Permission.READ)
def event_page(request: TenantRequest, pk: int) -> HttpResponseBase:
    """Who was invited and who came; people of any account found by typing are invited."""
    event, query = _event(pk), request.GET.get("q", "").strip()[:60]
    invitees = invitee_list(event=event, member=request.member)
    held = {invitee.contact_id for invitee in invitees}
    found = contact_search(text=query, member=request.member, limit=MOST_FOUND) if query else []
    context = {
        "event": event,
        "invitees": invitees,
        "came": sum(1 for invitee in invitees if invitee.touch_id),
        "accounts": len({invitee.contact.account_id for invitee in invitees}),
        "over": event.on <= local_date(request.tenant.timezone, now()),
        "query": query,
        "found": [person for person in found if person.pk not in held and person.left_on is None],
    }
    return render(request, "accounts/event.html", context)


def _people(request: TenantRequest) -> QuerySet[Contact]:
    asked = [
        int(text) for text in request.POST.getlist("contact") if text.isascii() and text.isdigit() and len(text) < 19
    ]
    return Contact.objects.filter(pk__in=asked, account__in=visible_to(request.member)).select_related("account")


@require_POST
@work
def event_invite(request: TenantRequest, pk: int) -> HttpResponseBase:
    """Invite the picked people."""
    event = _event(pk)
    count = invitees_add(event=event, contacts=_people(request), at=now(), by=request.member)
    said = ngettext("%(count)d person invited.", "%(count)d people invited.", count) % {"count": count}
    return done(request, said, _url(request, event))


@require_POST
@work
def invitee_set(request: TenantRequest, pk: int, invitee_pk: int) -> HttpResponseBase:
    """Whether a person came, or that the invitation is taken back: `act` is came, missed or withdraw."""
    event = _event(pk)
    found = Invitee.objects.filter(event=event, contact__account__in=visible_to(request.member))
    invitee = get_object_or_404(found.select_related("contact__account", "event", "touch__account"), pk=invitee_pk)
    try:
        if request.POST.get("act") == "withdraw":
            invitee_remove(invitee=invitee, at=now(), by=request.member)
        else:
            attendance_set(invitee=invitee, came=request.POST.get("act") == "came", at=now(), by=request.member)
    except ValidationError as error:
        messages.error(request, formats.sentences(error.messages))
    return redirect(_url(request, event))
