"""From the bytes of a file to a head and rows of text. Pure: imports no Django.

CSV in UTF-8, UTF-16 with its mark or GB 18030 with commas, semicolons, tabs or bars; xlsx; JSON as a list of objects,
an object with one such list, or one object a line.
"""

import csv
import io
import json
import re
import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

from common.formulas import plain_cell

MOST_ROWS = 200_000
MOST_COLUMNS = 200
MOST_LINES = 1_048_576  # of a spreadsheet: a file may name a row far below its last one, or hold nothing but empty ones
MOST_CELLS = 16_384  # of a spreadsheet's row
MOST_UNPACKED = 400_000_000  # bytes of an xlsx once unpacked: a small file may hide an endless one
MOST_HELD = 64_000_000  # of these, what the library holds in memory at once: all but the sheets
LOOK_FOR_HEAD = 20
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")  # no table holds NUL or half a sign; escapes of JSON may write them


class Unreadable(ValueError):  # noqa: N818 - said of the file, as DoesNotExist is
    """The file as a whole cannot be read; `code` says why: empty, no_text, broken, too_long, too_wide or no_rows."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True)
class Sheet:
    """The head's cells and the rows below it as text, each with its line in the file (from 1)."""

    heads: list[str]
    rows: list[list[str]]
    lines: list[int]


def read_sheet(raw: bytes) -> Sheet:
    """Read a file, whatever its name says; raises Unreadable."""
    if not raw.strip():
        raise Unreadable("empty")
    if raw.startswith(b"PK\x03\x04"):
        return _sheet(_xlsx_rows(raw))
    text = decode(raw)
    if "\x00" in text:
        raise Unreadable("no_text")
    if text.lstrip()[:1] in "[{":
        return _json_sheet(text)
    return _sheet(_csv_rows(text))


def decode(raw: bytes) -> str:
    """The text of a file as spreadsheets save it: UTF-8, UTF-16 with its mark, else GB 18030."""
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        return raw.decode("utf-16", errors="replace")
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        pass
    try:
        return raw.decode("gb18030")
    except UnicodeDecodeError as error:
        raise Unreadable("no_text") from error


def _csv_rows(text: str) -> Iterator[list[str]]:
    lines = [line for line in text[:20_000].splitlines()[:LOOK_FOR_HEAD] if line.strip()]
    delimiter = max(",;\t|", key=lambda mark: sum(line.count(mark) for line in lines))
    try:
        yield from csv.reader(io.StringIO(text, newline=None), delimiter=delimiter)
    except csv.Error as error:
        raise Unreadable("broken") from error


def _xlsx_rows(raw: bytes) -> Iterator[list[str]]:
    """The rows of the first sheet that has any."""
    from openpyxl import load_workbook

    try:
        with zipfile.ZipFile(io.BytesIO(raw)) as packed:
            _bear(packed)
        book = load_workbook(io.BytesIO(raw), read_only=True, data_only=True)
        for sheet in book.worksheets:
            sheet.reset_dimensions()  # what a file says of its size is not believed: rows would be filled up to it
            rows = ([_cell_text(value) for value in row] for row in sheet.iter_rows(values_only=True))
            first = next(rows, None)
            if first is not None:
                yield first
                yield from rows
                return
    except Unreadable:
        raise
    except Exception as error:  # a damaged file fails anywhere inside the library, in many ways
        raise Unreadable("broken") from error


def _bear(packed: zipfile.ZipFile) -> None:
    """Raise Unreadable for a workbook that would be too large once unpacked."""
    sizes = [(part.filename.startswith("xl/worksheets/"), part.file_size) for part in packed.infolist()]
    held = sum(size for is_sheet, size in sizes if not is_sheet)
    if held > MOST_HELD or sum(size for _is_sheet, size in sizes) > MOST_UNPACKED:
        raise Unreadable("too_long")


