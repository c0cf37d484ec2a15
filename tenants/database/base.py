"""The Postgres backend that carries the tenant scope into every transaction."""

from typing import Any

from django.db.backends.postgresql import base

from tenants import scope


class DatabaseWrapper(base.DatabaseWrapper):
    """Every outermost BEGIN tells Postgres which tenant and user are in scope.

    The setting is local to the transaction: a session-level SET would leak to the next client of a pooler.
    """

    def set_autocommit(self, autocommit: bool, *args: Any, **kwargs: Any) -> None:
        """Start (False) or end (True) a transaction; at its start set the scope."""
        super().set_autocommit(autocommit, *args, **kwargs)
        if not autocommit and (scope.tenant_id_or_none() is not None or scope.current_user_id() is not None):
            scope.apply_scope(self)
