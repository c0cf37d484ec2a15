"""CSV files that spreadsheets open safely: a text that would be read as a formula is written with an apostrophe."""

import csv
import io
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from urllib.parse import quote

from django.http import HttpResponse

from common.formulas import quoted_cell

BOM = "\ufeff"  # without it Excel reads Chinese as another encoding


def safe_cell(value: Any) -> Any:
    """Numbers and dates as they are, text so that no spreadsheet runs it."""
    if value is None:
        return ""
    if isinstance(value, int | float | Decimal):
        return value
    if isinstance(value, date | datetime):
        return value.isoformat()
    return quoted_cell(str(value))


def csv_response(name: str, head: Sequence[Any], rows: Iterable[Sequence[Any]]) -> HttpResponse:
    """A download of the rows; the whole file is made inside the request, because rows are read in its transaction."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow([safe_cell(str(cell)) for cell in head])
    writer.writerows([safe_cell(cell) for cell in row] for row in rows)
    response = HttpResponse(BOM + text.getvalue(), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f"attachment; filename=\"export.csv\"; filename*=UTF-8''{quote(name)}.csv"
    response["Cache-Control"] = "no-store"
    return response
