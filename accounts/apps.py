"""The app of accounts."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    """Registers the facts that this room knows."""

    name = "accounts"

    def ready(self) -> None:
        """Register the relationship facts, and what the codes of the audit trail are called."""
        from celery.signals import task_prerun
        from django.core.signals import request_started

        from accounts import stage_words
        from accounts.facts import Source, register
        from accounts.importing import register_targets
        from accounts.models import (
            Contact,
            ContractLine,
            Conviction,
            Driver,
            Handover,
            Learner,
            Level,
            LifecycleStage,
            Promise,
            Purpose,
            Touch,
        )
        from accounts.personal import declare_all
        from accounts.reason_sources import SOURCES
        from accounts.reasons import register as register_reasons
        from accounts.relation import FIT_FACTS, PEOPLE_FACTS, RELATION_FACTS, STAGE_FACTS, TIER_FACTS
        from accounts.segments import uses
        from accounts.segments.kept import words_of_document
        from accounts.selectors import people_facts, relation_facts
        from accounts.selectors.handovers import fit_facts
        from accounts.selectors.lifecycle import stage_facts
        from accounts.selectors.segments import saved_view_uses
        from accounts.selectors.tiers import tier_facts
        from accounts.transfer import asides_forget, found_id_sql, mailboxes_forget, saved_views_shift, segments_shift
        from tenants.audit_words import register_values, register_writer
        from tenants.transfer import register_after_import, register_hidden_id

        declare_all()
        register_targets()
        uses.register("accounts", saved_view_uses)
        register(Source(facts=RELATION_FACTS, load=relation_facts))
        register(Source(facts=PEOPLE_FACTS, load=people_facts))
        register(Source(facts=STAGE_FACTS, load=stage_facts))
        register(Source(facts=TIER_FACTS, load=tier_facts))
        request_started.connect(stage_words.forget, dispatch_uid="accounts.stage_words")
        task_prerun.connect(stage_words.forget, dispatch_uid="accounts.stage_words")
        register(Source(facts=FIT_FACTS, load=fit_facts))
        for source in SOURCES:
            register_reasons(source)
        register_hidden_id("accounts_searchtoken", "object_id", found_id_sql)
        register_after_import(saved_views_shift)
        register_after_import(mailboxes_forget)
        register_after_import(asides_forget)
        register_after_import(segments_shift)
        for field in ("entry", "exit", "rule"):
            register_writer(field, words_of_document)
        register_values("outcome", dict(ContractLine.Outcome.choices))
        register_values("lifecycle_stage", dict(LifecycleStage.choices))
        register_values("purpose", dict(Purpose.choices))
        register_values("driver", dict(Driver.choices))
        register_values("roles", dict(Contact.Role.choices))
        register_values("influence", dict(Contact.Influence.choices))
        register_values("about", dict(Conviction.About.choices))
        register_values("conviction", dict(Conviction.State.choices))
        register_values("kind", dict(Touch.Kind.choices))
        register_values("level", dict(Level.choices))
        register_values("nature", dict(Handover.Nature.choices))
        register_values("handover_state", dict(Handover.State.choices))
        register_values("promise_state", dict(Promise.State.choices))
        register_values("skill", dict(Learner.Skill.choices))
        register_values("outcome", dict(ContractLine.Outcome.choices))
