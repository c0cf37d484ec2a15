"""Texts that a spreadsheet would run as a formula, and the apostrophe that keeps it from that. Pure."""

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def quoted_cell(text: str) -> str:
    """A text so that no spreadsheet runs it."""
    return f"'{text}" if text.startswith(FORMULA_STARTS) else text


def plain_cell(text: str) -> str:
    """What `quoted_cell` was given: the apostrophe before a formula's start is taken off again."""
    return text[1:] if text.startswith("'") and text[1:].startswith(FORMULA_STARTS) else text
