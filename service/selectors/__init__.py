"""Reads tickets and how well customers were served; requests, rivals and cases; help; answers to surveys."""

from service.selectors.tickets import (
    Line,
    ServiceReport,
    latest_opening,
    period,
    service_facts,
    service_report,
    tickets_of_account,
)

__all__ = [
    "Line",
    "ServiceReport",
    "latest_opening",
    "period",
    "service_facts",
    "service_report",
    "tickets_of_account",
]
