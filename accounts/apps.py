"""The app of accounts."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    """Registers the facts that this room knows."""

    name = "accounts"

    def ready(self) -> None:
        """Register the relationship facts, and what the codes of the audit trail are called."""
        from accounts.facts import Source, register
        from accounts.importing import register_targets
        from accounts.models import Contact, ContractLine, Conviction, Level, LifecycleStage, Touch
        from accounts.relation import PEOPLE_FACTS, RELATION_FACTS
        from accounts.selectors import people_facts, relation_facts
        from accounts.transfer import found_id_sql, mailboxes_forget, saved_views_shift, segments_shift
        from tenants.audit_words import register_values
        from tenants.transfer import register_after_import, register_hidden_id

        register_targets()
        register(Source(facts=RELATION_FACTS, load=relation_facts))
        register(Source(facts=PEOPLE_FACTS, load=people_facts))
        register_hidden_id("accounts_searchtoken", "object_id", found_id_sql)
        register_after_import(saved_views_shift)
        register_after_import(mailboxes_forget)
        register_after_import(segments_shift)
        register_values("lifecycle_stage", dict(LifecycleStage.choices))
        register_values("roles", dict(Contact.Role.choices))
        register_values("influence", dict(Contact.Influence.choices))
        register_values("about", dict(Conviction.About.choices))
        register_values("conviction", dict(Conviction.State.choices))
        register_values("kind", dict(Touch.Kind.choices))
        register_values("level", dict(Level.choices))
        register_values("outcome", dict(ContractLine.Outcome.choices))