def _cell_text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, datetime):
        whole = value.time() == time(0)
        return value.date().isoformat() if whole else value.isoformat(sep=" ", timespec="seconds")
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, float):
        return f"{value:.10f}".rstrip("0").rstrip(".") if abs(value) < 1e15 else repr(value)
    return _UNSTORABLE.sub("\ufffd", str(value))


def _sheet(found: Iterable[list[str]]) -> Sheet:
    """Find the head: titles above it have fewer cells than the table. Empty rows are left out."""
    numbered: list[tuple[int, list[str]]] = []
    for line, cells in enumerate(found, start=1):
        if line > MOST_LINES:
            raise Unreadable("too_long")
        if len(cells) > MOST_CELLS:
            raise Unreadable("too_wide")
        cells = [plain_cell(cell.strip().strip("\ufeff")) for cell in cells]
        if not any(cells):
            continue
        if len(cells) > MOST_COLUMNS and any(cells[MOST_COLUMNS:]):
            raise Unreadable("too_wide")
        numbered.append((line, cells))
        if len(numbered) > MOST_ROWS + LOOK_FOR_HEAD:
            raise Unreadable("too_long")
    if not numbered:
        raise Unreadable("empty")
    top = numbered[:LOOK_FOR_HEAD]
    widest = max(_filled(cells) for _line, cells in top)
    place = next(i for i, (_line, cells) in enumerate(top) if _filled(cells) * 5 >= widest * 3)
    heads = _named(numbered[place][1])
    rest = numbered[place + 1 :]
    if not rest:
        raise Unreadable("no_rows")
    width = len(heads)
    return Sheet(heads, [(cells + [""] * width)[: max(width, _filled_to(cells))] for _l, cells in rest],
                 [line for line, _cells in rest])  # fmt: skip


def _filled(cells: Sequence[str]) -> int:
    return sum(1 for cell in cells if cell)


def _filled_to(cells: Sequence[str]) -> int:
    return max((i + 1 for i, cell in enumerate(cells) if cell), default=0)


def _named(cells: Sequence[str]) -> list[str]:
    """The heads without empty ones at the end; two of one name are told apart."""
    seen: dict[str, int] = {}
    heads = []
    for cell in cells[: _filled_to(cells)]:
        seen[cell] = seen.get(cell, 0) + 1
        heads.append(cell if seen[cell] == 1 or not cell else f"{cell} ({seen[cell]})")
    return heads


def _json_sheet(text: str) -> Sheet:
    try:
        items = [flat(item) for item in _json_items(text) if isinstance(item, Mapping)]
    except RecursionError as error:
        raise Unreadable("broken") from error
    heads = list(dict.fromkeys(key for item in items[:1000] for key in item))
    if not heads or len(heads) > MOST_COLUMNS:
        raise Unreadable("too_wide" if heads else "empty")
    if len(items) > MOST_ROWS:
        raise Unreadable("too_long")
    return Sheet(heads, [[item.get(head, "") for head in heads] for item in items], list(range(1, len(items) + 1)))


def _json_items(text: str) -> Sequence[Any]:
    try:
        found = json.loads(text)
    except ValueError:
        try:
            return [json.loads(line) for line in text.splitlines() if line.strip()]
        except ValueError as error:
            raise Unreadable("broken") from error
    if isinstance(found, Mapping):
        lists = [value for value in found.values() if isinstance(value, list)]
        return lists[0] if len(lists) == 1 else [found]
    return found if isinstance(found, list) else []


def flat(item: Mapping[str, Any], prefix: str = "") -> dict[str, str]:
    """An object as cells: what is nested by its path, a list of plain values joined by semicolons."""
    cells: dict[str, str] = {}
    for key, value in item.items():
        name = f"{prefix}{_cell_text(key)}"
        if isinstance(value, Mapping):
            cells |= flat(value, f"{name}.")
        elif isinstance(value, list):
            cells[name] = ";".join(_cell_text(one) for one in value if not isinstance(one, Mapping | list))
        else:
            cells[name] = _cell_text(value).strip()
    return cells
