"""The Postgres backend that carries the tenant scope into every transaction."""

from typing import Any

from django.core.exceptions import ImproperlyConfigured
from django.db import DEFAULT_DB_ALIAS
from django.db.backends.postgresql import base

from tenants import scope

# Superuser, bypass and ownership may also come by membership in another role.
_POWERS = """
SELECT EXISTS (SELECT FROM pg_roles r
               WHERE (r.rolsuper OR r.rolbypassrls) AND pg_has_role(current_user, r.oid, 'MEMBER')),
       EXISTS (SELECT FROM pg_class c WHERE c.relkind IN ('r', 'p')
               AND c.relnamespace = 'public'::regnamespace AND pg_has_role(current_user, c.relowner, 'MEMBER'))
"""
_weak: set[tuple[str, ...]] = set()  # the addresses whose role was found to be bound by the policies


class DatabaseWrapper(base.DatabaseWrapper):
    """Every outermost BEGIN tells Postgres which tenant and user are in scope.

    The setting is local to the transaction: a session-level SET would leak to the next client of a pooler.
    """

    def init_connection_state(self) -> None:
        """Refuse, once per process and address, a run-time role that row-level security would not bind."""
        super().init_connection_state()
        place = tuple(str(self.settings_dict[key]) for key in ("HOST", "PORT", "NAME", "USER"))
        if self.alias == DEFAULT_DB_ALIAS and place not in _weak:
            self._refuse_powerful_role()
            _weak.add(place)

    def _refuse_powerful_role(self) -> None:
        with self.wrap_database_errors, self.connection.cursor() as cursor:
            cursor.execute(_POWERS)
            bypasses, owns = cursor.fetchone()
        if bypasses or owns:
            self.close()
            why = "is a superuser or may bypass row-level security" if bypasses else "owns tables"
            raise ImproperlyConfigured(
                f"DATABASE_URL names the role “{self.settings_dict['USER']}”, which {why}: tenants would not be kept "
                "apart. Name the run-time role there, and the owner in DATABASE_OWNER_URL."
            )

    def set_autocommit(self, autocommit: bool, *args: Any, **kwargs: Any) -> None:
        """Start (False) or end (True) a transaction; at its start set the scope."""
        super().set_autocommit(autocommit, *args, **kwargs)
        if not autocommit and (scope.tenant_id_or_none() is not None or scope.current_user_id() is not None):
            scope.apply_scope(self)
