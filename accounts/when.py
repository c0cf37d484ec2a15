"""Days as people say them when they promise something: "in 2 weeks", "next Friday", 两周后, 下周三.

Pure. Days count from `today`; a weekday without more is the next one that lies ahead.
"""

import re
from calendar import monthrange
from collections.abc import Callable
from datetime import date, timedelta

FURTHEST_DAYS = 3650
_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_ENGLISH = dict(
    zip(
        ["one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"],
        range(1, 13),
        strict=True,
    )
)
_ENGLISH |= {"a": 1, "an": 1, "the": 1}
_CHINESE = {sign: number for number, sign in enumerate("零一二三四五六七八九")} | {"两": 2, "十": 10}
_CHINESE_WEEKDAYS = {sign: number for number, sign in enumerate("一二三四五六")} | {"日": 6, "天": 6}

_WEEKDAY = "(?P<weekday>mon|tues?|wed(?:nes)?|thu(?:rs?)?|fri|sat(?:ur)?|sun)(?:day)?"
_MONTH = r"(?P<month>jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.?"
_COUNT = "(?P<count>\\d{1,4}|" + "|".join(_ENGLISH) + ")"
_ZH_COUNT = "(?P<count>\\d{1,4}|[一二两三四五六七八九十]{1,3}|半)"


def _number(text: str) -> int:
    """A small number in digits, English or Chinese words."""
    if text.isdigit():
        return int(text)
    if text in _ENGLISH:
        return _ENGLISH[text]
    if "十" in text:
        tens, _ten, ones = text.partition("十")
        return 10 * _CHINESE.get(tens, 1) + _CHINESE.get(ones, 0)
    return _CHINESE.get(text, 0)


