"""Reads of the renewals room."""

from renewals.selectors.cohorts import cohorts_get
from renewals.selectors.due import due_lines
from renewals.selectors.groups import BY
from renewals.selectors.ledger import ArrRow, Frame, arr_rows, customer_rows, frame_get, steps_get
from renewals.selectors.report import Retention, moved_rows, retention_get, revenue_setting

__all__ = [
    "BY",
    "ArrRow",
    "Frame",
    "Retention",
    "arr_rows",
    "cohorts_get",
    "customer_rows",
    "due_lines",
    "frame_get",
    "moved_rows",
    "retention_get",
    "revenue_setting",
    "steps_get",
]
