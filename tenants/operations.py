"""Migration operations: row-level security, composite foreign keys and grants for tenants' tables."""

from collections.abc import Iterator, Sequence
from typing import Any

from django.db import models
from django.db.migrations.operations import AddConstraint, AddField, AddIndex, AlterField, CreateModel
from django.db.migrations.operations.base import Operation

from tenants.fields import TenantForeignKey

# The one-argument form fails when the setting is missing; the sub-select is evaluated once per statement.
POLICY = "tenant_id = (SELECT current_setting('app.tenant_id')::bigint)"


def isolation_sql(table: str) -> Iterator[str]:
    """The statements that put a policy on `table` (a quoted name) and force it on the owner too."""
    yield f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY"
    yield f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY"
    yield f"CREATE POLICY tenant_isolation ON {table} USING ({POLICY}) WITH CHECK ({POLICY})"


def _on_delete(field: TenantForeignKey, column: str) -> str:
    name = getattr(field.remote_field.on_delete, "__name__", "")
    return {"CASCADE": "ON DELETE CASCADE", "SET_NULL": f"ON DELETE SET NULL ({column})"}.get(name, "")


def reference_sql(model: type[models.Model], field: TenantForeignKey, schema_editor: Any) -> str:
    """The statement that makes a reference of a tenant's table real: (tenant_id, x_id) → (tenant_id, id)."""
    quote = schema_editor.quote_name
    column, target = quote(field.column), quote(field.remote_field.model._meta.db_table)
    name = quote(f"{model._meta.db_table}_{field.column}_tenant_fk"[:63])
    return (
        f"ALTER TABLE {quote(model._meta.db_table)} ADD CONSTRAINT {name} FOREIGN KEY (tenant_id, {column}) "
        f"REFERENCES {target} (tenant_id, id) {_on_delete(field, column)} DEFERRABLE INITIALLY DEFERRED"
    )


class TenantTables(Operation):
    """Put the named models of this app behind their policy, and give their references real composite constraints."""

    reduces_to_sql = True
    reversible = True

    def __init__(self, *model_names: str) -> None:
        self.model_names = model_names

    def deconstruct(self) -> tuple[str, list[Any], dict[str, Any]]:
        """How the operation is written in a migration."""
        return type(self).__name__, list(self.model_names), {}

    def state_forwards(self, app_label: str, state: Any) -> None:
        """Models do not change."""

    def describe(self) -> str:
        """One line for the log."""
        return f"Tenant isolation for {', '.join(self.model_names)}"

    def database_forwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        """Unique (tenant, id) first, since references may point at each other; then policies and references."""
        # A new constraint is checked by a query under the policy, which fails without a setting; no tenant has
        # number 0.
        schema_editor.execute("SELECT set_config('app.tenant_id', '0', true)", params=None)
        found = [to_state.apps.get_model(app_label, name) for name in self.model_names]
        for model in found:
            table = schema_editor.quote_name(model._meta.db_table)
            if model._meta.pk.column == "id":
                schema_editor.execute(f"ALTER TABLE {table} ADD UNIQUE (tenant_id, id)", params=None)
            for sql in isolation_sql(table):
                schema_editor.execute(sql, params=None)
        for model in found:
            for sql in self._references(model, schema_editor):
                schema_editor.execute(sql, params=None)

    def _references(self, model: type[models.Model], schema_editor: Any) -> Iterator[str]:
        for field in model._meta.local_fields:
            if isinstance(field, TenantForeignKey) and field.constrained:
                yield reference_sql(model, field, schema_editor)

    def database_backwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        """Nothing to undo by hand: the tables go with their models."""


class TenantReferences(Operation):
    """Give references that came later to a table behind its policy their real composite constraints."""

    reduces_to_sql = True
    reversible = True

    def __init__(self, model_name: str, *field_names: str) -> None:
        self.model_name, self.field_names = model_name, field_names

    def deconstruct(self) -> tuple[str, list[Any], dict[str, Any]]:
        """How the operation is written in a migration."""
        return type(self).__name__, [self.model_name, *self.field_names], {}

    def state_forwards(self, app_label: str, state: Any) -> None:
        """Models do not change."""

    def describe(self) -> str:
        """One line for the log."""
        return f"Tenant references of {self.model_name}: {', '.join(self.field_names)}"

    def database_forwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        """The constraints, checked at once by a query under the policy, which fails without a setting."""
        schema_editor.execute("SELECT set_config('app.tenant_id', '0', true)", params=None)
        model = to_state.apps.get_model(app_label, self.model_name)
        for name in self.field_names:
            schema_editor.execute(reference_sql(model, model._meta.get_field(name), schema_editor), params=None)

    def database_backwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        """Nothing to undo by hand: the constraint goes with its column."""


class AtOnce(Operation):
    """Plain operations on the models of one migration, between two states instead of one state for each.

    Django renders every model that is connected to a changed one anew after each operation; an empty database
    spent most of its first start on that. The outcome is the same: a table is created as it is at the end, so
    what the later operations add to it is already there.
    """

    reversible = True
    reduces_to_sql = True
    _PLAIN = (CreateModel, AddField, AlterField, AddIndex, AddConstraint)

    def __init__(self, *operations: Operation) -> None:
        if strange := [step.describe() for step in operations if not isinstance(step, self._PLAIN)]:
            raise ValueError(f"AtOnce cannot hold: {', '.join(strange)}")
        self.operations = operations
        fields = [f"{step.model_name_lower}.{step.name}" for step in self._in_database() if hasattr(step, "field")]
        if twice := {name for name in fields if fields.count(name) > 1}:
            raise ValueError(f"AtOnce changes {', '.join(sorted(twice))} twice")

    def deconstruct(self) -> tuple[str, list[Any], dict[str, Any]]:
        """How the operation is written in a migration."""
        return type(self).__name__, list(self.operations), {}

    def describe(self) -> str:
        """One line for the log."""
        return "; ".join(step.describe() for step in self.operations)

    def state_forwards(self, app_label: str, state: Any) -> None:
        """Each in its turn, with the rendered models thrown away first: nothing is rendered between them."""
        state.__dict__.pop("apps", None)
        for step in self.operations:
            step.state_forwards(app_label, state)

    def database_forwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        """The new tables whole, then what is done to older ones."""
        for step in self._in_database():
            step.database_forwards(app_label, schema_editor, from_state, to_state)

    def database_backwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        """The same the other way round."""
        for step in reversed(self._in_database()):
            step.database_backwards(app_label, schema_editor, from_state, to_state)

    def _in_database(self) -> Sequence[Any]:
        created = {step.name_lower for step in self.operations if isinstance(step, CreateModel)}
        return [
            step
            for step in self.operations
            if isinstance(step, CreateModel) or getattr(step, "model_name_lower", None) not in created
        ]
