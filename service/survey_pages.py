"""Surveys: asking a person by a link, what was answered, and the page behind the link, which needs no login."""

from datetime import timedelta
from email.utils import formataddr, parseaddr
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.mail import send_mail
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import translation
from django.utils.timezone import now
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from accounts.back import dialog
from accounts.pieces import account_piece
from accounts.selectors import visible_to
from accounts.views import account_of, work
from common.csvfile import csv_response
from common.visits import address_of, too_many
from operations.days import local_date
from service.forms import AnswerForm, AskForm
from service.models import SurveyInvite
from service.selectors.surveys import answers_of, answers_of_account
from service.services.surveys import AnsweredAlready, survey_answer, survey_ask
from service.surveys import result
from service.voice_pages import today_of
from tenants.models import Door, Tenant
from tenants.permissions import Permission, TenantRequest, member_required
from tenants.scope import request_scope
from tenants.selectors import door_of_token

read = member_required(Permission.READ)
SPANS = (90, 180, 365)
# Requests per minute and address; a person needs two.
MOST_PER_MINUTE = 30


def _answered(request: TenantRequest) -> tuple[int, Any]:
    text = request.GET.get("days", "")
    days = int(text) if text in map(str, SPANS) else SPANS[0]
    today = today_of(request)
    start, end = today - timedelta(days=days - 1), today + timedelta(days=1)
    accounts = visible_to(request.member)
    return days, answers_of(accounts=accounts, zone=request.tenant.timezone, start=start, end=end)


@require_GET
@read
def surveys(request: TenantRequest) -> HttpResponseBase:
    """NPS and CSAT, by quarter, and the answers with what people wrote."""
    days, found = _answered(request)
    context = {"days": days, "spans": SPANS, "found": found, "answers": found.answers[:200]}
    return render(request, "service/surveys.html", context)


@require_GET
@read
def surveys_csv(request: TenantRequest) -> HttpResponseBase:
    """The answers as CSV."""
    _days, found = _answered(request)
    head = [_("Date"), _("Account"), _("Question"), _("Answer"), _("Comment"), _("Person"), _("Came by")]
    zone = request.tenant.timezone
    rows = (
        [local_date(zone, one.answered_at), one.account.name, one.get_kind_display(), one.score, one.comment,
         str(one.contact or one.person), one.get_source_display()]
        for one in found.answers
    )  # fmt: skip
    return csv_response("surveys", head, rows)


@require_GET
@read
@account_piece
def account_surveys(request: TenantRequest, pk: int) -> HttpResponseBase:
    """The account's latest answers: a part of its page."""
    account = account_of(request, pk)
    answers = answers_of_account(account=account)
    context = {"account": account, "answers": answers, "total": result((one.kind, one.score) for one in answers)}
    return render(request, "service/account_surveys.html", context)


@work
def survey_new(request: TenantRequest, pk: int) -> HttpResponseBase:
    """Ask a person there: the link is shown this once, and sent where that is asked for."""
    account = account_of(request, pk)
    form = AskForm(request.POST or None, account=account, initial={"language": request.tenant.language})
    context: dict[str, Any] = {"form": form, "account": account, "people": form.people}
    if request.method == "POST" and form.is_valid():
        values = form.cleaned_data
        person = form.people[values["contact"]]
        _invite, token = survey_ask(
            contact=person, kind=values["kind"], language=values["language"], at=now(), by=request.member
        )
        link = settings.SITE_URL + reverse("survey", args=[token])
        if values["mail"]:
            _send(request.tenant, person.email, values["language"], link)
        context |= {"link": link, "person": person, "mailed": values["mail"]}
    response = dialog(request, "service/ask.html", context)
    response["Cache-Control"] = "no-store"
    return response


def _send(tenant: Tenant, email: str, language: str, link: str) -> None:
    with translation.override(language):
        subject = _("%(name)s: one question") % {"name": tenant.name}
        text = _("We would like to know how we are doing. It takes less than a minute:\n\n%(link)s\n\n%(name)s") % {
            "link": link,
            "name": tenant.name,
        }
    sender = formataddr(
        (tenant.name, parseaddr(settings.DEFAULT_FROM_EMAIL)[1])
    )  # the customer knows the vendor, not us
    transaction.on_commit(lambda: send_mail(subject, text, sender, [email]))


@require_http_methods(["GET", "HEAD", "POST"])
def survey(request: HttpRequest, token: str) -> HttpResponseBase:
    """The question behind a link, in the customer's language. Looking at it answers nothing: mail programs look too."""
    minute = f"{now():%Y%m%d%H%M}"
    if too_many(door="survey", address=address_of(request), minute=minute, most=MOST_PER_MINUTE):
        response: HttpResponse = render(request, "service/survey_gone.html", {"state": "many"}, status=429)
        response["Retry-After"] = "60"
        return response
    door = door_of_token(token=token, kind=Door.Kind.SURVEY)
    if door is None:
        return render(request, "service/survey_gone.html", {"state": "gone"}, status=404)
    with request_scope(tenant_id=door.tenant_id, user_id=None):
        invite = get_object_or_404(SurveyInvite.objects.select_related("contact"), pk=door.object_id)
        with translation.override(invite.language):
            request.LANGUAGE_CODE = invite.language  # as the locale middleware sets it
            return _asked(request, invite, door.tenant)


def _asked(request: HttpRequest, invite: SurveyInvite, tenant: Tenant) -> HttpResponse:
    context: dict[str, Any] = {"invite": invite, "asking": tenant}
    if now() >= invite.expires_at:
        return render(request, "service/survey_gone.html", {**context, "state": "expired"}, status=410)
    first = {"score": request.GET.get("score", "")}
    form = AnswerForm(request.POST if request.method == "POST" else None, kind=invite.kind, initial=first)
    if request.method == "POST" and form.is_valid():
        try:
            survey_answer(invite=invite, tenant=tenant, at=now(), **form.cleaned_data)
        except AnsweredAlready:
            context["again"] = True
        except ValidationError as error:
            form.add_error(None, error.messages)
            return _private(render(request, "service/survey.html", {**context, "form": form}))
        return _private(render(request, "service/survey.html", {**context, "thanks": True}))
    return _private(render(request, "service/survey.html", {**context, "form": form}))


def _private(response: HttpResponse) -> HttpResponse:
    """The address is a secret: it is kept nowhere and told to nobody."""
    response["Cache-Control"] = "no-store"
    response["Referrer-Policy"] = "same-origin"
    response["X-Robots-Tag"] = "noindex"
    return response
