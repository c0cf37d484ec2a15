"""Reads accounts, contacts, touches and features."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from django.db import connection
from django.db.models import Q, QuerySet

from accounts.facts import Values
from accounts.models import Account, Contact, Feature, SavedView, SearchToken, Touch
from accounts.tokens import typed_text
from tenants.models import Member, Role
from tenants.scope import current_tenant_id

LAST_SIGN = "\U0010ffff"  # sorts behind every sign that a token may hold


def visible_to(member: Member) -> QuerySet[Account]:
    """The live accounts that a member may see: all of the tenant's, or only a CSM's own where the tenant says so."""
    accounts = Account.objects.filter(archived_at=None)
    if member.role == Role.CSM and member.tenant.csms_see_own_only:
        return accounts.filter(csm=member)
    return accounts


def visible_sql(member: Member, alias: str) -> str:
    """`visible_to` as a condition on `accounts_account AS alias`, for selectors that write SQL (a test compares)."""
    only_own = member.role == Role.CSM and member.tenant.csms_see_own_only
    return f"{alias}.archived_at IS NULL" + (f" AND {alias}.csm_id = {int(member.pk)}" if only_own else "")


def search_tokens(*, kind: str, text: str) -> QuerySet[SearchToken]:
    """The tokens of accounts or contacts that begin with what was typed: a range of the index."""
    typed = typed_text(text)
    return SearchToken.objects.filter(kind=kind, token__gte=typed, token__lt=typed + LAST_SIGN)


def contact_search(*, text: str, member: Member, limit: int) -> list[Contact]:
    """The people whom the letters find at accounts that the member may see, with their account, by name.

    Where no name has a word that begins so, those that hold the letters anywhere.
    """
    found = search_tokens(kind=SearchToken.Kind.CONTACT, text=text)
    meant = Q(pk__in=found.values("object_id")) if found.exists() else Q(name__icontains=text)
    people = Contact.objects.filter(meant, account__in=visible_to(member)).select_related("account")
    return list(people.order_by("name", "id")[:limit])


def touch_list(*, account: Account, limit: int | None = None) -> list[Touch]:
    """The touches of an account, newest first, with author and people."""
    touches = account.touches.select_related("author__user").prefetch_related("contacts").order_by("-on", "-id")
    return list(touches[:limit] if limit else touches)


def contact_list(*, account: Account) -> list[Contact]:
    """The people at an account, by name."""
    return list(account.contacts.order_by("name", "id"))


def feature_list() -> list[Feature]:
    """The tenant's features: core ones first, by name."""
    return list(Feature.objects.order_by("-core", "name"))


def saved_view_list(*, member: Member) -> list[SavedView]:
    """The member's own views and those that others share, own first."""
    views = SavedView.objects.filter(Q(owner=member) | Q(is_shared=True)).select_related("owner__user")
    return sorted(views, key=lambda view: (view.owner_id != member.pk, view.name))


_RELATION_SQL = """
WITH wanted AS (SELECT id, contract_start, renewal_date FROM accounts_account WHERE tenant_id = %(tenant)s
    AND archived_at IS NULL AND (%(ids)s::bigint[] IS NULL OR id = ANY(%(ids)s::bigint[]))),
touched AS (SELECT account_id, max("on") AS any_way, max("on") FILTER (WHERE two_way) AS two_way FROM accounts_touch
    WHERE tenant_id = %(tenant)s AND "on" <= %(day)s
    AND (%(ids)s::bigint[] IS NULL OR account_id = ANY(%(ids)s::bigint[])) GROUP BY 1)
SELECT w.id, %(day)s - COALESCE(t.two_way, w.contract_start), %(day)s - t.any_way, w.renewal_date - %(day)s
FROM wanted w LEFT JOIN touched t ON t.account_id = w.id
"""


def relation_facts(as_of: date, account_ids: Sequence[int] | None) -> Mapping[str, Values]:
    """Days silent, days since any contact, days to renewal: per account as of a day.

    Days silent counts from the last two-way touch, else from contract start; not defined before either.
    """
    with connection.cursor() as cursor:
        ids = None if account_ids is None else list(account_ids)
        cursor.execute(_RELATION_SQL, {"day": as_of, "tenant": current_tenant_id(), "ids": ids})
        rows: list[tuple[Any, ...]] = cursor.fetchall()
    return {
        "days_silent": {row[0]: row[1] if row[1] is not None and row[1] >= 0 else None for row in rows},
        "days_since_contact": {row[0]: row[2] for row in rows},
        "days_to_renewal": {row[0]: row[3] for row in rows},
    }
