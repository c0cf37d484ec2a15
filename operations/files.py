"""Which files may be kept, judged by name and content; nothing that a browser or a person could run by mistake.

Pure. Files are kept to be handed back as they came: they are never opened, unpacked, converted or shown here.
"""

import re
import unicodedata
from dataclasses import dataclass

LARGEST = 10 * 1024 * 1024
_ZIP, _OLE = (b"PK\x03\x04", b"PK\x05\x06"), (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",)
# What a file of each ending begins with; none: it is text.
TYPES: dict[str, tuple[bytes, ...]] = {
    "pdf": (b"%PDF-",),
    "png": (b"\x89PNG\r\n\x1a\n",),
    "jpg": (b"\xff\xd8\xff",),
    "jpeg": (b"\xff\xd8\xff",),
    "gif": (b"GIF87a", b"GIF89a"),
    "webp": (b"RIFF",),
    "docx": _ZIP, "xlsx": _ZIP, "pptx": _ZIP, "odt": _ZIP, "ods": _ZIP, "zip": _ZIP,
    "doc": _OLE, "xls": _OLE, "ppt": _OLE, "msg": _OLE,
    "txt": (), "md": (), "csv": (), "eml": (),
}  # fmt: skip
_LONGEST_NAME = 150


@dataclass(frozen=True)
class Judged:
    """A file's name made harmless, and what keeps it out: "", "empty", "large", "type" or "content"."""

    name: str
    fault: str = ""


def judge(name: str, content: bytes) -> Judged:
    """Whether a file may be kept. Its ending must be one of `TYPES`, and its content must begin as such files do."""
    clean = clean_name(name)
    ending = clean.rpartition(".")[2].lower() if "." in clean else ""
    if not content:
        return Judged(clean, "empty")
    if len(content) > LARGEST:
        return Judged(clean, "large")
    if ending not in TYPES:
        return Judged(clean, "type")
    starts = TYPES[ending]
    fits = (
        content.startswith(starts)
        if starts
        else b"\x00" not in content[:65536] or content.startswith((b"\xff\xfe", b"\xfe\xff"))
    )
    return Judged(clean, "" if fits else "content")


def clean_name(name: str) -> str:
    """The last part of a path without control, direction and reserved signs; at most 150 signs, the ending kept."""
    last = re.split(r"[\\/]", unicodedata.normalize("NFC", name))[-1]
    kept = "".join(c for c in last if unicodedata.category(c)[0] != "C" and c not in '<>:"|?*').strip(" .")
    if not kept:
        return "file"
    stem, dot, ending = kept.rpartition(".")
    return (
        kept
        if len(kept) <= _LONGEST_NAME
        else f"{stem[: _LONGEST_NAME - len(ending) - 1]}{dot}{ending}"[-_LONGEST_NAME:]
    )
