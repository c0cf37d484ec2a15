"""From the text of a cell to a value: as it stands, by a rule that somebody has to accept, or refused. Pure.

A value is taken as it stands when it can be read in one way only. Everything else that a person would still understand
is a suggestion: a rule for the whole column (`16-10-2024` is day, month, year; 45351 is Excel's number of a day), or
one text that stands for another (a choice that was mistyped).
"""

import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any

from imports.nearness import nearest

MOST = Decimal(10) ** 14
EXCEL_FIRST = date(1899, 12, 30)
SERIALS = (20_000, 80_000)  # 1954 to 2119: other numbers are rather amounts or years
MOST_NAMED = 12


class Refused(ValueError):  # noqa: N818 - named by what became of the value
    """The text is no value; `code` says what would be accepted."""

    def __init__(self, code: str, **params: Any) -> None:
        super().__init__(code)
        self.code, self.params = code, params


@dataclass(frozen=True)
class Read:
    """A value, and the rule by which it was read; no rule: as it stands. `each`: the rule is for this text alone.

    `others`: further rules by which it could be read. `perhaps`: hardly more than a guess.
    """

    value: Any
    rule: str = ""
    each: bool = False
    others: tuple[str, ...] = ()
    perhaps: bool = False


@dataclass(frozen=True)
class Options:
    """What a choice may be: `exact` finds a code by every accepted text (folded), `words` says what a code is called.

    `near`: folded names among which a mistyped one is looked for; `names`: those of people or companies.
    """

    exact: Mapping[str, str]
    words: Mapping[str, str]
    near: Mapping[str, str] = field(default_factory=dict)
    names: bool = False


def fold(text: str) -> str:
    """A text as it is compared: full-width forms, case and blanks make no difference."""
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


def options_of(choices: Iterable[tuple[str, str, Iterable[str]]]) -> Options:
    """Options of choices: code, words, more texts that mean it."""
    exact: dict[str, str] = {}
    words: dict[str, str] = {}
    near: dict[str, str] = {}
    for code, said, more in choices:
        words[code] = said
        for text in (code, said, *more):
            exact.setdefault(fold(text), code)
            near.setdefault(fold(text), code)
    return Options(exact, words, near)


_YEAR_FIRST = re.compile(r"^(\d{4})\s?[-/.年]\s?(\d{1,2})\s?[-/.月]\s?(\d{1,2})\s?[日号]?$")
_COMPACT = re.compile(r"^((?:19|20)\d{2})(\d{2})(\d{2})$")
_YEAR_LAST = re.compile(r"^(\d{1,2})[-/. ](\d{1,2})[-/. ](\d{4}|\d{2})$")
_SHORT_YEAR = re.compile(r"^(\d{2})年(\d{1,2})月(\d{1,2})[日号]?$")
_MONTH = re.compile(r"^(\d{4})\s?[-/.年]\s?(\d{1,2})\s?月?$")
_NAMED = re.compile(
    r"^(?:(\d{1,2})[ -]([a-z]{3,9})\.?[ ,-]+(\d{4})|([a-z]{3,9})\.? (\d{1,2})(?:st|nd|rd|th)?,? (\d{4}))$"
)
_MONTH_NAMES = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTHS = {name: number for number, name in enumerate(_MONTH_NAMES, start=1)}
_TIME = re.compile(
    r"^(.*?\d[日号]?)[T\s]+(\d{1,2}):(\d{2})(?::(\d{2})(?:\.\d+)?)?\s*(Z|[+-]\d{2}:?\d{2})?$", re.IGNORECASE
)


def _day(year: int, month: int, day: int) -> date:
    try:
        found = date(year, month, day)
    except ValueError:
        raise Refused("date") from None
    if not 1900 <= found.year <= 2200:
        raise Refused("date")
    return found


def read_date(text: str) -> Read:
    """A day. Year first, or the month named, is read as it stands; other orders, short years and numbers by a rule."""
    bare = unicodedata.normalize("NFKC", text).strip()
    timed = _TIME.match(bare)
    bare = timed[1] if timed else bare
    for pattern in (_YEAR_FIRST, _COMPACT):
        if found := pattern.match(bare):
            return Read(_day(*(int(part) for part in found.groups())))
    if found := _NAMED.match(bare.lower()):
        day, month, year = (found[1], found[2], found[3]) if found[1] else (found[5], found[4], found[6])
        if month[:3] in _MONTHS:
            return Read(_day(int(year), _MONTHS[month[:3]], int(day)))
    return _date_by_rule(bare)


