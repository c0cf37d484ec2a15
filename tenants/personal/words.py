"""Where texts name a person: one pattern that Python and Postgres read alike. Pure."""

import json
import re
from collections.abc import Iterable
from typing import Any

ERASED = "[erased]"
SHORTEST_ID = 8
SHORTEST_PHONE = 7
_SPECIAL = re.compile(r"[.^$*+?()\[\]{}|\\-]")
_PLAIN_EDGE = re.compile(r"[A-Za-z0-9_]")


def pattern_of(texts: Iterable[str], longer: Iterable[str] = ()) -> str:
    """A pattern that finds any of these texts as whole words, in plain text and in JSON; empty where there are none.

    For use without case. It finds none inside of the `longer` names of others: 欧阳静 is not found in 欧阳静怡.
    """
    every, others = _also_in_json(texts), _also_in_json(longer)
    return "|".join(_one(text, others) for text in sorted(every, key=lambda text: (-len(text), text)))


def _one(text: str, longer: Iterable[str]) -> str:
    before = "(?<![A-Za-z0-9_])" if _PLAIN_EDGE.match(text[0]) else ""
    after = "(?![A-Za-z0-9_])" if _PLAIN_EDGE.match(text[-1]) else ""
    guards = {guard for other in longer for guard in _guards(text, other)}
    return "".join(sorted(guards)) + before + _plain(text) + after


def _plain(text: str) -> str:
    return _SPECIAL.sub(lambda found: "\\" + found[0], text)


def _guards(text: str, other: str) -> Iterable[str]:
    """What must not stand around the text, so that it is not a part of the other."""
    if len(other) <= len(text):
        return
    for found in re.finditer(re.escape(text), other, re.IGNORECASE):
        before, after = other[: found.start()], other[found.end() :]
        behind = f"(?<={_plain(before)})" if before else ""
        yield f"(?!{behind}{_plain(text)}{_plain(after)})"


def _also_in_json(texts: Iterable[str]) -> set[str]:
    every = set(texts)
    return every | {json.dumps(text, ensure_ascii=False)[1:-1] for text in every}


def telling_names(names: Iterable[str]) -> set[str]:
    """Names that stand for one person in a text: two Chinese signs, or two words, or four letters."""
    found = {name.strip() for name in names}
    return {name for name in found if len(name) >= 4 or (len(name) >= 2 and not name.isascii())}


def telling_ids(ids: Iterable[str]) -> set[str]:
    """Ids that are no chance: a short number says nothing of a person."""
    return {one for one in ids if len(one) >= SHORTEST_ID}


def telling_phones(phones: Iterable[str]) -> set[str]:
    """Telephone numbers that are no chance."""
    return {one.strip() for one in phones if len(one.strip()) >= SHORTEST_PHONE}


def without(text: str, pattern: str) -> str:
    """The text with what the pattern finds blacked out."""
    return re.sub(pattern, ERASED, text, flags=re.IGNORECASE) if pattern else text


def json_without(said: Any, pattern: str) -> Any:
    """The same for what JSON says: texts, and numbers that are one of the texts; keys and form stay."""
    if isinstance(said, str):
        return without(said, pattern)
    if isinstance(said, list):
        return [json_without(one, pattern) for one in said]
    if isinstance(said, dict):
        return {name: json_without(one, pattern) for name, one in said.items()}
    number = isinstance(said, int | float) and not isinstance(said, bool)
    return ERASED if number and pattern and re.fullmatch(pattern, str(said), re.IGNORECASE) else said


def excerpt(text: str, pattern: str, around: int = 60) -> str:
    """The place in a text that the pattern finds, with what stands around it."""
    found = re.search(pattern, text, flags=re.IGNORECASE) if pattern else None
    if found is None:
        return text[: 2 * around]
    start, end = max(0, found.start() - around), min(len(text), found.end() + around)
    return ("…" if start else "") + " ".join(text[start:end].split()) + ("…" if end < len(text) else "")
