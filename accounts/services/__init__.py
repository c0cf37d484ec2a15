"""Writes accounts, contacts, touches, contracts, the product and saved views."""

from accounts.services.accounts import (
    ACCOUNT_FIELDS,
    ARCHIVED,
    ArchivedAccounts,
    DerivedFields,
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
from accounts.services.catalogue import (
    entitlement_delete,
    entitlement_save,
    plan_delete,
    plan_save,
    product_delete,
    product_save,
    rate_delete,
    rate_set,
    rates_set,
)
from accounts.services.contracts import (
    contract_delete,
    contract_save,
    line_delete,
    line_outcome,
    line_save,
)
from accounts.services.contracts_upsert import RefusedRows, contracts_upsert
from accounts.services.finding import saved_view_delete, saved_view_save, search_fill
from accounts.services.people import TWO_WAY_KINDS, contact_delete, contact_save, touch_log
from accounts.services.product import feature_save
from accounts.services.terms import DERIVED_FIELDS, terms_night, terms_refill, terms_refused
from accounts.tokens import name_key

__all__ = [
    "ACCOUNT_FIELDS",
    "ARCHIVED",
    "ArchivedAccounts",
    "DERIVED_FIELDS",
    "DerivedFields",
    "EditConflict",
    "RefusedRows",
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
    "contract_delete",
    "contract_save",
    "contracts_upsert",
    "entitlement_delete",
    "entitlement_save",
    "feature_save",
    "line_delete",
    "line_outcome",
    "line_save",
    "name_key",
    "plan_delete",
    "plan_save",
    "product_delete",
    "product_save",
    "rate_delete",
    "rate_set",
    "rates_set",
    "saved_view_delete",
    "saved_view_save",
    "search_fill",
    "terms_night",
    "terms_refill",
    "terms_refused",
    "touch_log",
]
