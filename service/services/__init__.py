"""Writes tickets, requests and wishes, rivals, success cases, help articles and survey answers."""

from service.services.tickets import FIELDS, RefusedTickets, ticket_save, tickets_remove, tickets_upsert
from service.services.voice import (
    RequestMove,
    case_delete,
    case_save,
    cases_upsert,
    request_merge,
    request_move,
    request_save,
    request_tell,
    requests_upsert,
    rival_delete,
    rival_save,
    wish_add,
    wish_remove,
)

__all__ = [
    "FIELDS",
    "RefusedTickets",
    "RequestMove",
    "case_delete",
    "case_save",
    "cases_upsert",
    "request_merge",
    "request_move",
    "request_save",
    "request_tell",
    "requests_upsert",
    "rival_delete",
    "rival_save",
    "ticket_save",
    "tickets_remove",
    "tickets_upsert",
    "wish_add",
    "wish_remove",
]