def _date_by_rule(bare: str) -> Read:
    if found := _YEAR_LAST.match(bare):
        first, second, year = (int(part) for part in found.groups())
        return _year_last(first, second, year if year > 99 else 2000 + year)
    if found := _SHORT_YEAR.match(bare):
        year, month, day = (int(part) for part in found.groups())
        return Read(_day(2000 + year, month, day), "short_year")
    if found := _MONTH.match(bare):
        return Read(_day(int(found[1]), int(found[2]), 1), "month")
    if bare.replace(".", "", 1).isdigit() and SERIALS[0] <= float(bare) < SERIALS[1]:
        return Read(EXCEL_FIRST + timedelta(days=int(float(bare))), "serial")
    raise Refused("date")


def _year_last(first: int, second: int, year: int) -> Read:
    """Day and month in either order: one order where only one is a date, both offered where both are."""
    if first > 12 or second > 12:
        if first > 12:
            return Read(_day(year, second, first), "dmy")
        return Read(_day(year, first, second), "mdy")
    if first == second:
        return Read(_day(year, first, second))
    return Read(_day(year, second, first), "dmy", others=("mdy",))


def swapped(found: Read, rule: str) -> Read:
    """A date that can be read in both orders, read in the other."""
    if rule == "mdy" and found.rule == "dmy" and "mdy" in found.others:
        return Read(found.value.replace(month=found.value.day, day=found.value.month), "mdy")
    return found


def read_instant(text: str) -> Read:
    """A day with its time, without zone unless the text names one; a day alone is its first minute.

    Numbers of 10 and 13 digits are seconds and milliseconds since 1970.
    """
    bare = unicodedata.normalize("NFKC", text).strip()
    if bare.isdigit() and len(bare) in (10, 13):
        return Read(datetime.fromtimestamp(int(bare) / (1 if len(bare) == 10 else 1000), tz=UTC))
    day = read_date(bare)
    timed = _TIME.match(bare)
    if not timed:
        clock = timedelta(days=float(bare) % 1) if day.rule == "serial" else timedelta(0)
        at = datetime.combine(day.value, time(0)) + timedelta(seconds=round(clock.total_seconds()))
        return Read(at, day.rule, others=day.others)
    try:
        at = datetime.combine(day.value, time(int(timed[2]), int(timed[3]), int(timed[4] or 0)))
    except ValueError:
        raise Refused("date") from None
    if timed[5]:
        at = datetime.fromisoformat(at.isoformat() + timed[5].upper().replace("Z", "+00:00"))
    return Read(at, day.rule, others=day.others)


_MONEY_WORDS = re.compile(r"[\s¥￥$€£元]|人民币|rmb|cny|usd|eur|gbp|yuan|整$", re.IGNORECASE)
_FACTORS = {"万": 10_000, "萬": 10_000, "亿": 100_000_000, "k": 1_000, "m": 1_000_000, "w": 10_000}
_ABOUT = re.compile(r"^(?:约|大约|~|≈|ca\.?|about|approx\.?)", re.IGNORECASE)


def read_number(text: str) -> Read:
    """A number of at most four decimals. Grouping, currency signs and 万 are read as they stand; brackets for less than
    nothing, a comma for decimals, k, m and "about" by a rule.
    """
    bare, rule = unicodedata.normalize("NFKC", text).strip().replace("−", "-").replace("，", ","), ""
    if _ABOUT.match(bare):
        bare, rule = _ABOUT.sub("", bare), "about"
    bare = _MONEY_WORDS.sub("", bare)
    if bare.startswith("(") and bare.endswith(")"):
        bare, rule = "-" + bare[1:-1].lstrip("-"), "brackets"
    factor = _FACTORS.get(bare[-1:].lower(), 1)
    if factor > 1:
        rule = rule or ("short" if bare[-1:].isascii() else "")
        bare = bare[:-1]
    if re.fullmatch(r"-?\d{1,3}(\.\d{3})*,\d{1,2}", bare) or re.fullmatch(r"-?\d+,\d{1,2}", bare):
        bare, rule = bare.replace(".", "").replace(",", "."), rule or "comma"
    elif not re.fullmatch(r"-?(\d{1,3}(,\d{3})+|\d{1,4}(,\d{4})+|\d*)(\.\d+)?", bare):
        raise Refused("number")
    return Read(_decimal(bare.replace(",", "")) * factor, rule)


