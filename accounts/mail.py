"""Reads a saved message (RFC 5322): who wrote to whom, when and what; what was quoted; what was attached.

Pure, and never refuses: real messages break their rules, so whatever cannot be read is left out or read as well as
can be.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.errors import HeaderParseError
from email.header import decode_header
from email.message import Message as Part
from email.parser import BytesHeaderParser
from email.utils import getaddresses, parsedate_to_datetime
from functools import partial
from hashlib import sha256
from html import unescape
from inspect import signature

LONGEST_TEXT = 20_000
LONGEST_HEADER = 64 * 1024  # signs; the readers of the library take time by the square of it
LONGEST_CONTENT = 4 * 1024  # of a header that says what a part is: read again for each part
MOST_PARTS = 300
DEEPEST = 20
_CHARSETS = {"gb2312": "gb18030", "gbk": "gb18030", "gb_2312-80": "gb18030", "hz-gb-2312": "hz", "unknown-8bit": ""}
_BREAKS = {"p", "div", "br", "tr", "li", "h1", "h2", "h3", "h4", "blockquote", "table", "pre"}
_SILENT = {"style", "script", "head", "title"}
# Where an answer ends and what it answers begins.
_QUOTE = re.compile(
    r"^\s*(?:>|-{2,}\s*(?:original message|forwarded message|原始邮件|转发邮件|原邮件|forwarded by)|_{10,}\s*$"
    r"|on .{4,200} wrote:\s*$|在.{4,200}写道[:：]\s*$|于.{4,200}写道[:：]\s*$|.{4,120}写道[:：]\s*$"
    r"|(?:from|发件人)\s*[:：].*(?:@|<|\[))",
    re.IGNORECASE,
)
_QUOTE_OVER_TWO_LINES = re.compile(r"^\s*(?:on|在|于) .{4,200}\n.{0,200}(?:wrote|写道)[:：]\s*$", re.I | re.M)


_strict = "strict" in signature(getaddresses).parameters  # newer Pythons leave out what older ones read
_getaddresses = partial(getaddresses, strict=False) if _strict else getaddresses


@dataclass(frozen=True)
class Attachment:
    """A file that came along: its name, its declared type and its size in bytes."""

    name: str
    type: str
    size: int


@dataclass(frozen=True)
class Message:
    """A message as read. `addresses`: sender and receivers in small letters, each once; `quoted`: what it answers."""

    message_id: str
    sent_at: datetime | None
    subject: str
    sender: str
    addresses: tuple[str, ...]
    text: str
    quoted: str
    attachments: tuple[Attachment, ...]


def read_message(raw: bytes) -> Message:
    """The message in these bytes, as a mail program saved or passed it on."""
    whole = _parsed(raw.lstrip(b"\r\n\t \xef\xbb\xbf"))
    senders, receivers = _addresses(whole, "from", "sender"), _addresses(whole, "to", "cc")
    addresses = tuple(dict.fromkeys([*senders, *receivers]))
    parts = list(_leaves(whole, 0))[:MOST_PARTS]
    text, quoted = _fold(_text(parts)[: 10 * LONGEST_TEXT])
    return Message(
        message_id=_message_id(whole, raw),
        sent_at=_sent_at(whole),
        subject=_header(whole, "subject")[:300],
        sender=(senders or ("",))[0][:320],
        addresses=addresses,
        text=text[:LONGEST_TEXT],
        quoted=quoted[:LONGEST_TEXT],
        attachments=tuple(_attachment(part) for part in parts if _is_attached(part)),
    )


class _Policy(policy.Compat32):
    """Headers as they came, those cut that are longer than any program writes."""

    def header_source_parse(self, sourcelines: list[str]) -> tuple[str, str]:
        """A header's name and value."""
        name, value = super().header_source_parse(sourcelines)
        return name, value[: LONGEST_CONTENT if name.lower().startswith("content-") else LONGEST_HEADER]


