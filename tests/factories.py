"""Rows for tests: a tenant with its people, and accounts. Call inside `tenant_scope` unless a tenant is made."""

from datetime import UTC, date, datetime
from itertools import count
from typing import Any

from accounts.models import Account
from accounts.services import account_create
from tenants.models import Member, Role, Tenant, User
from tenants.services import NewTenant, member_add, tenant_create

AT = datetime(2026, 3, 10, 12, tzinfo=UTC)
DAY = date(2026, 3, 9)
_numbers = count(1)


def make_tenant(slug: str = "", **settings: Any) -> NewTenant:
    """A tenant with its first admin, keys and scorecard."""
    number = next(_numbers)
    slug = slug or f"tenant-{number}"
    values = {"name": slug.title(), "timezone": "Europe/Berlin", "language": "en", "currency": "EUR", **settings}
    return tenant_create(slug=slug, admin_email=f"admin@{slug}.example", at=AT, **values)


def make_member(role: Role = Role.CSM, name: str = "", **user: Any) -> Member:
    """A person with this role in the tenant in scope."""
    number = next(_numbers)
    person = User.objects.create_user(
        f"person-{number}@example.com", "a-long-password", name=name or f"Person {number}"
    )
    return member_add(user=person, role=role, at=AT)


def make_account(tenant: Tenant, external_id: str = "", **values: Any) -> Account:
    """An account of the tenant in scope."""
    external_id = external_id or f"acct-{next(_numbers)}"
    values.setdefault("name", external_id.title())
    return account_create(tenant=tenant, external_id=external_id, values=values, at=AT, by=None)
