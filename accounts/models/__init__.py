"""Accounts, the people there, what was said to them, and the product they bought."""

from accounts.models.account import Account, LifecycleStage
from accounts.models.finding import SavedView, SearchToken
from accounts.models.people import Contact, Touch, TouchContact
from accounts.models.product import Feature

__all__ = [
    "Account",
    "Contact",
    "Feature",
    "LifecycleStage",
    "SavedView",
    "SearchToken",
    "Touch",
    "TouchContact",
]
