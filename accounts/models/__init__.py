"""Accounts, the people there, what was said to them, and the product they bought."""

from accounts.models.account import Account, LifecycleStage
from accounts.models.finding import SavedView, SearchToken
from accounts.models.people import Contact, Conviction
from accounts.models.product import Feature
from accounts.models.touches import (
    CustomerEvent,
    Invitee,
    Level,
    Mailbox,
    NextStep,
    Touch,
    TouchContact,
    TouchMail,
)

__all__ = [
    "Account",
    "Contact",
    "Conviction",
    "CustomerEvent",
    "Feature",
    "Invitee",
    "Level",
    "LifecycleStage",
    "Mailbox",
    "NextStep",
    "SavedView",
    "SearchToken",
    "Touch",
    "TouchContact",
    "TouchMail",
]
