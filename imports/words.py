"""What is said about a value that is refused, and about one that is only suggested."""

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from common import formats
from imports.cleaning import Refused

SHORT = 60
UNREADABLE = {
    "empty": gettext_lazy("The file is empty."),
    "no_text": gettext_lazy("This is neither text nor a spreadsheet. Save it as CSV (UTF-8) or xlsx."),
    "broken": gettext_lazy("The file is damaged and cannot be read to its end. Save it anew as CSV (UTF-8) or xlsx."),
    "too_long": gettext_lazy("The file has more than 200,000 rows. Split it."),
    "too_wide": gettext_lazy("The file has more than 200 columns. Take out what is not needed."),
    "no_rows": gettext_lazy("The file has a head, but no rows below it."),
}
_ACCEPTED = {
    "date": gettext_lazy("Write a date as 2027-01-31."),
    "number": gettext_lazy("Write a number such as 1234.5."),
    "amount": gettext_lazy("Write an amount of 0 or more."),
    "count": gettext_lazy("Write a whole number of 0 or more."),
    "flag": gettext_lazy("Write yes or no."),
    "mail": gettext_lazy("Write an address such as ann@example.com."),
    "link": gettext_lazy("Write an address that begins with https://."),
    "control": gettext_lazy("No line breaks or control characters."),
}
RULES = {
    "dmy": gettext_lazy("The day stands first, then the month"),
    "mdy": gettext_lazy("The month stands first, then the day"),
    "mixed": gettext_lazy("Both orders stand in this column; these dates can be read in one way only"),
    "serial": gettext_lazy("The numbers are days as Excel counts them"),
    "short_year": gettext_lazy("Years of two digits are in this century"),
    "month": gettext_lazy("A month alone is its first day"),
    "brackets": gettext_lazy("An amount in brackets is below zero"),
    "comma": gettext_lazy("The comma stands before the decimals"),
    "short": gettext_lazy("k is a thousand, m a million"),
    "about": gettext_lazy("“About” is left out"),
    "unit": gettext_lazy("The word after the number is left out"),
    "near": gettext_lazy("Probably mistyped"),
    "perhaps": gettext_lazy("Perhaps mistyped; decide for each"),
    "mail": gettext_lazy("The address is mended"),
    "link": gettext_lazy("https:// is put before it"),
    "same": gettext_lazy("Probably the same company under another id"),
    "above": gettext_lazy("Probably the same company as in a row above, and then left out"),
}


def refused_words(text: str, refused: Refused) -> str:
    """Why a text is no value: which, and what would be accepted."""
    accepted = _accepted(refused)
    return _("“%(text)s” is not accepted. %(accepted)s") % {"text": text[:SHORT], "accepted": accepted}


def _accepted(refused: Refused) -> str:
    if refused.code == "long":
        return _("At most %(count)d characters.") % {"count": refused.params["most"]}
    if refused.code == "choice":
        known = refused.params["known"]
        if refused.params["more"]:
            return _("Nothing here is called so. Create it first, or correct the file.")
        if not known:
            return _("Nothing of the kind exists yet.")
        return _("Choose one of: %(choices)s.") % {"choices": _(", ").join(map(str, known))}
    return str(_ACCEPTED[refused.code])


def suggested_words(text: str, value: str, other: str = "") -> str:
    """What a row without its suggestion says; `other`: it could be read in two ways."""
    if other:
        said = _("“%(text)s” is “%(value)s” or “%(other)s”. Choose the order for the column, or correct the file.")
        return said % {"text": text[:SHORT], "value": value[:SHORT], "other": other[:SHORT]}
    said = _("“%(text)s” could be read as “%(value)s”. Accept the suggestion, or correct the file.")
    return said % {"text": text[:SHORT], "value": value[:SHORT]}


def value_words(value: Any) -> str:
    """A plain value for people."""
    if value is None or value == "" or value == []:
        return "–"
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, list):
        return _(", ").join(map(value_words, value))
    if hasattr(value, "year"):
        return formats.day(value)
    return str(value)
