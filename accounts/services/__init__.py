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
from accounts.services.bulk import accounts_set, accounts_tag, accounts_untag, bulk_undo
from accounts.services.fields import (
    custom_field_archive,
    custom_field_move,
    custom_field_restore,
    custom_field_save,
    tags_add,
    tags_remove,
    values_set,
)
from accounts.services.finding import saved_view_change, saved_view_delete, saved_view_save, search_fill
from accounts.services.people import TWO_WAY_KINDS, contact_delete, contact_save, touch_log
from accounts.services.product import feature_save
from accounts.services.segments import segment_archive, segment_may_change, segment_restore, segment_save
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
    "accounts_set",
    "accounts_tag",
    "accounts_untag",
    "accounts_upsert",
    "bulk_undo",
    "contact_delete",
    "contact_save",
    "custom_field_archive",
    "custom_field_move",
    "custom_field_restore",
    "custom_field_save",
    "feature_save",
    "name_key",
    "saved_view_change",
    "saved_view_delete",
    "saved_view_save",
    "search_fill",
    "segment_archive",
    "segment_may_change",
    "segment_restore",
    "segment_save",
    "tags_add",
    "tags_remove",
    "touch_log",
    "values_set",
]
