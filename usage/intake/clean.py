"""Text and JSON that Postgres can hold, made from whatever a client sent. Nothing is dropped that can be
kept.
"""

import re
from hashlib import blake2b
from math import isfinite

MAX_TEXT = 500
MAX_GROUP = 200
# Postgres' text and jsonb hold every code point but NUL and the surrogates.
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


def clean_text(text: str) -> str:
    """`text` with NUL and lone surrogates replaced by U+FFFD."""
    return _UNSTORABLE.sub("\ufffd", text)


def short_text(text: str, most: int = MAX_TEXT) -> str:
    """`text` as it fits an indexed column of `most` characters.

    Longer text is cut and ends in a hash of the whole, so that it stays distinct.
    """
    if len(text) <= most:
        return text
    tail = blake2b(text.encode("utf-8", "replace"), digest_size=16).hexdigest()
    return f"{text[: most - 33]}~{tail}"


def clean_json(value: object) -> object:
    """`value` with text cleaned and numbers that JSON does not know (NaN, the infinities) replaced by
    null.
    """
    if isinstance(value, str):
        return clean_text(value)
    if isinstance(value, float):
        return value if isfinite(value) else None
    if isinstance(value, dict):
        return {clean_text(str(key)): clean_json(entry) for key, entry in value.items()}
    if isinstance(value, list):
        return [clean_json(entry) for entry in value]
    return value