def _parsed(raw: bytes) -> Part:
    """The message with its parts; of one that nests deeper than the library goes, the outermost alone."""
    try:
        return message_from_bytes(raw, policy=_Policy())
    except RecursionError:
        return BytesHeaderParser(policy=_Policy()).parsebytes(raw)


def _raw(part: Part, name: str) -> list[str]:
    """The header's lines as they came; bytes above 127, which no header may hold, read as well as can be."""
    found = [value for key, value in part.raw_items() if key.lower() == name]
    return [_guess(str(value).encode("ascii", "surrogateescape"), "") for value in found]


def _guess(data: bytes, charset: str) -> str:
    """Bytes as text: by what they claim to be, else UTF-8, else GB18030 (which holds GB2312 and GBK)."""
    claimed = _CHARSETS.get(charset.lower().strip("\"' "), charset)
    for name in (claimed, "utf-8", "gb18030"):
        try:
            return _clean(data.decode(name))
        except (LookupError, UnicodeError, ValueError):
            continue
    try:
        return _clean(data.decode(claimed or "utf-8", "replace"))
    except (LookupError, ValueError):
        return _clean(data.decode("utf-8", "replace"))


def _clean(text: str) -> str:
    """Without what no table holds: NUL and halves of signs."""
    return text.replace("\x00", "").encode("utf-8", "replace").decode("utf-8")


def _decoded(value: str) -> str:
    unfolded = re.sub(r"\r?\n[ \t]*", " ", value)
    try:
        pieces = decode_header(unfolded)
    except (HeaderParseError, ValueError):  # broken base64: as it stands is better than nothing
        return _clean(" ".join(unfolded.split()))
    said = "".join(piece if isinstance(piece, str) else _guess(piece, charset or "") for piece, charset in pieces)
    return _clean(" ".join(said.split()))


def _header(part: Part, name: str) -> str:
    return next((_decoded(value) for value in _raw(part, name)), "")


def _addresses(part: Part, *names: str) -> tuple[str, ...]:
    """The addresses of these headers; the names beside them are not needed and may hold anything."""
    values = [re.sub(r"\r?\n[ \t]*", " ", value) for name in names for value in _raw(part, name)]
    found = [address for value in values for address in _listed(value)]
    found += [address for value in values for address in re.findall(r"<([^<>\s]+@[^<>\s]+)>", value)]
    good = [address.strip().lower() for address in found if re.fullmatch(r"[^@\s<>,]+@[^@\s<>,]+", address.strip())]
    return tuple(dict.fromkeys(address[:320] for address in good))


def _listed(value: str) -> list[str]:
    """The addresses of a header by the rules of such lists."""
    try:
        return [address for _name, address in _getaddresses([value])]
    except RecursionError:  # remarks inside of remarks; what stands in angle brackets is found without these rules
        return []


def _message_id(part: Part, raw: bytes) -> str:
    """The Message-ID; where there is none, a hash of the message, so that the same file is the same message."""
    said = "".join(_header(part, "message-id").split()).strip("<>")
    if said and len(said) <= 300:
        return said
    return "sha256:" + sha256(said.encode() if said else raw.strip()).hexdigest()


def _sent_at(part: Part) -> datetime | None:
    try:
        found = parsedate_to_datetime(_header(part, "date"))
        found = found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
    except (TypeError, ValueError, OverflowError, IndexError):
        return None
    return found if 1990 <= found.year <= 2200 else None


def _leaves(part: Part, depth: int) -> Iterator[Part]:
    """The parts that hold something, those of alternatives and of mixtures alike. An attached message is one part."""
    if part.is_multipart() and part.get_content_maintype() == "multipart" and depth < DEEPEST:
        payload = part.get_payload()
        for inner in payload if isinstance(payload, list) else []:
            if isinstance(inner, Part):
                yield from _leaves(inner, depth + 1)
    else:
        yield part


def _filename(part: Part) -> str:
    try:
        name = part.get_filename("") or ""
    except (ValueError, TypeError, LookupError):
        name = ""
    return _decoded(_guess(name.encode("utf-8", "surrogateescape"), ""))[:200]


