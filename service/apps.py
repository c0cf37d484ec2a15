"""The app of service."""

from django.apps import AppConfig


class ServiceConfig(AppConfig):
    """The service figures are facts."""

    name = "service"

    def ready(self) -> None:
        """Register the facts, and what the codes of channels are called."""
        from accounts.facts import Source, register
        from service.facts import SERVICE_FACTS
        from service.models import Channel
        from service.selectors import service_facts
        from tenants.audit_words import register_values

        register(Source(facts=SERVICE_FACTS, load=service_facts))
        register_values("channel", dict(Channel.choices))
