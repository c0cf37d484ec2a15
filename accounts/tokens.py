"""What a search by letters looks up: a name's tokens.

Pure. A token is the rest of a name from a place where somebody may begin to type it, so that one look-up by its first
letters finds a word, several words, or any run of Chinese signs (which have no spaces), whatever its length.
"""

import re
import unicodedata
from collections.abc import Iterable

LONGEST = 60
MOST_STARTS = 40
LONGEST_INITIALS = 8  # nobody types more first letters than these
_WORD = re.compile(r"\d+|[^\W\d_]+")
_SIGN = re.compile(r"[\u2e80-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]")


def name_key(name: str) -> str:
    """How names sort and are completed: Chinese by pinyin, all in lower case."""
    if name.isascii():
        return name.lower()[:400]
    from pypinyin import lazy_pinyin  # its dictionary takes half a second, which most processes never need

    return " ".join(lazy_pinyin(name)).lower()[:400]


def typed_text(text: str) -> str:
    """What was typed, as tokens are written: one width and case, no white space."""
    return "".join(unicodedata.normalize("NFKC", text.replace("\x00", "")).casefold().split())[:LONGEST]


def tokens(texts: Iterable[str], pinyin: str = "") -> set[str]:
    """The tokens of an object's texts (names, ids) and of the pinyin of its name, its syllables apart by spaces."""
    said = [text for text in (*texts, pinyin) if text]
    found = {token for text in said for token in _rests(text) | _rests(without_accents(text))}
    words = pinyin.split()
    if len(words) > 1:
        found.add("".join(typed_text(word)[:1] for word in words)[:LONGEST_INITIALS])
    return found - {""}


def without_accents(text: str) -> str:
    """The text as somebody types it whose keyboard has no accents: "Köhler" → "Kohler", "Łódź" → "Łodz"."""
    if text.isascii():
        return text
    bare = (sign for sign in unicodedata.normalize("NFKD", text) if not "\u0300" <= sign <= "\u036f")
    return unicodedata.normalize("NFKC", "".join(bare))


def _rests(text: str) -> set[str]:
    """The text from each of its words on, and from each of its Chinese signs on."""
    plain = unicodedata.normalize("NFKC", text)
    starts = {0, *(m.start() for m in _WORD.finditer(plain)), *(m.start() for m in _SIGN.finditer(plain))}
    return {typed_text(plain[start : start + 2 * LONGEST]) for start in sorted(starts)[:MOST_STARTS]}


# A note is longer than a name: its words, and its Chinese by pairs of signs, so that a look-up is one of equality.
LONGEST_NOTE = 4000
_RUN = re.compile(r"[\u2e80-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]+")


def plain_text(text: str) -> str:
    """A text of one width and case."""
    return unicodedata.normalize("NFKC", text.replace("\x00", "")).casefold()


def _pairs(run: str) -> list[str]:
    return [run[start : start + 2] for start in range(max(len(run) - 1, 1))]


def note_tokens(texts: Iterable[str]) -> set[str]:
    """By what a note is found: its words, the pairs of its Chinese signs, and each run's last sign."""
    found: set[str] = set()
    for text in texts:
        plain = plain_text(text[:LONGEST_NOTE])
        for run in _RUN.findall(plain):
            found.update(_pairs(run), run[-1:])
        found.update(word[:LONGEST] for word in _WORD.findall(_RUN.sub(" ", plain)))
    return found


def note_query(text: str) -> tuple[list[str], list[str]]:
    """What was typed as tokens to look up: those meant whole, and those that may be the beginning of one.

    Every word but the last is meant whole; so are pairs of Chinese signs.
    """
    plain = plain_text(text[:LONGEST_NOTE])
    runs, words = _RUN.findall(plain), _WORD.findall(_RUN.sub(" ", plain))
    whole = [pair for run in runs if len(run) > 1 for pair in _pairs(run)]
    starts = [run for run in runs if len(run) == 1]
    open_end = bool(words) and plain.rstrip().endswith(words[-1])
    whole += words[:-1] if open_end else words
    return whole, starts + (words[-1:] if open_end else [])


def phrase_runs(text: str) -> list[str]:
    """The runs of Chinese signs of what was typed, which must stand in the note as they are: pairs alone would also
    find them apart."""
    return [run for run in _RUN.findall(plain_text(text[:LONGEST_NOTE])) if len(run) > 2]
