"""Touches: logged in seconds, changed, deleted, read from messages; and next steps."""

from datetime import date
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.utils.timezone import now
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from accounts.back import account_url, dialog, done, next_url, toast
from accounts.mail import read_message
from accounts.models import NextStep, Touch
from accounts.people_forms import MailForm, TouchForm, first_touch, touch_initial
from accounts.selectors import visible_to
from accounts.services import (
    mail_take,
    mailbox_ensure,
    step_done,
    step_reopen,
    touch_change,
    touch_delete,
    touch_log,
)
from accounts.views import account_of, work
from accounts.when import parse_when, split_step
from common import formats
from common.edits import locked
from operations.days import local_date
from tenants.permissions import Permission, TenantRequest, is_allowed
from tenants.personal import ErasedPerson, turned_away


def _today(request: TenantRequest) -> date:
    return local_date(request.tenant.timezone, now())


def _touch(request: TenantRequest, pk: int, touch_pk: int) -> Touch:
    """The touch, for its author and for managers."""
    account = account_of(request, pk)
    rows = locked(Touch.objects.select_related("account", "author__user"), sent=request.method == "POST")
    touch = get_object_or_404(rows, pk=touch_pk, account=account)
    if touch.author_id != request.member.pk and not is_allowed(request.member, Permission.MANAGE):
        raise PermissionDenied
    return touch


def _shown(request: TenantRequest, form: TouchForm, context: dict[str, Any]) -> HttpResponseBase:
    return dialog(request, "accounts/touch.html", {"form": form, **context})


@work
def touch_new(request: TenantRequest, pk: int) -> HttpResponseBase:
    """Log a touch: a dialog over the page one is on, or a page of its own where scripts are off.

    Asked with `stay`, the page stays as it is and hears of the touch by the event `touch-logged`.
    """
    account, today = account_of(request, pk), _today(request)
    form = TouchForm(request.POST or None, account=account, today=today, initial=first_touch(today))
    back = next_url(request, request.headers.get("HX-Current-URL", "") or account_url(request, pk))
    stay = request.POST.get("stay") or request.GET.get("stay")
    if request.method == "POST" and form.is_valid():
        try:
            touch_log(account=account, by=request.member, at=now(), **form.values(), **form.step_values())
        except ValidationError as error:
            form.add_error(None, error.messages)
        else:
            if stay and request.headers.get("HX-Request"):
                more: dict[str, Any] = {"close-dialog": {}, "touch-logged": {"account": account.pk}}
                return toast(HttpResponse(status=204), _logged(account.name, form), **more)
            return done(request, _logged(account.name, form), back)
    return _shown(request, form, {"account": account, "back": back, "stay": stay})


def _logged(name: str, form: TouchForm) -> str:
    said = _("Logged at %(name)s.") % {"name": name}
    step = form.step_values()
    if not step:
        return said
    due = {"step": step["step"], "day": formats.day(step["step_due"])}
    return formats.sentences([said, _("Next: %(step)s, due %(day)s.") % due])


@work
def touch_edit(request: TenantRequest, pk: int, touch_pk: int) -> HttpResponseBase:
    """Change a touch: its author, or a manager."""
    touch, today = _touch(request, pk, touch_pk), _today(request)
    form = TouchForm(
        request.POST or None,
        account=touch.account,
        today=today,
        steps=False,
        initial=touch_initial(touch),
        stored=True,
    )
    form.keep = f"touch-edit-{touch.pk}"
    back = next_url(request, account_url(request, pk) + "#timeline")
    if request.method == "POST" and form.agreed():
        try:
            touch_change(touch=touch, values=form.values(), at=now(), by=request.member)
        except ValidationError as error:
            form.add_error(None, error.messages)
        else:
            return done(request, _("Saved."), back)
    return _shown(request, form, {"account": touch.account, "touch": touch, "back": back})


@require_POST
@work
def touch_remove(request: TenantRequest, pk: int, touch_pk: int) -> HttpResponseBase:
    """Delete a touch: its author, or a manager. The audit trail keeps the note."""
    touch = _touch(request, pk, touch_pk)
    touch_delete(touch=touch, at=now(), by=request.member)
    return done(request, _("The touch is deleted; the audit trail keeps its note."), account_url(request, pk))


@require_GET
@work
def step_when(request: TenantRequest) -> HttpResponseBase:
    """Which day a next step means, as one types it."""
    today, due = _today(request), request.GET.get("step_due", "")[:60]
    text = request.GET.get("step", "")[:300]
    day = parse_when(due, today) if due.strip() else split_step(text, today)[1] if text.strip() else None
    said = f"{formats.day(day, 'long')} · {formats.days_from(day, today)}" if day else ""
    return HttpResponse(said, content_type="text/plain; charset=utf-8")


@require_POST
@work
def step_set(request: TenantRequest, pk: int) -> HttpResponseBase:
    """A next step is done; sent with `undo`, it is open again."""
    step = get_object_or_404(NextStep.objects.select_related("account"), pk=pk, account__in=visible_to(request.member))
    act = step_reopen if request.POST.get("undo") else step_done
    act(step=step, at=now(), by=request.member)
    said = _("Open again.") if request.POST.get("undo") else _("Done: %(text)s") % {"text": step.text}
    if not request.headers.get("HX-Request"):
        return done(request, said, next_url(request, account_url(request, step.account_id)))
    context = {"step": step, "today": _today(request), "with_account": request.POST.get("with_account")}
    return toast(render(request, "accounts/step.html", context), said)


@work
def mail_upload(request: TenantRequest, pk: int) -> HttpResponseBase:
    """File a saved message as a touch; the account's mail-in address stands beside it."""
    account = account_of(request, pk)
    form = MailForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        message = read_message(form.cleaned_data["file"].read())
        try:
            if not message.sender and message.sent_at is None:
                raise ValidationError(
                    _("This is no saved message: it names no sender and no date. Save it as .eml in your mail program.")
                )
            _touch, new = mail_take(
                account=account, message=message, tenant=request.tenant, at=now(), by=request.member
            )
        except ErasedPerson as fault:
            turned_away(door="mail", count=1, at=now())
            form.add_error("file", fault.messages)
        except ValidationError as fault:
            form.add_error("file", fault.messages)
        else:
            said = _("The message is filed.") if new else _("This message was filed before; nothing was changed.")
            return done(request, said, account_url(request, pk) + "#timeline")
    box = mailbox_ensure(account=account, at=now())
    address = f"{box.token}@{request.get_host().split(':')[0]}"
    context = {"form": form, "account": account, "address": address, "token": box.token}
    return dialog(request, "accounts/mail.html", context)
