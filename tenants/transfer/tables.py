"""Which tables hold a tenant's rows, and what their columns refer to."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from django.apps import apps
from django.db import connection, models

from tenants.models import Door, Invitation, Key, Tenant, User

# Secrets open doors of one installation only; they are made anew.
LEFT_BEHIND = frozenset({Door, Invitation, Key})


@dataclass(frozen=True)
class Table:
    """A table of tenants' rows. `references`: column → table it refers to; `has_id`: its rows are numbered by `id`."""

    name: str
    columns: tuple[str, ...]
    references: dict[str, str]
    users: tuple[str, ...]
    has_id: bool


def tenant_models() -> Iterator[type[models.Model]]:
    """Every model whose rows belong to a tenant."""
    for model in apps.get_models(include_auto_created=True):
        fields = {field.name: field for field in model._meta.local_fields}
        if "tenant" in fields and fields["tenant"].related_model is Tenant and model._meta.managed:
            yield model


def transferred_tables() -> list[Table]:
    """The tables that an export holds, in the order of their names."""
    found = [_table(model) for model in tenant_models() if model not in LEFT_BEHIND]
    return sorted(found, key=lambda table: table.name)


def _table(model: type[models.Model]) -> Table:
    columns, users, references = [], [], {}
    for field in model._meta.local_concrete_fields:
        column, target = str(field.column or ""), field.related_model
        if not column or target in LEFT_BEHIND:
            continue
        columns.append(column)
        if target is User:
            users.append(column)
        elif isinstance(target, type) and target is not Tenant:
            references[column] = target._meta.db_table
    has_id = model._meta.pk.column == "id"
    return Table(model._meta.db_table, tuple(columns), references, tuple(users), has_id)


def object_id_sql(shifts: Callable[[str], int]) -> str:
    """The audit trail's `object_id`, whose table is named by `noun`; ids of what was left behind are dropped."""
    numbered = [model for model in tenant_models() if model not in LEFT_BEHIND and model._meta.pk.column == "id"]
    cases = " ".join(
        f"WHEN '{model._meta.model_name}' THEN object_id + {shifts(model._meta.db_table):d}" for model in numbered
    )
    return f"CASE noun {cases} END"


def quoted(name: str) -> str:
    """A name as SQL writes it."""
    return connection.ops.quote_name(name)