def months_on(day: date, count: int) -> date:
    """The same day of the month some months on, or the month's last."""
    place = day.year * 12 + day.month - 1 + count
    year, month = divmod(place, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def _span(found: re.Match[str], today: date) -> date:
    unit, text = found["unit"], found["count"]
    if text == "半":
        return today + timedelta(days=15 if "月" in unit else 182 if "年" in unit else 3)
    count = _number(text)
    if unit.startswith(("m", "个月", "月")):
        return months_on(today, count)
    if unit.startswith(("y", "年")):
        return months_on(today, 12 * count)
    return today + timedelta(days=count * (7 if unit.startswith(("w", "周", "星", "礼", "个")) else 1))


def _weekday(found: re.Match[str], today: date) -> date:
    """The next such day; with "next" or 下 the one of the coming week."""
    word = found["weekday"]
    wanted = _CHINESE_WEEKDAYS[word] if word in _CHINESE_WEEKDAYS else _place(word, _WEEKDAYS)
    which = found.groupdict().get("which") or ""
    if which.strip() in ("next", "下", "下个"):
        return today - timedelta(days=today.weekday()) + timedelta(days=7 + wanted)
    return today + timedelta(days=(wanted - today.weekday() - 1) % 7 + 1)


def _place(word: str, names: tuple[str, ...]) -> int:
    return next(place for place, name in enumerate(names) if name.startswith(word[:3]))


def _calendar(found: re.Match[str], today: date) -> date:
    """A day of a month; without a year the next one that lies ahead."""
    named = found.groupdict()
    text = named.get("month") or ""
    month = int(text) if text.isdigit() else _place(text, _MONTHS) + 1
    if named.get("year"):
        return date(int(found["year"]), month, int(found["day"]))
    day = date(today.year, month, int(found["day"]))
    return day if day >= today else date(today.year + 1, month, int(found["day"]))


def _day_of_month(found: re.Match[str], today: date) -> date:
    day = today.replace(day=int(found["day"]))
    return day if day >= today else months_on(today.replace(day=1), 1).replace(day=int(found["day"]))


def _month_end(_found: re.Match[str], today: date) -> date:
    return today.replace(day=monthrange(today.year, today.month)[1])


def _after(days: int) -> Callable[[re.Match[str], date], date]:
    return lambda _found, today: today + timedelta(days=days)


_SAID: tuple[tuple[str, Callable[[re.Match[str], date], date]], ...] = (
    (r"(?:by |on )?(?P<year>\d{4})[-/.](?P<month>\d{1,2})[-/.](?P<day>\d{1,2})", _calendar),
    (r"(?P<year>\d{4})年(?P<month>\d{1,2})月(?P<day>\d{1,2})[日号]?前?", _calendar),
    (r"(?P<month>\d{1,2})月(?P<day>\d{1,2})[日号]?前?", _calendar),
    (rf"(?:by |on )?(?P<day>\d{{1,2}})(?:st|nd|rd|th)? (?:of )?{_MONTH}(?:,? (?P<year>\d{{4}}))?", _calendar),
    (rf"(?:by |on )?{_MONTH} (?P<day>\d{{1,2}})(?:st|nd|rd|th)?(?:,? (?P<year>\d{{4}}))?", _calendar),
    (rf"(?:in|within) {_COUNT} ?(?P<unit>days?|weeks?|months?|years?|d|w|m|y)", _span),
    (rf"{_ZH_COUNT} ?(?P<unit>天|日|周|个?星期|个?礼拜|个月|年)(?:之?[后内]|以[后内])", _span),
    (r"半个月(?:之?[后内]|以[后内])", _after(15)),
    (rf"(?:by |on )?(?P<which>next |this )?{_WEEKDAY}", _weekday),
    (r"(?P<which>下个?|本|这个?)?(?:周|星期|礼拜)(?P<weekday>[一二三四五六日天])前?", _weekday),
    (r"today|今天|今日", _after(0)),
    (r"tomorrow|明天|明日", _after(1)),
    (r"大后天", _after(3)),
    (r"day after tomorrow|后天", _after(2)),
    (r"next week|下周|下星期|下个?礼拜", _after(7)),
    (r"next month|下个?月", lambda _found, today: months_on(today, 1)),
    (r"(?:by )?(?:the )?end of (?:the |this )?month|月底前?|本月底", _month_end),
    (r"(?P<day>\d{1,2})[号日]前?", _day_of_month),
)
# Said alone, as an answer to "when?", less is enough.
_ALONE = (
    *_SAID,
    (rf"{_COUNT} ?(?P<unit>days?|weeks?|months?|years?|d|w|m|y)", _span),
    (rf"{_ZH_COUNT} ?(?P<unit>天|日|周|个?星期|个?礼拜|个月|年)", _span),
    (r"半个月", _after(15)),
)
_BETWEEN = r"[\s,，、:：;；。.!！\-–—]*"
_WHOLE = [(re.compile(pattern), read) for pattern, read in _ALONE]
_FIRST = [(re.compile(rf"(?:{pattern})(?![a-z0-9]){_BETWEEN}", re.IGNORECASE), read) for pattern, read in _SAID]
_LAST = [
    (re.compile(rf"{_BETWEEN}(?<![a-z0-9])(?:{pattern}){_BETWEEN}$", re.IGNORECASE), read) for pattern, read in _SAID
]


def _read(found: re.Match[str], read: Callable[[re.Match[str], date], date], today: date) -> date | None:
    try:
        day = read(found, today)
    except (ValueError, OverflowError):  # the 31st of February
        return None
    return day if abs((day - today).days) <= FURTHEST_DAYS else None


def parse_when(text: str, today: date) -> date | None:
    """The day that the whole text says; None when it says none."""
    said = " ".join(text.casefold().split())
    for pattern, read in _WHOLE:
        if found := pattern.fullmatch(said):
            return _read(_lowered(pattern, said) or found, read, today)
    return None


def split_step(text: str, today: date) -> tuple[str, date | None]:
    """What is to be done, and the day said at its end or its beginning: "Send the offer in 2 weeks"."""
    said = " ".join(text.split())
    for patterns, at_end in ((_LAST, True), (_FIRST, False)):
        for pattern, read in patterns:
            found = pattern.search(said) if at_end else pattern.match(said)
            day = _read(_lowered(pattern, found.group()) or found, read, today) if found else None
            rest = (said[: found.start()] if at_end else said[found.end() :]) if found else ""
            if day and rest.strip():
                return rest.strip(), day
    return said, parse_when(said, today)


def _lowered(pattern: re.Pattern[str], text: str) -> re.Match[str] | None:
    """The same match in small letters, as the tables of words are written."""
    return pattern.search(text.casefold())
