"""Which names mean the same company: pure.

Legal forms, blanks and punctuation make no difference; beyond that, names that differ in a letter or two do not either,
while names that differ in a number are two companies.
"""

import re
from collections.abc import Iterable, Mapping

from imports.cleaning import fold
from imports.nearness import digits

SAME = 90
MOST_PAIRS = 4_000_000  # comparisons; a larger list is compared by its bare names only
_FORMS = re.compile(
    r"\b(inc|incorporated|ltd|limited|llc|gmbh|ag|co|corp|corporation|company|plc|sa|bv|pty|the)\b"
    r"|股份有限公司|有限责任公司|有限公司|集团|公司|科技"
)


def bare_name(name: str) -> str:
    """A company's name without its legal form and punctuation; the folded name where nothing else is left."""
    folded = fold(name)
    bare = re.sub(r"[\W_]+", "", _FORMS.sub(" ", folded))
    return bare or folded


def same_names(wanted: Iterable[tuple[str, str]], known: Mapping[str, str]) -> dict[str, str]:
    """For each (key, name) the key of the known company that it probably is; `known`: key → name."""
    from rapidfuzz import fuzz, process

    wanted = list(wanted)
    by_name: dict[str, str] = {}
    for key, name in known.items():
        by_name.setdefault(bare_name(name), key)
    names = list(by_name)
    few = len(wanted) * len(names) <= MOST_PAIRS
    found: dict[str, str] = {}
    for key, name in wanted:
        bare = bare_name(name)
        if bare in by_name:
            found[key] = by_name[bare]
        elif few and len(bare) >= 4:
            near = process.extract(bare, names, scorer=fuzz.ratio, score_cutoff=SAME, limit=3)
            match = next((text for text, _score, _place in near if digits(text) == digits(bare)), None)
            if match is not None:
                found[key] = by_name[match]
    return {key: other for key, other in found.items() if key != other}
