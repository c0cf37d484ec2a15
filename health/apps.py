"""The app of health."""

from typing import Any

from django.apps import AppConfig


def start_scorecard(*, at: Any, **_kwargs: Any) -> None:
    """Signal receiver: a new tenant gets its first scorecard."""
    from health.services import scorecard_start

    scorecard_start(at=at)


class HealthConfig(AppConfig):
    """Gives new tenants a scorecard."""

    name = "health"

    def ready(self) -> None:
        """Listen for new tenants."""
        from tenants.signals import tenant_created

        tenant_created.connect(start_scorecard, dispatch_uid="health.scorecard")
