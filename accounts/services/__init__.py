"""Writes accounts, contacts and what convinced them, touches, events, mails, features and saved views."""

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
from accounts.services.events import attendance_set, event_save, invitee_remove, invitees_add
from accounts.services.finding import saved_view_delete, saved_view_save, search_fill
from accounts.services.mailing import mail_take, mailbox_ensure
from accounts.services.people import contact_delete, contact_save, contacts_upsert, conviction_add
from accounts.services.product import feature_save
from accounts.services.touches import (
    TWO_WAY_KINDS,
    is_two_way,
    step_add,
    step_done,
    step_reopen,
    touch_change,
    touch_delete,
    touch_log,
    touches_upsert,
)
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
    "attendance_set",
    "contact_delete",
    "contact_save",
    "contacts_upsert",
    "conviction_add",
    "event_save",
    "feature_save",
    "invitee_remove",
    "invitees_add",
    "is_two_way",
    "mail_take",
    "mailbox_ensure",
    "name_key",
    "saved_view_delete",
    "saved_view_save",
    "search_fill",
    "step_add",
    "step_done",
    "step_reopen",
    "touch_change",
    "touch_delete",
    "touch_log",
    "touches_upsert",
]
