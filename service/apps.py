"""The app of service."""

from django.apps import AppConfig


class ServiceConfig(AppConfig):
    """The service figures are facts."""

    name = "service"

    def ready(self) -> None:
        """Register the facts, and what the codes of channels are called."""
        from accounts.facts import Source, register
        from imports.registry import register as offer
        from service.facts import SERVICE_FACTS
        from service.importing import TicketTarget
        from service.importing_talks import TalkTarget
        from service.models import Channel
        from service.selectors import service_facts
        from tenants.audit_words import register_values

        register(Source(facts=SERVICE_FACTS, load=service_facts))
        offer(TicketTarget())
        offer(TalkTarget())
        register_values("channel", dict(Channel.choices))
