"""Takes accounts away for good, as long as nobody has worked with them."""

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from accounts.models import Account, SearchToken
from tenants.models import Member
from tenants.services import audit_entry, audits_add

# What is derived from an account, or only says what its fields held: it goes with the account and holds nobody back.
DERIVED = frozenset(
    {"accounts.AccountFieldHistory", "accounts.AccountValue", "accounts.AccountTerm", "accounts.AccountTag"}
)
DERIVED_ROOMS = frozenset({"usage", "health", "playbooks"})
COUNTED = frozenset({"usage.UsageCount"})  # a source of its own, though of a room that mostly derives


def accounts_blocked(*, accounts: Iterable[Account]) -> dict[int, str]:
    """Which accounts somebody has worked with, and with what, by id: contacts, touches, contracts and the like."""
    ids = [account.pk for account in accounts]
    found: dict[int, str] = {}
    for relation in Account._meta.related_objects:
        model: Any = relation.related_model
        derived = model._meta.label in DERIVED or model._meta.app_label in DERIVED_ROOMS
        if derived and model._meta.label not in COUNTED:
            continue
        column = relation.field.attname
        for pk in model.objects.filter(**{f"{column}__in": ids}).values_list(column, flat=True).distinct():
            found.setdefault(pk, str(model._meta.verbose_name))
    return found


def accounts_remove(
    *, accounts: Collection[Account], at: datetime, by: Member | None, label: str = ""
) -> dict[int, str]:
    """Delete accounts with what was derived from them; those that somebody has worked with stay. By id why."""
    blocked = accounts_blocked(accounts=accounts)
    gone = [account for account in accounts if account.pk not in blocked]
    ids = [account.pk for account in gone]
    audits_add(
        [audit_entry(actor=by, action="delete", target=one, at=at, label=label or None) for one in gone]
    )  # fmt: skip
    SearchToken.objects.filter(kind=SearchToken.Kind.ACCOUNT, object_id__in=ids).delete()
    Account.objects.filter(pk__in=ids).delete()
    return {pk: _("Somebody has worked with it since (%(what)s).") % {"what": what} for pk, what in blocked.items()}
