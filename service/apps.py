"""The app of service."""

from django.apps import AppConfig


class ServiceConfig(AppConfig):
    """The service figures are facts."""

    name = "service"

    def ready(self) -> None:
        """Register the facts, and what the codes of channels are called."""
        from accounts.facts import Source, register
        from imports.registry import register as offer
        from service.facts import SERVICE_FACTS, SURVEY_FACTS, VOICE_FACTS
        from service.importing import TicketTarget
        from service.importing_answers import AnswerTarget
        from service.importing_talks import TalkTarget
        from service.models import Channel, Request
        from service.personal import declare_all
        from service.selectors import service_facts
        from service.selectors.past import service_past, survey_past
        from service.selectors.surveys import survey_facts
        from service.selectors.voice import voice_facts
        from service.transfer import answers_rename, help_page_forget
        from tenants.audit_words import register_values
        from tenants.transfer import register_after_import

        declare_all()
        register(Source(facts=SERVICE_FACTS, load=service_facts, past=service_past))
        register(Source(facts=VOICE_FACTS, load=voice_facts))
        register(Source(facts=SURVEY_FACTS, load=survey_facts, past=survey_past))
        register_after_import(answers_rename)
        register_after_import(help_page_forget)
        register_values("request_state", dict(Request.State.choices))
        offer(TicketTarget())
        offer(AnswerTarget())
        offer(TalkTarget())
        register_values("channel", dict(Channel.choices))
