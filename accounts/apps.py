"""The app of accounts."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    """Registers the facts that this room knows."""

    name = "accounts"

    def ready(self) -> None:
        """Register the relationship facts."""
        from accounts.facts import Source, register
        from accounts.relation import RELATION_FACTS
        from accounts.selectors import relation_facts

        register(Source(facts=RELATION_FACTS, load=relation_facts))
