"""The app of accounts."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    """Registers the facts that this room knows."""

    name = "accounts"

    def ready(self) -> None:
        """Register the relationship facts, and what the codes of stages are called."""
        from accounts.facts import Source, register
        from accounts.models import LifecycleStage
        from accounts.relation import RELATION_FACTS
        from accounts.selectors import relation_facts
        from accounts.transfer import found_id_sql, saved_views_shift, segments_shift
        from tenants.audit_words import register_values
        from tenants.transfer import register_after_import, register_hidden_id

        register(Source(facts=RELATION_FACTS, load=relation_facts))
        register_hidden_id("accounts_searchtoken", "object_id", found_id_sql)
        register_after_import(saved_views_shift)
        register_after_import(segments_shift)
        register_values("lifecycle_stage", dict(LifecycleStage.choices))
