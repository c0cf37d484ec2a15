"""Where texts name a person: one pattern that Python and Postgres read alike. Pure."""

import json
import re
from collections.abc import Iterable

ERASED = "[erased]"
SHORTEST_ID = 8
SHORTEST_PHONE = 7
_SPECIAL = re.compile(r"[.^$*+?()\[\]{}|\\-]")
_PLAIN_EDGE = re.compile(r"[A-Za-z0-9_]")


def pattern_of(texts: Iterable[str]) -> str:
    """A pattern that finds any of these texts as whole words; empty where there are none. For use without case."""
    return "|".join(_one(text) for text in sorted(set(texts), key=lambda text: (-len(text), text)))


def _one(text: str) -> str:
    before = "(?<![A-Za-z0-9_])" if _PLAIN_EDGE.match(text[0]) else ""
    after = "(?![A-Za-z0-9_])" if _PLAIN_EDGE.match(text[-1]) else ""
    return before + _SPECIAL.sub(lambda found: "\\" + found[0], text) + after


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


def in_json(texts: Iterable[str]) -> set[str]:
    """The texts as they stand inside of JSON."""
    return {json.dumps(text, ensure_ascii=False)[1:-1] for text in texts}


def without(text: str, pattern: str) -> str:
    """The text with what the pattern finds blacked out."""
    return re.sub(pattern, ERASED, text, flags=re.IGNORECASE) if pattern else text


def excerpt(text: str, pattern: str, around: int = 60) -> str:
    """The place in a text that the pattern finds, with what stands around it."""
    found = re.search(pattern, text, flags=re.IGNORECASE) if pattern else None
    if found is None:
        return text[: 2 * around]
    start, end = max(0, found.start() - around), min(len(text), found.end() + around)
    return ("…" if start else "") + " ".join(text[start:end].split()) + ("…" if end < len(text) else "")
