"""Writes accounts, contacts, touches, features and saved views."""

from accounts.services.accounts import (
    ACCOUNT_FIELDS,
    ARCHIVED,
    ArchivedAccounts,
    EditConflict,
    account_apply_traits,
    account_archive,
    account_change,
    account_create,
    account_release_field,
    account_restore,
    accounts_assign,
    accounts_upsert,
)
from accounts.services.finding import saved_view_delete, saved_view_save, search_fill
from accounts.services.people import TWO_WAY_KINDS, contact_delete, contact_save, touch_log
from accounts.services.product import feature_save
from accounts.tokens import name_key

__all__ = [
    "ACCOUNT_FIELDS",
    "ARCHIVED",
    "ArchivedAccounts",
    "EditConflict",
    "TWO_WAY_KINDS",
    "account_apply_traits",
    "account_archive",
    "account_change",
    "account_create",
    "account_release_field",
    "account_restore",
    "accounts_assign",
    "accounts_upsert",
    "contact_delete",
    "contact_save",
    "feature_save",
    "name_key",
    "saved_view_delete",
    "saved_view_save",
    "search_fill",
    "touch_log",
]
