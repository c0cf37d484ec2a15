"""Between a value and what people type for it: one reader and one writer per kind of field, used by cells, pasted
columns, imports and forms, so that all accept the same and refuse in the same words.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from django.utils.translation import gettext as _

_DATE = re.compile(r"^(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?$")
_SHORT = 40
LONGEST = 500
MOST = Decimal(10) ** 14


class ValueRefused(ValueError):  # noqa: N818 - named by what became of the value
    """The text is no value of the field; the message says why and what would be accepted."""


def _refuse(text: str, accepted: str) -> ValueRefused:
    return ValueRefused(_("“%(text)s” is not accepted. %(accepted)s") % {"text": text[:_SHORT], "accepted": accepted})


def read_text(text: str, longest: int = LONGEST) -> str:
    """A line of text."""
    if len(text) > longest:
        raise _refuse(text, _("At most %(count)d characters.") % {"count": longest})
    if any(ord(character) < 32 for character in text):
        raise _refuse(text, _("No line breaks or control characters."))
    return text


def read_day(text: str) -> date:
    """A date, written year first."""
    match = _DATE.match(text.split(" ")[0])
    try:
        if match:
            return date(*(int(part) for part in match.groups()))
    except ValueError:
        pass
    raise _refuse(text, _("Write a date as 2027-01-31."))


def read_number(text: str) -> Decimal:
    """A number with at most four decimals; grouping, currency signs and 万 are understood."""
    bare = re.sub(r"[\s,，¥￥$€£]", "", text).replace("−", "-")
    factor = 10_000 if bare.endswith("万") else 1
    try:
        value = Decimal(bare.removesuffix("万")) * factor
    except InvalidOperation:
        raise _refuse(text, _("Write a number such as 1234.5.")) from None
    if not value.is_finite() or abs(value) >= MOST:
        raise _refuse(text, _("Write a number of at most 14 digits."))
    return value.quantize(Decimal("0.0001")).normalize() + 0


def read_amount(text: str) -> Decimal:
    """An amount of money, not negative, in cents."""
    value = read_number(text)
    if value < 0:
        raise _refuse(text, _("Write an amount of 0 or more."))
    return value.quantize(Decimal("0.01"))


def read_count(text: str) -> int:
    """A whole number of 0 or more."""
    value = read_number(text)
    if value != int(value) or not 0 <= value <= 2_000_000_000:
        raise _refuse(text, _("Write a whole number of 0 or more."))
    return int(value)


def read_link(text: str) -> str:
    """An address that begins with http:// or https://."""
    if not re.match(r"^https?://[^\s/]+", text, re.IGNORECASE):
        raise _refuse(text, _("Write an address that begins with https://."))
    return read_text(text)


def read_pick(text: str, choices: Mapping[str, str]) -> str:
    """One of the choices, by its key or its words, whatever the case."""
    wanted = text.strip().casefold()
    for key, words in choices.items():
        if wanted in (key.casefold(), words.casefold()):
            return key
    raise _refuse(text, _("Choose one of: %(choices)s.") % {"choices": _(", ").join(choices.values())})


def read_person(text: str, people: Sequence[Any]) -> Any:
    """One of the members, by id, e-mail, or name where only one has it."""
    wanted = text.strip().casefold()
    named = [one for one in people if wanted in (str(one.pk), one.user.email.casefold(), str(one).casefold())]
    exact = [one for one in named if wanted in (str(one.pk), one.user.email.casefold())] or named
    if len(exact) != 1:
        raise _refuse(text, _("Write the name or e-mail of a colleague here."))
    return exact[0]


READERS: dict[str, Callable[[str], Any]] = {
    "text": read_text,
    "number": read_number,
    "money": read_amount,
    "date": read_day,
    "link": read_link,
    "count": read_count,
}


def plain_number(value: Decimal) -> str:
    """A number without grouping and without zeros that say nothing: 1200, 0.5."""
    return f"{value.normalize():f}" if value else "0"


def plain_text(value: Any) -> str:
    """A value as it would be typed; nothing for none."""
    if value is None:
        return ""
    if isinstance(value, Decimal):
        return plain_number(value)
    return value.isoformat() if isinstance(value, date) else str(value)
