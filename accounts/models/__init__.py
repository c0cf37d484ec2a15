"""Accounts, the people there, what was said to them, and the product they bought."""

from accounts.models.account import Account, LifecycleStage
from accounts.models.fields import AccountTag, AccountValue, ContactValue, CustomField, Tag
from accounts.models.finding import SavedView, SearchToken
from accounts.models.history import AccountFieldHistory, BulkChange, Segment
from accounts.models.people import Contact, Touch, TouchContact
from accounts.models.product import Feature

__all__ = [
    "Account",
    "AccountFieldHistory",
    "AccountTag",
    "AccountValue",
    "BulkChange",
    "Contact",
    "ContactValue",
    "CustomField",
    "Feature",
    "LifecycleStage",
    "SavedView",
    "SearchToken",
    "Segment",
    "Tag",
    "Touch",
    "TouchContact",
]
