"""`AtOnce` leaves the tables that its operations leave one by one, and takes them away again."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import migrations, models, transaction
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ProjectState
from pytest_django import DjangoDbBlocker

from tenants.operations import AtOnce
from tests import services

BEFORE = migrations.CreateModel(
    "Shelf", [("id", models.BigAutoField(primary_key=True)), ("name", models.CharField(max_length=20))]
)
STEPS: list[Operation] = [
    migrations.CreateModel("Book", [("id", models.BigAutoField(primary_key=True)), ("title", models.TextField())]),
    migrations.AddField("book", "pages", models.PositiveIntegerField(null=True)),
    migrations.CreateModel("Loan", [("id", models.BigAutoField(primary_key=True)), ("on", models.DateField())]),
    migrations.AddField("loan", "book", models.ForeignKey("tenants.book", on_delete=models.CASCADE)),
    migrations.AddField("book", "shelf", models.ForeignKey("tenants.shelf", on_delete=models.CASCADE)),
    migrations.AddField("shelf", "best", models.ForeignKey("tenants.book", null=True, on_delete=models.SET_NULL)),
    migrations.AlterField("shelf", "name", models.CharField(max_length=40, null=True)),
    migrations.AddIndex("book", models.Index(fields=["title", "-pages"], name="book_by_title")),
    migrations.AddIndex("shelf", models.Index(fields=["name"], name="shelf_by_name")),
    migrations.AddConstraint("loan", models.UniqueConstraint(fields=["book", "on"], name="loan_once")),
    migrations.AddConstraint(
        "shelf", models.CheckConstraint(condition=~models.Q(name=""), name="shelf_has_a_name")
    ),
]  # fmt: skip
TABLES = ["tenants_book", "tenants_loan", "tenants_shelf"]
LOOK = """
SELECT 'column', table_name, column_name, concat_ws(' ', data_type, character_maximum_length, is_nullable)
FROM information_schema.columns WHERE table_name = ANY(%(tables)s)
UNION ALL SELECT 'constraint', conrelid::regclass::text, conname, pg_get_constraintdef(oid)
FROM pg_constraint WHERE conrelid::regclass::text = ANY(%(tables)s)
UNION ALL SELECT 'index', tablename, indexname, indexdef FROM pg_indexes WHERE tablename = ANY(%(tables)s)
ORDER BY 1, 2, 3"""


@pytest.fixture
def owner(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[Any]:
    with services.empty_database("operations") as connection, django_db_blocker.unblock():
        yield connection


def applied(owner: Any, *operations: Operation, back: bool = False) -> list[tuple[str, ...]]:
    """What the catalogue says of the tables after these operations; nothing of it is kept."""
    with transaction.atomic(owner.alias), owner.cursor() as cursor:
        steps: list[tuple[ProjectState, ProjectState, Operation]] = [(*_step(owner, ProjectState(), BEFORE), BEFORE)]
        for operation in operations:
            steps.append((*_step(owner, steps[-1][1], operation), operation))
        for old, new, operation in reversed(steps[1:]) if back else []:
            with owner.schema_editor() as editor:
                operation.database_backwards("tenants", editor, new, old)
        cursor.execute(LOOK, {"tables": TABLES})
        found = list(cursor.fetchall())
        transaction.set_rollback(True, owner.alias)
    return found


def _step(owner: Any, old: ProjectState, operation: Operation) -> tuple[ProjectState, ProjectState]:
    new = old.clone()
    operation.state_forwards("tenants", new)
    with owner.schema_editor() as editor:
        operation.database_forwards("tenants", editor, old, new)
    return old, new


def test_at_once_leaves_the_same_tables_as_one_by_one(owner: Any) -> None:
    assert applied(owner, AtOnce(*STEPS)) == applied(owner, *STEPS)


def test_at_once_goes_back_to_where_it_began(owner: Any) -> None:
    assert applied(owner, AtOnce(*STEPS), back=True) == applied(owner)


def test_at_once_refuses_what_needs_a_state_of_its_own() -> None:
    with pytest.raises(ValueError, match="AtOnce cannot hold: Raw SQL"):
        AtOnce(migrations.RunSQL("SELECT 1"))
    with pytest.raises(ValueError, match="AtOnce changes shelf.name twice"):
        AtOnce(*[migrations.AlterField("shelf", "name", models.CharField(max_length=size)) for size in (30, 40)])
