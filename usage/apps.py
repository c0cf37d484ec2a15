"""The app of usage."""

from typing import Any

from django.apps import AppConfig
from django.db import DEFAULT_DB_ALIAS
from django.db.models.signals import post_migrate
from django.utils.timezone import now


def after_migrate(*, using: str, **_kwargs: Any) -> None:
    """The owner has just migrated: make the partitions of the coming weeks."""
    from usage.partitions import partitions_ensure

    if using != DEFAULT_DB_ALIAS:
        partitions_ensure(today=now().date(), using=using)


class UsageConfig(AppConfig):
    """Partitions follow every migration; the activity metrics are facts."""

    name = "usage"

    def ready(self) -> None:
        """Connect the partitions and register the facts."""
        from accounts.facts import Source, register
        from usage.facts import ACTIVITY_FACTS
        from usage.selectors import metric_values

        register(Source(facts=ACTIVITY_FACTS, load=metric_values))
        post_migrate.connect(after_migrate, sender=self, dispatch_uid="usage.partitions")
