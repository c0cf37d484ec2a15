"""The base of every table that belongs to a tenant."""

from typing import Any, TypeVar

from django.db import models
from django.db.models.expressions import Expression

from tenants.scope import current_tenant_id

_M = TypeVar("_M", bound=models.Model, covariant=True)


class CurrentTenant(Expression):
    """The tenant in scope, looked up when the SQL is compiled; compiling it outside a scope raises."""

    output_field = models.BigIntegerField()
    allowed_default = False

    def __init__(self) -> None:
        super().__init__(output_field=models.BigIntegerField())

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, tuple[str | int, ...]]:
        """A parameter holding the tenant's id."""
        return "%s", (current_tenant_id(),)

    def get_source_expressions(self) -> list[Any]:
        """It stands on nothing else."""
        return []


class TenantManager(models.Manager[_M]):
    """Reads only rows of the tenant in scope; running a query outside a scope raises `NoTenantScope`."""

    def get_queryset(self) -> models.QuerySet[_M]:
        """All rows of the tenant in scope."""
        return super().get_queryset().filter(tenant_id=CurrentTenant())


class TenantOwnerField(models.ForeignKey[Any, Any]):
    """The tenant of a row: filled from the scope, and refused when it names another tenant."""

    def pre_save(self, model_instance: models.Model, add: bool) -> Any:
        """The tenant's id; raises ValueError for a row of another tenant than the one in scope."""
        tenant_id = current_tenant_id()
        held = getattr(model_instance, self.attname)
        if held is not None and held != tenant_id:
            raise ValueError("a row of another tenant cannot be saved in this scope")
        setattr(model_instance, self.attname, tenant_id)
        return tenant_id


class TenantForeignKey(models.ForeignKey[Any, Any]):
    """A reference to a row of the same tenant.

    Django's own constraint is off, because Postgres checks it without regard to row-level security and so accepts
    another tenant's row; `TenantTables` adds the composite one, (tenant_id, x_id) → (tenant_id, id). Derived tables,
    which are refilled from rows that have it, go without (`constrained=False`): the check would cost more than the row.
    """

    def __init__(self, to: Any, on_delete: Any, *, constrained: bool = True, **kwargs: Any) -> None:
        kwargs["db_constraint"] = False
        kwargs.setdefault("db_index", False)
        self.constrained = constrained
        super().__init__(to, on_delete, **kwargs)

    def deconstruct(self) -> Any:
        """Leave out what the class itself decides."""
        name, path, args, kwargs = super().deconstruct()
        kwargs.pop("db_constraint", None)
        if not self.constrained:
            kwargs["constrained"] = False
        return name, path, args, kwargs


class TenantModel(models.Model):
    """A table with one tenant's rows, behind a policy.

    Every subclass must be listed in a `TenantTables` migration operation (a guard test compares).
    """

    tenant = TenantOwnerField("tenants.Tenant", models.CASCADE, related_name="+", editable=False, db_index=False)

    objects = TenantManager()

    class Meta:
        abstract = True
        base_manager_name = "objects"
