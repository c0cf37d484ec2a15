"""Numbers, money, dates and spans as the reader's language writes them (CLDR, through Babel).

Every function takes plain values and answers text for the active language. None of them reads a clock.
Rounding is half up, as everywhere in the product, and done before Babel sees the number.
"""

from collections.abc import Iterable
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache

from babel import Locale, UnknownLocaleError
from babel.core import get_global
from babel.dates import format_date, format_datetime, get_timezone_location
from babel.numbers import format_compact_currency, format_currency, format_decimal
from django.utils import timezone
from django.utils.translation import get_language, gettext, ngettext, to_locale

Number = int | float | Decimal

MINUS = "−"
DAY_PATTERNS = {
    "en": {"short": "d MMM", "dated": "d MMM y", "long": "EEE d MMM", "full": "EEEE d MMMM y"},
    "zh": {"short": "M月d日", "dated": "y-MM-dd", "long": "M月d日（EEE）", "full": "y年M月d日 EEEE"},
}


@lru_cache(maxsize=16)
def _locale_named(name: str) -> Locale:
    try:
        return Locale.parse(name)
    except (UnknownLocaleError, ValueError):
        return Locale.parse("en")


def active_locale() -> Locale:
    """The Babel locale of the active language; English when none is active or Babel knows it not."""
    return _locale_named(to_locale(get_language() or "en"))


def place(zone: str) -> str:
    """The city of a time zone in the active language: "Asia/Shanghai" → "Shanghai", "上海"."""
    return get_timezone_location(zone, locale=active_locale(), return_city=True)


def rounded(value: Number, digits: int = 0) -> Decimal:
    """`value` with `digits` decimals, half up (away from zero on a tie)."""
    exact = value if isinstance(value, Decimal) else Decimal(str(value))
    return exact.quantize(Decimal(1).scaleb(-digits), rounding=ROUND_HALF_UP)


def sentences(texts: Iterable[object]) -> str:
    """Sentences one after the other: with a space between them, in Chinese without one."""
    return ("" if active_locale().language == "zh" else " ").join(str(text) for text in texts)


def labelled(label: object, text: object) -> str:
    """What a text is about, before it; the colon is that of the reader's language."""
    return f"{label}{gettext(': ')}{text}"


def number(value: Number, digits: int = 0) -> str:
    """A number with grouped thousands and exactly `digits` decimals: 1234.5 → "1,235"."""
    positive_zero = rounded(value, digits) + 0  # −0 equals 0, so both would share one cached text
    return _number_text(positive_zero, digits, to_locale(get_language() or "en"))


@lru_cache(maxsize=16_384)
def _number_text(exact: Decimal, digits: int, locale: str) -> str:
    """A page of a table writes hundreds of numbers, mostly small ones, and Babel takes its time for each."""
    pattern = "#,##0" + ("." + "0" * digits if digits else "")
    return _true_minus(format_decimal(exact, format=pattern, locale=_locale_named(locale)))


def signed(value: Number, digits: int = 0) -> str:
    """A change with its sign: "+3", "−12.4"; a change that rounds to nothing has none: "0"."""
    exact = rounded(value, digits)
    text = number(exact, digits)
    return "+" + text if exact > 0 else (number(abs(exact), digits) if exact == 0 else text)


def percent(ratio: Number, digits: int = 0) -> str:
    """A ratio as a percentage: 0.314 → "31%". Above 1 stays above 100 %."""
    value = ratio if isinstance(ratio, Decimal) else Decimal(str(ratio))
    return number(value * 100, digits) + "%"


def money(amount: Number, currency: str, digits: int = 0) -> str:
    """An amount with its currency's sign as the language writes it: "$412,000", "¥1,280,000"."""
    if currency.upper() not in get_global("all_currencies"):
        return f"{number(amount, digits)} {currency}"
    positive_zero = rounded(amount, digits) + 0
    return _money_text(positive_zero, currency.upper(), digits, to_locale(get_language() or "en"))


