"""Writes survey invitations and answers."""

import secrets
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from accounts.models import Account, Contact
from common.plausible import When, demand
from operations.days import local_date
from service.models import SurveyAnswer, SurveyInvite
from service.surveys import RANGES, window_of
from tenants.models import Door, Member, Tenant
from tenants.personal import person_blocked, turned_away
from tenants.services import audit_add, door_make

LASTS = timedelta(days=30)


class AnsweredAlready(ValidationError):  # noqa: N818 - named by what was found
    """The person has answered in this window; the first answer stands."""


def survey_ask(
    *, contact: Contact, kind: str, language: str, at: datetime, by: Member | None
) -> tuple[SurveyInvite, str]:
    """Ask a person by a link that is good for 30 days; returns the link's secret, which is kept nowhere."""
    invite = SurveyInvite(
        kind=kind, account=contact.account, contact=contact, language=language, sent_by=by, created_at=at,
        expires_at=at + LASTS,
    )  # fmt: skip
    invite.full_clean(exclude=["tenant"])
    invite.save()
    token = secrets.token_urlsafe(24)
    door_make(kind=Door.Kind.SURVEY, token=token, target=invite)
    audit_add(actor=by, action="create", target=invite, at=at, changes={"contacts": [None, contact.name]})
    return invite, token


def person_of(contact: Contact) -> str:
    """How a contact is told apart among those who answer."""
    return f"c{contact.pk}"


def survey_answer(*, invite: SurveyInvite, tenant: Tenant, score: int, comment: str, at: datetime) -> SurveyAnswer:
    """Keep the answer of an invited person; raises AnsweredAlready in the same window, ValidationError once expired."""
    if at >= invite.expires_at:
        raise ValidationError(_("This question has expired."))
    window = window_of(invite.kind, local_date(tenant.timezone, at))
    answer = SurveyAnswer(
        kind=invite.kind, account_id=invite.account_id, contact_id=invite.contact_id, person=person_of(invite.contact),
        window=window, score=_checked(invite.kind, score), comment=comment.strip(), answered_at=at,
        source=SurveyAnswer.Source.LINK,
    )  # fmt: skip
    try:
        with transaction.atomic():
            answer.save()
    except IntegrityError as fault:
        raise AnsweredAlready(_("You have answered already. Thank you!")) from fault
    changes = {"score": [None, score]}
    audit_add(actor=None, action="add", target=answer, at=at, changes=changes, label=str(invite.contact))
    return answer


def _checked(kind: str, score: int) -> int:
    least, most = RANGES[kind]
    if not least <= score <= most:
        raise ValidationError(
            {"score": _("Send a whole number from %(least)d to %(most)d.") % {"least": least, "most": most}}
        )
    return score


def answers_upsert(
    *, tenant: Tenant, rows: Sequence[Mapping[str, Any]], at: datetime, by: Member | None, label: str = ""
) -> list[tuple[str, SurveyAnswer | None]]:
    """Keep answers collected elsewhere: one per account, kind, person and window; the same person again in it changes
    theirs. Twice is the same as once.

    A row has `account`, `kind`, `score`, and `contact` or `person`; `answered_at` and `comment` may be left out.
    An answer of an erased person is counted and passed over: erased, without an answer. Raises ValidationError with
    `{row number: reasons}`.
    """
    done: list[tuple[str, SurveyAnswer | None]] = []
    for number, row in enumerate(rows):
        person = str(row.get("person") or "")
        if person and person_blocked(mail=person, contact=person, user=person):
            done.append(("erased", None))
            continue
        try:
            done.append(_upsert(tenant, row, at))
        except ValidationError as fault:
            raise ValidationError({str(number): fault.messages}) from fault
    counts: dict[str, Any] = {what: [None, sum(fate == what for fate, _a in done)] for what in ("created", "changed")}
    turned_away(door="surveys", count=sum(fate == "erased" for fate, _answer in done), at=at)
    kept = [answer for fate, answer in done if answer is not None and fate != "unchanged"]
    if kept:
        audit_add(actor=by, action="import", target=kept[0], at=at, changes=counts, label=label or None)
    return done


def answers_remove(*, answers: Sequence[SurveyAnswer], at: datetime, by: Member | None, label: str = "") -> None:
    """Delete answers, as if they had never come."""
    if answers:
        SurveyAnswer.objects.filter(pk__in=[one.pk for one in answers]).delete()
        changes: dict[str, Any] = {"deleted": [None, len(answers)]}
        audit_add(actor=by, action="delete", target=answers[0], at=at, changes=changes, label=label or None)


def _upsert(tenant: Tenant, row: Mapping[str, Any], at: datetime) -> tuple[str, SurveyAnswer]:
    account: Account = row["account"]
    contact: Contact | None = row.get("contact")
    if contact is not None and contact.account_id != account.pk:
        raise ValidationError(_("This person belongs to another account."))
    person = person_of(contact) if contact else row.get("person", "").strip()
    if not person:
        raise ValidationError(_("Send the person who answered: contact_external_id or person."))
    moment = row.get("answered_at") or at
    demand({"answered_at": moment}, {"answered_at": When.PAST}, at)
    if moment > at:
        raise ValidationError(_("This day lies in the future."))
    window = window_of(row["kind"], local_date(tenant.timezone, moment))
    held = SurveyAnswer.objects.filter(kind=row["kind"], account=account, person=person, window=window).first()
    answer = held or SurveyAnswer(
        kind=row["kind"], account=account, contact=contact, person=person, window=window, answered_at=moment,
        source=row.get("source", SurveyAnswer.Source.API),
    )  # fmt: skip
    before = (answer.score, answer.comment) if held else None
    answer.score, answer.comment = _checked(row["kind"], row["score"]), row.get("comment", answer.comment)
    if before == (answer.score, answer.comment):
        return "unchanged", answer
    answer.save()
    return ("changed" if held else "created"), answer
