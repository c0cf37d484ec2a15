"""Guards over the background: every periodic task exists, and every task names its tenant or serves all of them."""

from csplatform.celery import app
from csplatform.schedule import SCHEDULE

# Tasks that work for all tenants, each with a reason.
FOR_ALL = {
    "pipeline.tasks.tick": "plans and claims nights of every tenant, each in its own scope",
    "imports.tasks.imports_tick": "looks for imports of every tenant whose worker is gone, each in its own scope",
    "health.tasks.backtests_tick": "looks for back-tests of every tenant that nobody does, each in its own scope",
    "health.tasks.rescorings_tick": "looks for rescorings of every tenant that nobody does, each in its own scope",
    "pipeline.tasks.partitions": "makes tables, reads no rows",
}


def own_tasks() -> dict[str, object]:
    app.loader.import_default_modules()
    return {name: task for name, task in app.tasks.items() if not name.startswith("celery.")}


def test_every_periodic_task_exists() -> None:
    assert {entry["task"] for entry in SCHEDULE.values()} <= set(own_tasks())


def test_every_task_takes_a_tenant_or_is_listed_with_its_reason() -> None:
    for name, task in own_tasks().items():
        first = task.run.__code__.co_varnames[:1]  # type: ignore[attr-defined]  # a Celery task
        assert name in FOR_ALL or first == ("tenant_id",), name
    assert set(FOR_ALL) <= set(own_tasks())
