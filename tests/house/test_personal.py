"""Every column that could hold something of a customer's person is declared to the erasure: none is forgotten."""

from typing import Any

import pytest
from django.apps import apps
from django.contrib.postgres.fields import ArrayField
from django.db import models

from accounts.models import Contact
from tenants.models import Door
from tenants.personal.registry import declared, sources
from tenants.transfer.tables import tenant_models
from usage.models import EndUser, Event, Visitor

PERSONS = (Contact, EndUser, Visitor)
NO_TENANTS_DATA = {
    "tenants.Door": "hashes and numbers",
    "operations.Night": "the ledger of all tenants; holds no customer data",
    "operations.ProvisionalDay": "a date per tenant",
}
HOLDS_TEXT = (models.CharField, models.TextField, models.JSONField, models.BinaryField, ArrayField)


def speaking(model: type[models.Model]) -> set[str]:
    """The columns in which a person could be named, or that refer to one."""
    found = set()
    for field in model._meta.local_concrete_fields:
        code = bool(getattr(field, "choices", None))
        if (isinstance(field, HOLDS_TEXT) and not code) or field.related_model in PERSONS:
            found.add(field.name)
    return found


def every_model() -> list[type[models.Model]]:
    every: list[type[models.Model]] = [*tenant_models(), Event]
    return [model for model in every if model._meta.label not in NO_TENANTS_DATA]


@pytest.mark.parametrize("model", every_model(), ids=lambda model: model._meta.label)
def test_every_column_that_may_hold_a_person_is_declared(model: Any) -> None:
    said = declared.get(model._meta.label)
    assert said is not None, f"say in {model._meta.app_label}/personal.py what of persons {model._meta.label} holds"
    missing, stale = speaking(model) - said.columns, said.columns - {f.name for f in model._meta.local_concrete_fields}
    assert not missing, f"{model._meta.label}: declare {sorted(missing)} as own, free, copies or none (with why)"
    assert not stale, f"{model._meta.label}: {sorted(stale)} are no columns"
    assert said.why or not said.none, f"{model._meta.label}: say why {said.none} hold nobody"


def test_a_column_is_declared_once_and_every_declaration_names_a_table() -> None:
    known = {model._meta.label for model in apps.get_models()}
    assert set(declared) <= known
    for said in declared.values():
        parts = [*said.own, *said.free, *said.copies, *said.none]
        assert len(parts) == len(set(parts)), said.label
    assert Door._meta.label in NO_TENANTS_DATA


def test_references_to_persons_are_never_called_nobodys_but_for_derived_tables() -> None:
    refer = {
        said.label
        for said in declared.values()
        for field in said.model._meta.local_concrete_fields
        if field.related_model in PERSONS and field.name in said.none
    }
    assert refer == {"usage.UserActivity", "usage.AccountUser"}, "only what is built again from events"
    assert len({source.key for source in sources}) == len(sources)
