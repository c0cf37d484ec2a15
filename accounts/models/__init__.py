"""Accounts, the people there, what was said to them, and the product they bought."""

from accounts.models.account import Account, LifecycleStage
from accounts.models.contracts import AccountTerm, Contract, ContractLine, Entitlement, ExchangeRate
from accounts.models.fields import AccountTag, AccountValue, ContactValue, CustomField, Tag
from accounts.models.files import AccountFile
from accounts.models.finding import SavedView, SearchToken
from accounts.models.handover import FitSetting, Handover, Learner, NamedMember, Need, Promise
from accounts.models.history import AccountFieldHistory, BulkChange, Segment
from accounts.models.lifecycle import StageHold, StageProposal, StageRule
from accounts.models.payments import CsmTarget, Payment
from accounts.models.people import Contact, Conviction
from accounts.models.product import Feature, Plan, PlanFeature, Product, ProductFeature
from accounts.models.pulse import Pulse
from accounts.models.tiers import Driver, Purpose, ServiceTier, TierDuty
from accounts.models.today import Aside, Look
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
    "AccountFieldHistory",
    "AccountFile",
    "AccountTag",
    "AccountTerm",
    "AccountValue",
    "Aside",
    "BulkChange",
    "Contact",
    "ContactValue",
    "Contract",
    "ContractLine",
    "Conviction",
    "CsmTarget",
    "CustomField",
    "CustomerEvent",
    "Driver",
    "Entitlement",
    "ExchangeRate",
    "Feature",
    "FitSetting",
    "Handover",
    "Invitee",
    "Learner",
    "Level",
    "LifecycleStage",
    "Look",
    "Mailbox",
    "NamedMember",
    "Need",
    "NextStep",
    "Payment",
    "Plan",
    "PlanFeature",
    "Product",
    "ProductFeature",
    "Pulse",
    "Purpose",
    "Promise",
    "SavedView",
    "SearchToken",
    "Segment",
    "ServiceTier",
    "StageHold",
    "StageProposal",
    "StageRule",
    "Tag",
    "TierDuty",
    "Touch",
    "TouchContact",
    "TouchMail",
]
