"""Every periodic task, in one table."""

from typing import Any

SCHEDULE: dict[str, dict[str, Any]] = {
    "tick": {"task": "pipeline.tasks.tick", "schedule": 60.0, "options": {"expires": 55}},
    "imports": {"task": "imports.tasks.imports_tick", "schedule": 30.0, "options": {"expires": 25}},
    "back_tests": {"task": "health.tasks.backtests_tick", "schedule": 60.0, "options": {"expires": 55}},
    "rescorings": {"task": "health.tasks.rescorings_tick", "schedule": 60.0, "options": {"expires": 55}},
    "partitions": {"task": "pipeline.tasks.partitions", "schedule": 86_400.0},
}