def _decimal(bare: str) -> Decimal:
    try:
        value = Decimal(bare)
    except InvalidOperation:
        raise Refused("number") from None
    if not value.is_finite() or abs(value) >= MOST:
        raise Refused("number")
    return value.quantize(Decimal("0.0001")).normalize() + 0


def read_amount(text: str) -> Read:
    """An amount of money of 0 or more, in cents."""
    found = read_number(text)
    if found.value < 0 or found.value >= MOST:
        raise Refused("amount")
    return Read(found.value.quantize(Decimal("0.01")), found.rule)


def read_signed_amount(text: str) -> Read:
    """An amount of money, in cents; less than nothing is a refund."""
    found = read_number(text)
    return Read(found.value.quantize(Decimal("0.01")), found.rule)


_UNIT = re.compile(r"^([\d,.\s]+)\s*([^\d\s.,]{1,12})$")


def read_count(text: str) -> Read:
    """A whole number of 0 or more; a word after it (40 seats, 40个) by a rule."""
    rule = ""
    try:
        found = read_number(text)
    except Refused:
        unit = _UNIT.match(unicodedata.normalize("NFKC", text).strip())
        if not unit:
            raise Refused("count") from None
        found, rule = read_number(unit[1]), "unit"
    if found.value != int(found.value) or not 0 <= found.value <= 2_000_000_000:
        raise Refused("count")
    return Read(int(found.value), found.rule or rule)


_YES = frozenset(["yes", "y", "true", "t", "1", "x", "✓", "√", "是", "有", "对", "真"])
_NO = frozenset(["no", "n", "false", "f", "0", "-", "否", "无", "没有", "不是", "假"])


def read_flag(text: str) -> Read:
    """Yes or no, in both languages."""
    folded = fold(text)
    if folded in _YES or folded in _NO:
        return Read(folded in _YES)
    raise Refused("flag")


_MAIL = re.compile(r"^[^@\s,;]+@[^@\s,;]+\.[a-z]{2,}$", re.IGNORECASE)


def read_mail(text: str) -> Read:
    """An e-mail address; blanks, "mailto:" and a comma for the dot are mended by a rule."""
    bare = unicodedata.normalize("NFKC", text).strip()
    if _MAIL.match(bare):
        return Read(bare)
    mended = (
        re.sub(r"\s|^mailto:|^<|>$", "", bare, flags=re.IGNORECASE).replace(",", ".").replace("。", ".").rstrip(".;")
    )
    if _MAIL.match(mended):
        return Read(mended, "mail", each=True)
    raise Refused("mail")


def read_link(text: str) -> Read:
    """An address; without https:// by a rule."""
    if re.match(r"^https?://[^\s/]+\S*$", text, re.IGNORECASE) and len(text) <= 500:
        return Read(text)
    if re.match(r"^[\w.-]+\.[a-z]{2,}(/\S*)?$", text, re.IGNORECASE):
        return Read(f"https://{text}", "link", each=True)
    raise Refused("link")


def read_text(text: str, longest: int = 200, lines: bool = False) -> Read:
    """A text; `lines`: it may have several lines."""
    if any(ord(letter) < 32 and not (lines and letter in "\n\r\t") for letter in text):
        raise Refused("control")
    if len(text) > longest:
        raise Refused("long", most=longest)
    return Read(text)


def read_choice(text: str, options: Options) -> Read:
    """One of the options; a text that is nearly one of them by a rule for that text alone."""
    folded = fold(text)
    if folded in options.exact:
        return Read(options.exact[folded])
    if near := nearest(folded, options.near, names=options.names):
        return Read(near.code, "perhaps" if near.perhaps else "near", each=True, perhaps=near.perhaps)
    raise Refused("choice", known=list(options.words.values())[:MOST_NAMED], more=len(options.words) > MOST_NAMED)


def read_choices(text: str, options: Options) -> Read:
    """Several of the options, between commas, semicolons or bars."""
    found = [read_choice(part, options) for part in re.split(r"[,;|、，；/]", text) if part.strip()]
    perhaps = any(one.perhaps for one in found)
    rule = "perhaps" if perhaps else "near" if any(one.rule for one in found) else ""
    return Read(list(dict.fromkeys(one.value for one in found)), rule, each=bool(rule), perhaps=perhaps)


READERS: dict[str, Callable[[str], Read]] = {
    "number": read_number,
    "money": read_amount,
    "refundable": read_signed_amount,
    "count": read_count,
    "date": read_date,
    "instant": read_instant,
    "flag": read_flag,
    "mail": read_mail,
    "link": read_link,
}