@lru_cache(maxsize=4096)
def _money_text(exact: Decimal, currency: str, digits: int, locale: str) -> str:
    pattern = "¤#,##0" + ("." + "0" * digits if digits else "")
    text = format_currency(exact, currency, format=pattern, locale=_locale_named(locale), currency_digits=False)
    return _true_minus(text)


def money_short(amount: Number, currency: str) -> str:
    """An amount to about three digits for headlines: "$8.42M", "¥842万"."""
    size = abs(float(amount))
    if size < 10_000 or currency.upper() not in get_global("all_currencies"):
        return money(amount, currency)
    digits = 2 if size >= 1_000_000 and active_locale().language != "zh" else 0
    return _true_minus(
        format_compact_currency(amount, currency.upper(), locale=active_locale(), fraction_digits=digits)
    )


def day(value: date, style: str = "dated") -> str:
    """A date: short "14 Jan", dated "14 Jan 2027", long "Sat 21 Nov", full with weekday and year."""
    return _day_text(value, style, to_locale(get_language() or "en"))


@lru_cache(maxsize=4096)
def _day_text(value: date, style: str, name: str) -> str:
    locale = _locale_named(name)
    patterns = DAY_PATTERNS.get(locale.language, DAY_PATTERNS["en"])
    return format_date(value, format=patterns[style], locale=locale)


def instant(value: datetime, style: str = "dated") -> str:
    """An instant as local date and time in the active time zone: "21 Nov 2026, 02:04"."""
    local = timezone.localtime(value) if timezone.is_aware(value) else value
    clock = format_datetime(local, format="HH:mm", locale=active_locale())
    separator = " " if active_locale().language == "zh" else ", "
    return day(local.date(), style) + separator + clock


def span(seconds: float) -> str:
    """A duration in its largest fitting unit, for remaining times: "40 s", "3 min", "2 h"."""
    if seconds < 60:
        return gettext("%(count)s s") % {"count": number(seconds)}
    if seconds < 5400:
        return gettext("%(count)s min") % {"count": number(seconds / 60)}
    return gettext("%(count)s h") % {"count": number(seconds / 3600, 1)}


def days(count: int) -> str:
    """A number of days with its unit, short: "47 d"."""
    return gettext("%(count)s d") % {"count": number(count)}


def minutes(count: Number) -> str:
    """A length of time in the largest unit that fits: "34 min", "5.2 h", "3.1 d" of 24 hours."""
    if count < 100:
        return gettext("%(count)s min") % {"count": number(count)}
    if count < 72 * 60:
        return gettext("%(count)s h") % {"count": number(count / 60, 1)}
    return gettext("%(count)s d") % {"count": number(count / 1440, 1)}


def days_from(value: date, as_of: date) -> str:
    """How far a date lies from `as_of`: "in 53 days", "today", "12 days ago"."""
    distance = (value - as_of).days
    if distance == 0:
        return gettext("today")
    text = ngettext("in %(count)s day", "in %(count)s days", distance)
    if distance < 0:
        text = ngettext("%(count)s day ago", "%(count)s days ago", -distance)
    return text % {"count": number(abs(distance))}


def due(value: date, today: date) -> str:
    """What is to be done by a day, seen from today: "overdue by 3 days", "due today", "due in 5 days"."""
    distance = (value - today).days
    if distance == 0:
        return gettext("due today")
    text = ngettext("due in %(count)s day", "due in %(count)s days", distance)
    if distance < 0:
        text = ngettext("overdue by %(count)s day", "overdue by %(count)s days", -distance)
    return text % {"count": number(abs(distance))}


def due_on(value: date, today: date) -> str:
    """The same with the day itself: "overdue by 3 days, 19 Nov"."""
    return gettext("%(due)s, %(day)s") % {"due": due(value, today), "day": day(value, "short")}


def _true_minus(text: str) -> str:
    return text.replace("-", MINUS)
