"""Accounts, the people there, what was said to them, and the product they bought."""

from accounts.models.account import Account, LifecycleStage
from accounts.models.contracts import AccountTerm, Contract, ContractLine, Entitlement, ExchangeRate
from accounts.models.finding import SavedView, SearchToken
from accounts.models.people import Contact, Touch, TouchContact
from accounts.models.product import Feature, Plan, PlanFeature, Product, ProductFeature

__all__ = [
    "Account",
    "AccountTerm",
    "Contact",
    "Contract",
    "ContractLine",
    "Entitlement",
    "ExchangeRate",
    "Feature",
    "LifecycleStage",
    "Plan",
    "PlanFeature",
    "Product",
    "ProductFeature",
    "SavedView",
    "SearchToken",
    "Touch",
    "TouchContact",
]