def _is_attached(part: Part) -> bool:
    held = str(part.get("content-disposition") or "").lower().lstrip().startswith("attachment")
    return held or bool(_filename(part)) or part.get_content_maintype() != "text"


def _attachment(part: Part) -> Attachment:
    payload = part.get_payload(decode=True)
    size = len(payload) if isinstance(payload, bytes) else sum(len(str(inner)) for inner in part.get_payload() or ())
    return Attachment(_filename(part) or part.get_content_type(), part.get_content_type()[:100], size)


def _charset(part: Part) -> str:
    try:
        return part.get_content_charset("") or ""
    except (LookupError, ValueError, TypeError):
        return ""


def _content(part: Part) -> str:
    payload = part.get_payload(decode=True)
    return _guess(payload, _charset(part)) if isinstance(payload, bytes) else ""


def _text(parts: list[Part]) -> str:
    """What a person reads: the plain parts, else the marked-up ones without their marks."""
    read = [part for part in parts if not _is_attached(part)]
    plain = "\n".join(_content(part) for part in read if part.get_content_subtype() == "plain").strip()
    if plain:
        return plain
    return "\n".join(_without_marks(_content(part)) for part in read if part.get_content_subtype() == "html").strip()


# One piece of marked-up text: a remark, a mark, or what stands between them. Each begins where the one before ended
# and is found without looking back, so that the time follows the length; what is not closed ends with the text.
_PIECE = re.compile(
    r"<!--(?P<remark>)|<(?P<close>/?)(?P<tag>[a-zA-Z][a-zA-Z0-9]{0,30})(?:\"[^\"<]*+\"|'[^'<]*+'|[^<>\"'])*+[^<>]*+>?"
    r"|<[!?/][^<>]*+>?|(?P<text>[^<]++|<)"
)


class _Reader:
    """Collects the text of a marked-up part; what stands in a quotation gets the sign of one."""

    def __init__(self) -> None:
        self.text: list[str] = []
        self._silent: list[str] = []
        self._quotes = 0

    def read(self, html: str) -> None:
        """Read the whole part."""
        place = 0
        while found := _PIECE.match(html, place):
            place = found.end()
            if found["remark"] is not None:
                ends = html.find("-->", place)
                place = len(html) if ends < 0 else ends + 3
            elif found["tag"]:
                (self._ends if found["close"] else self._begins)(found["tag"].lower())
            elif found["text"] and not self._silent:
                self.text.append(re.sub(r"\s+", " ", unescape(found["text"])))

    def _begins(self, tag: str) -> None:
        """Blocks begin a line. What looks like a mark in a script or a style is none."""
        if self._silent and self._silent[-1] in ("script", "style"):
            return
        if tag in _SILENT:
            self._silent.append(tag)
        elif tag == "body":  # a head that nobody closed
            self._silent.clear()
        self._quotes += tag == "blockquote"
        if tag in _BREAKS:
            self.text.append("\n" + "> " * min(self._quotes, 1))

    def _ends(self, tag: str) -> None:
        """Blocks end one."""
        if self._silent and self._silent[-1] in ("script", "style") and self._silent[-1] != tag:
            return
        if self._silent and self._silent[-1] == tag:
            self._silent.pop()
        self._quotes -= tag == "blockquote" and self._quotes > 0
        if tag in _BREAKS:
            self.text.append("\n")


def _without_marks(html: str) -> str:
    reader = _Reader()
    reader.read(html)
    lines = [line.strip() for line in "".join(reader.text).split("\n")]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(line for line in lines if line != ">"))


def _fold(text: str) -> tuple[str, str]:
    """The message's own words, and from where it begins to quote. A message that only quotes is kept whole."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    place = 0
    for line in lines.split("\n"):
        if _QUOTE.match(line) or _QUOTE_OVER_TWO_LINES.match(lines[place : place + 500]):
            own = lines[:place].strip()
            return (own, lines[place:].strip()) if own else (lines.strip(), "")
        place += len(line) + 1
    return lines.strip(), ""
