"""Writes what a person keeps of Today: reasons put aside, and when they last looked."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from accounts.models import Account, Aside, Look
from tenants.models import Member

SITTING = timedelta(minutes=30)
QUIET = timedelta(days=14)  # as long as an alert that a person has marked done stays quiet


def aside_put(
    *, member: Member, account: Account, keys: Iterable[str], until: date, today: date, at: datetime, done: bool = False
) -> None:
    """Put reasons at an account aside until a day. Raises ValidationError unless that day lies ahead.

    The member's asides whose day has come are taken away, so that the table does not grow with the years.
    """
    if until <= today:
        raise ValidationError(_("Choose a day in the future."))
    Aside.objects.filter(member=member, until__lte=today).delete()
    for key in keys:
        Aside.objects.update_or_create(
            member=member, account=account, key=key, defaults={"until": until, "done": done, "at": at}
        )


def aside_drop(*, member: Member, account: Account, keys: Iterable[str]) -> None:
    """Show the reasons again: the way back from `aside_put`. Twice is the same as once."""
    Aside.objects.filter(member=member, account=account, key__in=list(keys)).delete()


def look_take(*, member: Member, at: datetime) -> Look:
    """The member looks at Today. After half an hour away a new sitting begins, and what is new counts from the end of
    the one before; within a sitting, a page loaded again moves nothing but its end.
    """
    look = Look.objects.filter(member=member).first()
    if look is None:
        return Look.objects.get_or_create(member=member, defaults={"at": at})[0]
    if at - look.at >= SITTING:
        look.since, look.at = look.at, at
        look.save(update_fields=["since", "at"])
    elif at - look.at >= timedelta(minutes=1):
        look.at = at
        look.save(update_fields=["at"])
    return look


def look_seen(*, member: Member, at: datetime) -> None:
    """Everything up to now is seen."""
    Look.objects.update_or_create(member=member, defaults={"at": at, "since": at})
