"""Reads a spreadsheet of accounts: from bytes to rows with values or reasons.

Headers are known in English and Chinese. An empty cell leaves a field as it is. Nothing is guessed that could be
read in two ways.
"""

import csv
import io
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.cells import Cell
from accounts.values import ValueRefused
from common.csvfile import plain_cell

MOST_ROWS = 5_000
NO_CUSTOM: Mapping[str, Cell] = {}
HEADERS: dict[str, tuple[str, ...]] = {
    "external_id": ("external id", "external_id", "id", "account id", "group id", "外部编号", "客户编号", "外部id",
                    "客户id", "编号"),
    "name": ("name", "account", "account name", "customer", "company", "名称", "客户名称", "客户", "公司", "公司名称"),
    "industry": ("industry", "行业", "所属行业"),
    "segment": ("segment", "分层", "客户分层", "客户分群", "细分", "客户类型"),
    "lifecycle_stage": ("stage", "lifecycle stage", "lifecycle_stage", "阶段", "服务阶段", "生命周期阶段"),
    "csm": ("csm", "owner", "csm email", "客户成功经理", "负责人", "负责人邮箱"),
    "seats": ("seats", "licences", "licenses", "席位", "席位数", "账号数", "许可数"),
    "contract_start": ("contract start", "contract_start", "start", "start date", "合同开始", "合同开始日期",
                       "签约日期", "开始日期"),
    "renewal_date": ("renewal", "renewal date", "renewal_date", "contract end", "续约日期", "续约日", "续费日期",
                     "合同到期", "到期日期"),
    "arr": ("arr", "annual recurring revenue", "年度经常性收入", "年经常性收入", "年费"),
    "currency": ("currency", "币种", "货币"),
}  # fmt: skip
STAGE_WORDS = {
    "configuration": ("configuration", "系统配置", "配置"),
    "training": ("training", "培训指导", "培训"),
    "go_live": ("go-live", "go live", "go_live", "上线运行", "上线"),
    "after_sales": ("after-sales", "after sales", "after_sales", "售后服务", "售后"),
    "expansion_renewal": ("expansion and renewal", "expansion_renewal", "增购续费", "续费增购"),
}
_KNOWN = {word: name for name, words in HEADERS.items() for word in words}
_STAGES = {word: key for key, words in STAGE_WORDS.items() for word in words}
_DATE = re.compile(r"^(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?$")
_LONGEST = {"name": 200, "external_id": 200, "industry": 80, "segment": 80}


class SheetError(ValueError):
    """The file as a whole cannot be read; the message says why."""

    def __init__(self, reason: str | Promise) -> None:
        super().__init__(str(reason))
        self.reason = reason


class CellError(ValueError):
    """A cell cannot be read; the message says why."""


@dataclass
class SheetRow:
    """A row of the file: its line, the values read, or the reasons why it is refused."""

    line: int
    values: dict[str, Any] = field(default_factory=dict)
    reasons: list[str] = field(default_factory=list)


@dataclass
class Sheet:
    """The rows, and the headers that mean nothing here."""

    rows: list[SheetRow]
    ignored: list[str]


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
        raise SheetError(_("This is no text file. Save the spreadsheet as CSV (UTF-8).")) from error


def read_sheet(raw: bytes, custom: Mapping[str, Cell] = NO_CUSTOM) -> Sheet:
    """Read the file; raises SheetError when it has no usable header, no rows or too many.

    `custom`: the tenant's fields by the words a header may call them. Their values stay as typed, under `c.<key>`.
    """
    text = decode(raw)
    if "\x00" in text:
        raise SheetError(_("This is no text file. Save the spreadsheet as CSV (UTF-8)."))
    first = text.split("\n", 1)[0]
    delimiter = max(",;\t", key=first.count)
    try:
        lines = list(csv.reader(io.StringIO(text, newline=None), delimiter=delimiter))
    except csv.Error as error:
        raise SheetError(_("This is no text file. Save the spreadsheet as CSV (UTF-8).")) from error
    if not lines:
        raise SheetError(_("The file is empty."))
    heads = [head.strip().strip("\ufeff").lower() for head in lines[0]]
    names = [_KNOWN.get(head, custom[head].key if head in custom else "") for head in heads]
    readers = {cell.key: cell for cell in custom.values()}
    if "external_id" not in names:
        raise SheetError(_("No column is called “External id” (外部编号); it tells which account a row means."))
    if len(lines) - 1 > MOST_ROWS:
        raise SheetError(_("The file has more than 5,000 rows. Split it."))
    rows = [
        _row(i, names, cells, readers) for i, cells in enumerate(lines[1:], start=2) if any(c.strip() for c in cells)
    ]
    _refuse_twins(rows)
    return Sheet(rows, [head for head, name in zip(lines[0], names, strict=True) if not name and head.strip()])


