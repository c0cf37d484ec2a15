"""What of customers' persons this room's tables hold."""

import secrets
from typing import Any

from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy

from accounts.models import Contact
from service import models as own
from service.models import SurveyAnswer, SurveyInvite, Ticket
from tenants.models import Door
from tenants.personal import Person, clear, declare
from tenants.personal.words import telling_names
from tenants.scope import current_tenant_id

CONTACT = Contact._meta.label


def _tickets_of(person: Person) -> Q:
    """Tickets whose requester is written as the person is called: by address or id; at their accounts by whole name."""
    wanted = Q(requester__in=[*person.contact_ids, *person.user_ids])
    for text in person.mails:
        wanted |= Q(requester__iexact=text)
    for text in telling_names(person.names):  # elsewhere somebody else may be called so
        wanted |= Q(requester__iexact=text, account__in=person.accounts)
    return wanted & ~Q(requester="")


def _answers_of(person: Person) -> Q:
    numbers = [f"c{pk}" for pk in person.rows[CONTACT]]
    wanted = Q(contact__in=person.rows[CONTACT]) | Q(person__in=[*numbers, *person.contact_ids, *person.user_ids])
    for text in person.mails:
        wanted |= Q(person__iexact=text)
    for text in telling_names(person.names):  # elsewhere somebody else may be called so
        wanted |= Q(person__iexact=text, account__in=person.accounts)
    return wanted


def _answers_erase(rows: "QuerySet[Any]", _person: Person) -> int:
    """The score stays as nobody's, so that a quarter's figures hold; who it was and what they wrote goes."""
    found = list(rows)
    for answer in found:
        answer.contact, answer.person, answer.comment = None, f"erased-{secrets.token_hex(8)}", ""
    SurveyAnswer.objects.bulk_update(found, ["contact", "person", "comment"], batch_size=500)
    return len(found)


def _invites_erase(rows: "QuerySet[Any]", _person: Person) -> int:
    """Links that were sent lead nowhere any more."""
    ids = list(rows.values_list("pk", flat=True))
    Door.objects.filter(kind=Door.Kind.SURVEY, tenant_id=current_tenant_id(), object_id__in=ids).delete()
    rows.delete()
    return len(ids)


def _of_contact(person: Person) -> Q:
    return Q(contact__in=person.rows[CONTACT])


def declare_all() -> None:
    """Called when the app starts."""
    declare(Ticket, own=("requester",), free=("subject",), none=("external_id",), why="an id", where="account__name",
            whose=_tickets_of, erase=clear(requester=""), label=gettext_lazy("Tickets they opened"))  # fmt: skip
    declare(SurveyAnswer, own=("contact", "person"), free=("comment",), none=("window",), why="a span of time",
            where="account__name", whose=_answers_of, erase=_answers_erase,
            label=gettext_lazy("Answers to surveys"))  # fmt: skip
    declare(SurveyInvite, own=("contact",), none=("language",), why="a code", whose=_of_contact, erase=_invites_erase,
            label=gettext_lazy("Questions sent to them"))  # fmt: skip
    declare(own.Wish, own=("contact",), free=("note",), where="account__name", whose=_of_contact,
            erase=clear(contact=None), label=gettext_lazy("Wishes"))  # fmt: skip
    declare(own.Request, free=("title", "detail", "answer"), none=("external_id",), why="an id")
    declare(own.Rival, free=("note",), none=("name", "area"), why="a product and a department", where="account__name")
    declare(own.SuccessCase, free=("title_en", "story_en", "result_en", "title_zh", "story_zh", "result_zh"),
            where="account__name",
            none=("external_id", "industry"), why="an id and a trade")  # fmt: skip
    declare(own.HelpPage, none=("token",), why="random")
    declare(own.HelpVote, why="numbers")
    declare(own.CaseFeature, why="references to the catalogue")
    declare(own.HelpArticle, none=("external_id", "title_en", "text_en", "video_en", "title_zh", "text_zh", "video_zh"),
            why="written for all customers")  # fmt: skip
