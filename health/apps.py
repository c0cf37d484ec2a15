"""The app of health."""

from typing import Any

from django.apps import AppConfig


def start_scorecard(*, at: Any, **_kwargs: Any) -> None:
    """Signal receiver: a new tenant gets its first scorecard."""
    from health.services import scorecard_start

    scorecard_start(at=at)


class HealthConfig(AppConfig):
    """Gives new tenants a scorecard; score and band are facts, and far moves are reasons."""

    name = "health"

    def ready(self) -> None:
        """Listen for new tenants; register facts and reasons."""
        from accounts.facts import Source, register
        from accounts.reasons import register as register_reasons
        from accounts.segments import uses
        from health.facts import HEALTH_FACTS
        from health.models import Band
        from health.overrides import OUTCOMES
        from health.personal import declare_all
        from health.reasons import SOURCES
        from health.selectors import health_facts
        from health.services import card_uses
        from tenants.audit_words import register_values
        from tenants.signals import tenant_created

        declare_all()
        register(Source(facts=HEALTH_FACTS, load=health_facts))
        for source in SOURCES:
            register_reasons(source)
        register_values("band", dict(Band.choices))
        register_values("override_outcome", OUTCOMES)
        uses.register("health", card_uses)
        tenant_created.connect(start_scorecard, dispatch_uid="health.scorecard")