def _refuse_twins(rows: list[SheetRow]) -> None:
    seen: dict[str, int] = {}
    for row in rows:
        key = row.values.get("external_id")
        if key is None:
            continue
        if key in seen:
            row.reasons.append(str(_("The same id stands in line %(line)d already.")) % {"line": seen[key]})
        seen.setdefault(key, row.line)


def _row(line: int, names: list[str], cells: list[str], custom: Mapping[str, Cell]) -> SheetRow:
    row = SheetRow(line)
    if len(cells) > len(names):
        row.reasons.append(str(_("The row has more cells than the header.")))
    for name, cell in zip(names, cells, strict=False):
        text = plain_cell(cell.strip())
        if not name or not text:
            continue
        try:
            row.values[name] = _custom(custom[name], text) if name in custom else READERS.get(name, _text)(name, text)
        except CellError as error:
            row.reasons.append(str(error))
    if "external_id" not in row.values:
        row.reasons.append(str(_("The external id is missing.")))
    return row


def _custom(cell: Cell, text: str) -> str:
    try:
        cell.typed(text)
    except ValueRefused as error:
        raise CellError(f"{cell.label}: {error}") from error
    return text


def _text(name: str, text: str) -> str:
    if len(text) > _LONGEST.get(name, 200):
        raise CellError(_("“%(text)s…” is too long.") % {"text": text[:30]})
    if any(ord(character) < 32 for character in text):
        raise CellError(_("“%(text)s” holds control characters.") % {"text": text[:30]})
    return text


def _date(name: str, text: str) -> date:
    match = _DATE.match(text.split(" ")[0])
    try:
        if match:
            return date(*(int(part) for part in match.groups()))
    except ValueError:
        pass
    raise CellError(_("“%(text)s” is no date. Write it as 2027-01-31.") % {"text": text[:30]})


def _amount(name: str, text: str) -> Decimal:
    bare = re.sub(r"[\s,，¥￥$€£]", "", text)
    factor = 10_000 if bare.endswith("万") else 1
    try:
        value = Decimal(bare.removesuffix("万")) * factor
    except InvalidOperation:
        value = Decimal(-1)
    if not value.is_finite() or value < 0 or value >= Decimal(10) ** 14:
        raise CellError(_("“%(text)s” is no amount.") % {"text": text[:30]})
    return value.quantize(Decimal("0.01"))


def _seats(name: str, text: str) -> int:
    bare = re.sub(r"[\s,，]", "", text).removesuffix(".0")
    if not bare.isascii() or not bare.isdigit() or len(bare) > 10 or int(bare) > 2_000_000_000:
        raise CellError(_("“%(text)s” is no number of seats.") % {"text": text[:30]})
    return int(bare)


def _stage(name: str, text: str) -> str:
    if text.lower() not in _STAGES:
        raise CellError(_("“%(text)s” is no stage.") % {"text": text[:30]})
    return _STAGES[text.lower()]


def _currency(name: str, text: str) -> str:
    if not re.fullmatch(r"[A-Za-z]{3}", text):
        raise CellError(_("“%(text)s” is no currency. Write three letters, such as EUR.") % {"text": text[:30]})
    return text.upper()


READERS: dict[str, Callable[[str, str], Any]] = {
    "contract_start": _date,
    "renewal_date": _date,
    "arr": _amount,
    "seats": _seats,
    "lifecycle_stage": _stage,
    "currency": _currency,
}
