"""Which days and currencies are believed: one rule for forms, imports and the API. Pure but for the words.

A year typed wrongly (2206 for 2026) or a currency that nobody uses would stand in sums and charts for ever.
"""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from enum import IntEnum
from typing import Any

from babel.core import get_global
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

EARLIEST = date(1990, 1, 1)
NO_MONEY = frozenset({"XXX", "XTS", "XAU", "XAG", "XPT", "XPD"})  # none, for tests, and metals


class When(IntEnum):
    """What a day is about, as the days that it may lie ahead."""

    PAST = 1  # happened; one day for the zones that are ahead of UTC
    DUE = 3653  # is planned or promised: ten years
    TERM = 18_263  # begins or ends a term: fifty years


def day_fault(day: date, when: When, today: date) -> str:
    """Why a day is not believed, and what would be; empty where it is."""
    day = day.date() if isinstance(day, datetime) else day
    latest = today + timedelta(days=int(when))
    if EARLIEST <= day <= latest:
        return ""
    if when is When.PAST and day > latest:
        return _("This day lies in the future.")
    said = _("%(day)s is not plausible. Take a day from %(first)s to %(last)s.")
    return said % {"day": day.isoformat(), "first": EARLIEST.isoformat(), "last": latest.isoformat()}


def currency_fault(code: str) -> str:
    """Why a code is no currency; empty for those of ISO 4217, in capital letters."""
    if code in get_global("all_currencies") and code not in NO_MONEY:
        return ""
    return _("“%(code)s” is no currency. Write three capital letters, such as EUR.") % {"code": code[:20]}


def faults_of(values: Mapping[str, Any], days: Mapping[str, When], today: date) -> dict[str, list[str]]:
    """What is not believed of values, by field: the days named, and `currency` wherever it stands."""
    faults = {
        name: [fault]
        for name, when in days.items()
        if isinstance(values.get(name), date) and (fault := day_fault(values[name], when, today))
    }
    if isinstance(code := values.get("currency"), str) and (fault := currency_fault(code)):
        faults["currency"] = [fault]
    return faults


def demand(values: Mapping[str, Any], days: Mapping[str, When], at: datetime) -> None:
    """Raises ValidationError, by field, for what is not believed at this instant."""
    if faults := faults_of(values, days, at.date()):
        raise ValidationError({name: list(said) for name, said in faults.items()})
