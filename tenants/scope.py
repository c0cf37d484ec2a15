"""The tenant scope: which tenant the running code works for.

A context variable says it to the object-relational layer, a transaction-local Postgres setting says it to row-level
security. Both are set here and nowhere else.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING

from django.db import connections, transaction
from django.db.backends.base.base import BaseDatabaseWrapper

if TYPE_CHECKING:
    from tenants.models import Tenant

_tenant_id: ContextVar[int | None] = ContextVar("tenant_id", default=None)
_user_id: ContextVar[int | None] = ContextVar("user_id", default=None)


class NoTenantScope(RuntimeError):  # noqa: N818 - the name says what happened, as DoesNotExist does
    """A query of a tenant's table was run while no tenant was chosen."""


def current_tenant_id() -> int:
    """The id of the tenant in scope; raises `NoTenantScope` when there is none."""
    tenant_id = _tenant_id.get()
    if tenant_id is None:
        raise NoTenantScope("no tenant in scope: wrap the call in tenant_scope(tenant)")
    return tenant_id


def tenant_id_or_none() -> int | None:
    """The id of the tenant in scope, or None."""
    return _tenant_id.get()


def current_user_id() -> int | None:
    """The id of the signed-in user whose own memberships may be read, or None."""
    return _user_id.get()


def apply_scope(connection: BaseDatabaseWrapper) -> None:
    """Tell the open transaction of `connection` which tenant and user are in scope (until it ends)."""
    tenant_id, user_id = _tenant_id.get(), _user_id.get()
    with connection.wrap_database_errors, connection.connection.cursor() as cursor:
        cursor.execute(
            "SELECT set_config('app.tenant_id', %s, true), set_config('app.user_id', %s, true)",
            ["" if tenant_id is None else str(tenant_id), "" if user_id is None else str(user_id)],
        )


def _apply_again(using: str) -> None:
    """Inside a transaction that has begun already, BEGIN's hook has passed: set it again."""
    connection = connections[using]
    if connection.in_atomic_block and not connection.needs_rollback:
        apply_scope(connection)


@contextmanager
def tenant_scope(tenant: "Tenant | int", *, using: str = "default") -> Iterator[None]:
    """Run the block for `tenant`, in one transaction, and restore the outer scope after it.

    Nesting inside another tenant's transaction is refused: half of the work of two tenants could commit together.
    """
    tenant_id = tenant if isinstance(tenant, int) else tenant.pk
    outer = _tenant_id.get()
    if outer is not None and outer != tenant_id:
        raise RuntimeError("a scope of another tenant is open: close it before working for this one")
    token = _tenant_id.set(tenant_id)
    try:
        with transaction.atomic(using=using):
            _apply_again(using)
            yield
    finally:
        _tenant_id.reset(token)
        _apply_again(using)


@contextmanager
def request_scope(*, tenant_id: int | None, user_id: int | None) -> Iterator[None]:
    """Choose tenant and user for a request; the view's own transaction picks them up when it begins."""
    tokens = _tenant_id.set(tenant_id), _user_id.set(user_id)
    try:
        _apply_again("default")
        yield
    finally:
        _tenant_id.reset(tokens[0])
        _user_id.reset(tokens[1])
        _apply_again("default")
