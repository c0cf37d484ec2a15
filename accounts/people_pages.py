"""People at an account: new, changed, removed, and what convinced them."""

from django.core.exceptions import ValidationError
from django.http import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.utils.timezone import now
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.back import account_url, dialog, done
from accounts.models import Contact
from accounts.people_forms import ContactForm, ConvictionForm, contact_initial
from accounts.services import contact_delete, contact_save, conviction_add
from accounts.stakeholders import CONVINCED_OF
from accounts.views import account_of, work
from common.edits import locked
from operations.days import local_date
from tenants.permissions import TenantRequest


def _contact(request: TenantRequest, pk: int, contact_pk: int) -> Contact:
    account = account_of(request, pk)
    rows = locked(Contact.objects.select_related("account", "reports_to"), sent=request.method == "POST")
    return get_object_or_404(rows, pk=contact_pk, account=account)


@work
def contact_edit(request: TenantRequest, pk: int, contact_pk: int | None = None) -> HttpResponseBase:
    """A new contact, or a changed one."""
    account = account_of(request, pk)
    contact = _contact(request, pk, contact_pk) if contact_pk else None
    first = contact_initial(contact) if contact else None
    form = ContactForm(request.POST or None, initial=first, account=account, contact=contact)
    if request.method == "POST" and form.agreed():
        try:
            contact_save(account=account, values=form.values(), at=now(), by=request.member, contact=contact)
        except ValidationError as error:
            form.add_error(None, error.messages)
        else:
            return done(request, _("Saved."), account_url(request, pk) + "#people")
    return dialog(request, "accounts/contact.html", {"form": form, "account": account, "contact": contact})


@require_POST
@work
def contact_remove(request: TenantRequest, pk: int, contact_pk: int) -> HttpResponseBase:
    """Remove a contact; touches keep their notes."""
    contact = _contact(request, pk, contact_pk)
    contact_delete(contact=contact, at=now(), by=request.member)
    said = _("%(name)s is removed; the notes of touches stay.") % {"name": contact.name}
    return done(request, said, account_url(request, pk) + "#people")


@work
def conviction_new(request: TenantRequest, pk: int, contact_pk: int) -> HttpResponseBase:
    """Note whether somebody is convinced; the findings so far stand below."""
    contact = _contact(request, pk, contact_pk)
    must = [about for role in contact.roles for about in CONVINCED_OF.get(role, ())]
    first = {"on": local_date(request.tenant.timezone, now()), "about": must[0] if must else ""}
    form = ConvictionForm(request.POST or None, initial=first)
    if request.method == "POST" and form.is_valid():
        try:
            conviction_add(contact=contact, at=now(), by=request.member, **form.cleaned_data)
        except ValidationError as error:
            form.add_error(None, error.messages)
        else:
            return done(
                request, _("Noted for %(name)s.") % {"name": contact.name}, account_url(request, pk) + "#people"
            )
    history = contact.convictions.select_related("author__user").order_by("-on", "-id")
    context = {"form": form, "account": contact.account, "contact": contact, "history": history}
    return dialog(request, "accounts/conviction.html", context)
