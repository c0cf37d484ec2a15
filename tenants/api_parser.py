"""JSON as the API takes it: nothing that no table could hold, not too large, not too deep."""

import math
from collections.abc import Iterator, Mapping
from typing import Any

from rest_framework import status
from rest_framework.exceptions import APIException, ParseError
from rest_framework.parsers import JSONParser

DEEPEST = 60


class BodyTooLarge(APIException):
    """More was sent than is taken at once."""

    status_code = status.HTTP_413_REQUEST_ENTITY_TOO_LARGE
    default_code = "too_large"
    default_detail = "The body is larger than 5 MB. Send it in parts."


def text_fault(text: str) -> str:
    """Why no table could hold a text; empty where one can."""
    if "\x00" in text:
        return "NUL characters are not accepted."
    if not text.isascii() and any("\ud800" <= sign <= "\udfff" for sign in text):
        return "Half of a surrogate pair stands alone, which is no character."
    return ""


def _within(value: Any, place: str) -> Iterator[tuple[str, Any]]:
    if isinstance(value, dict):
        for name, one in value.items():
            yield f"{place}, name {name[:40]!r}", name
            yield f"{place}.{name[:40]}", one
    elif isinstance(value, list):
        yield from ((f"{place}[{number}]", one) for number, one in enumerate(value))


def check(sent: Any) -> None:
    """Raises ParseError, naming the place, for texts, numbers and depths that are not taken."""
    level: list[tuple[str, Any]] = [("body", sent)]
    for _depth in range(DEEPEST):
        for place, value in level:
            fault = text_fault(value) if isinstance(value, str) else ""
            if isinstance(value, float) and not math.isfinite(value):
                fault = "The number is too large."
            if fault:
                raise ParseError(f"{place}: {fault}".encode("utf-8", "replace").decode())
        level = [inner for place, value in level for inner in _within(value, place)]
        if not level:
            return
    raise ParseError("The JSON is nested too deeply.")


class StrictJSONParser(JSONParser):
    """Parses a body, whose size the framework has checked already."""

    def parse(self, stream: Any, media_type: str | None = None, parser_context: Mapping[str, Any] | None = None) -> Any:
        """What was sent. Raises ParseError."""
        sent = super().parse(stream, media_type, parser_context)
        check(sent)
        return sent
