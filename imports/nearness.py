"""Which of some words was probably meant by one that is none of them: pure.

Chinese words are short, and mistyped ones mostly sound the same: 陪训 for 培训. One other character makes another word
easily (解约 is no 续约), so what is near only by its characters is a guess, and characters that turn a word over are no
slip. Of two words that are equally near neither is meant.
"""

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache

NEAR = 78  # of 100; below it two words are two words
SHARED = 0.6  # of the characters of both
SHORT = 4  # characters of Chinese words in which one other counts as a slip
_HAN = re.compile(r"[\u3400-\u9fff]")
_TURNS = frozenset("不未无非没否上下前后高低大小增减内外新老旧解断入出开关买卖半月季年日周一二三四五六七八九十两")


@dataclass(frozen=True)
class Meant:
    """The code of the word that was probably meant; `perhaps`: hardly more than a guess."""

    code: str
    perhaps: bool = False


def nearest(folded: str, near: Mapping[str, str], *, names: bool = False) -> Meant | None:
    """The code whose text is nearest; texts with other numbers in them are no neighbours.

    `names`: of people or companies, where one other character is somebody else.
    """
    if _HAN.search(folded):
        words = [text for text in near if _HAN.search(text) and digits(text) == digits(folded)]
        for tier in (_by_sound,) if names else (_by_sound, _by_slip, _by_shared):
            found = tier(folded, words)
            if found:
                return _one({near[text] for text in found}, _is_guess(folded, found, tier is _by_sound))
    return _by_letters(folded, near)


def digits(text: str) -> list[str]:
    """The numbers in a text: what differs in them is not a slip of the pen."""
    return re.findall(r"\d+", text)


def _one(codes: set[str], perhaps: bool = False) -> Meant | None:
    return Meant(codes.pop(), perhaps) if len(codes) == 1 else None


def _is_guess(folded: str, found: Iterable[str], by_sound: bool) -> bool:
    """Two characters share one with many words; more of them of which one differs are a slip."""
    from rapidfuzz.distance import OSA

    return not by_sound and any(min(len(text), len(folded)) < 3 or OSA.distance(folded, text) > 1 for text in found)


def _differing(one: str, other: str) -> Counter[str]:
    a, b = Counter(one), Counter(other)
    return (a - b) + (b - a)


def _by_sound(folded: str, words: Iterable[str]) -> list[str]:
    """Words that sound the same, without regard to tones: 买 and 卖 do, and are no slip."""
    sound = [_sound(letter) for letter in folded]
    return [
        text for text in words
        if len(text) == len(folded) and [_sound(letter) for letter in text] == sound
        and not _TURNS.issuperset(_differing(folded, text))
    ]  # fmt: skip


@lru_cache(maxsize=20_000)
def _sound(letter: str) -> str:
    from pypinyin import lazy_pinyin

    return "".join(lazy_pinyin(letter))


def _by_slip(folded: str, words: Iterable[str]) -> list[str]:
    """Short words with one character more, less, other, or two in the other order."""
    from rapidfuzz.distance import OSA

    if not 2 <= len(folded) <= SHORT + 1:
        return []
    return [
        text for text in words
        if len(text) <= SHORT and OSA.distance(folded, text) == 1 and _are_kin(folded, text)
    ]  # fmt: skip


def _by_shared(folded: str, words: Iterable[str]) -> list[str]:
    """The words that share the most characters, where most are shared."""
    shares = {text: _share(folded, text) for text in words if _are_kin(folded, text)}
    most = max(shares.values(), default=0.0)
    return [text for text, share in shares.items() if share == most] if most >= SHARED else []


def _share(one: str, other: str) -> float:
    return 2 * (Counter(one) & Counter(other)).total() / (len(one) + len(other))


def _are_kin(one: str, other: str) -> bool:
    """Whether words have a character in common, and none that turns one of them over."""
    return bool(set(one) & set(other)) and not _TURNS & set(_differing(one, other))


def _by_letters(folded: str, near: Mapping[str, str]) -> Meant | None:
    """By the share of letters that stay; the nearest alone."""
    from rapidfuzz import fuzz, process

    if len(folded) < 3 or not near:
        return None
    found = [
        (text, score)
        for text, score, _place in process.extract(folded, list(near), scorer=fuzz.ratio, score_cutoff=NEAR, limit=20)
        if digits(text) == digits(folded) and not (_HAN.search(text) and not _are_kin(folded, text))
    ]
    return _one({near[text] for text, score in found if score == found[0][1]})
