"""The app of accounts."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    """Registers what this room knows with the rooms that ask for it."""

    name = "accounts"

    def ready(self) -> None:
        """What of persons and files it holds, its facts, reasons, what moves with a tenant, and its words."""
        from accounts.importing import register_targets
        from accounts.personal import declare_all
        from accounts.segments import uses
        from accounts.selectors.segments import saved_view_uses

        declare_all()
        register_targets()
        uses.register("accounts", saved_view_uses)
        _facts_register()
        _reasons_register()
        _stage_words_forget()
        _transfer_register()
        _codes_register()


def _facts_register() -> None:
    from accounts.facts import Source, register
    from accounts.relation import FIT_FACTS, PEOPLE_FACTS, PULSE_FACTS, RELATION_FACTS, STAGE_FACTS, TIER_FACTS
    from accounts.selectors import people_facts, pulse_facts, relation_facts
    from accounts.selectors.handovers import fit_facts
    from accounts.selectors.lifecycle import stage_facts
    from accounts.selectors.past import people_past, pulse_past, relation_past
    from accounts.selectors.tiers import tier_facts

    register(Source(facts=RELATION_FACTS, load=relation_facts, past=relation_past))
    register(Source(facts=PEOPLE_FACTS, load=people_facts, past=people_past))
    register(Source(facts=PULSE_FACTS, load=pulse_facts, past=pulse_past))
    register(Source(facts=STAGE_FACTS, load=stage_facts))
    register(Source(facts=TIER_FACTS, load=tier_facts))
    register(Source(facts=FIT_FACTS, load=fit_facts))


def _reasons_register() -> None:
    from accounts.reason_sources import SOURCES
    from accounts.reasons import register

    for source in SOURCES:
        register(source)


def _stage_words_forget() -> None:
    """A tenant's names of the stages are held for one request or task only."""
    from celery.signals import task_prerun
    from django.core.signals import request_started

    from accounts import stage_words

    request_started.connect(stage_words.forget, dispatch_uid="accounts.stage_words")
    task_prerun.connect(stage_words.forget, dispatch_uid="accounts.stage_words")


def _transfer_register() -> None:
    from accounts import transfer
    from tenants.transfer import register_after_import, register_hidden_id

    register_hidden_id("accounts_searchtoken", "object_id", transfer.found_id_sql)
    register_after_import(transfer.saved_views_shift)
    register_after_import(transfer.mailboxes_forget)
    register_after_import(transfer.asides_forget)
    register_after_import(transfer.segments_shift)


def _codes_register() -> None:
    """What the codes of the audit trail are called."""
    from accounts import models
    from accounts.segments.kept import words_of_document
    from tenants.audit_words import register_values, register_writer

    for field in ("entry", "exit", "rule"):
        register_writer(field, words_of_document)
    for field, choices in (
        ("lifecycle_stage", models.LifecycleStage.choices),
        ("purpose", models.Purpose.choices),
        ("driver", models.Driver.choices),
        ("roles", models.Contact.Role.choices),
        ("influence", models.Contact.Influence.choices),
        ("about", models.Conviction.About.choices),
        ("conviction", models.Conviction.State.choices),
        ("kind", models.Touch.Kind.choices),
        ("level", models.Level.choices),
        ("nature", models.Handover.Nature.choices),
        ("handover_state", models.Handover.State.choices),
        ("promise_state", models.Promise.State.choices),
        ("skill", models.Learner.Skill.choices),
        ("outcome", models.ContractLine.Outcome.choices),
    ):
        register_values(field, dict(choices))
