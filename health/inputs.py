"""What a scorecard may measure: the registered facts that come from below health, and the account's own fields.

A number is measured by breakpoints, a word by categories. Of a fact that grows old the registry names the fact that
tells its age (`Fact.age`).
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

import numpy as np
from django.db import connection
from django.utils.translation import gettext_lazy as _

from accounts.facts import Fact, Values, fact_values, known_facts, measurable_facts
from accounts.segments.catalogue import Catalogue, catalogue
from accounts.segments.compiler import Compiler
from accounts.segments.definition import Field
from health.card import Card, Measure
from health.scoring import Floats
from operations.days import day_bounds
from tenants.models import Tenant
from tenants.scope import current_tenant_id

_OWN = ("industry", "segment", "lifecycle_stage", "tier", "purpose", "driver", "arr", "seats")
_KINDS = ("text", "word", "number")
_DEFINITION = _("A field of the account, as its history knows it on the day; fields without a history as they are now.")


def inputs_known(fields: Catalogue | None = None) -> dict[str, Fact]:
    """Everything that a measure of the tenant in scope may name, by its key."""
    fields = catalogue() if fields is None else fields
    own = {key: _as_fact(fields[key]) for key in fields if is_input(key) and fields[key].kind in _KINDS}
    return {**measurable_facts(), **own}


def facts_of(keys: Iterable[str]) -> dict[str, Fact]:
    """The facts that these measures name; one that is gone is left out. Queries only where account fields are named."""
    wanted, known = set(keys), known_facts()
    fields = inputs_known() if any(is_input(key) for key in wanted) else {}
    return {key: fact for key in wanted if (fact := known.get(key) or fields.get(key))}


def is_input(key: str) -> bool:
    return key in _OWN or key.startswith("c.")


def _as_fact(field: Field) -> Fact:
    return Fact(
        key=field.key,
        label=field.label,
        unit="word" if field.kind in ("text", "word") else field.unit or "count",
        room="accounts",
        definition=_DEFINITION,
        choices=field.choices,
        fixed=True,
    )


def raws_of(*, card: Card, as_of: date, account_ids: Sequence[int], every: bool = False) -> Floats:
    """The raw values of the card's measures per account (n, m), NaN where missing or too old. `every`: these are all
    accounts.
    """
    values = values_read(cards=[card], as_of=as_of, account_ids=None if every else account_ids)
    return raws_from(values, card, account_ids)


def values_read(*, cards: Iterable[Card], as_of: date, account_ids: Sequence[int] | None = None) -> dict[str, Values]:
    """What the cards' measures rest on, read once for all of them; of all accounts by default."""
    measures = [measure for card in cards for measure in card.measures]
    keys = {measure.key for measure in measures}
    values = dict(fact_values(keys=keys | set(filter(None, map(_age, measures))), as_of=as_of, account_ids=account_ids))
    values.update(field_values(sorted(key for key in keys if is_input(key)), as_of))
    return values


def raws_from(values: Mapping[str, Values], card: Card, account_ids: Sequence[int]) -> Floats:
    """The raw values of `raws_of` from what `values_read` found."""
    columns = [_column(measure, values, _age(measure), account_ids) for measure in card.measures]
    return np.array(columns, dtype=np.float64).reshape(len(card.measures), len(account_ids)).T


def _age(measure: Measure) -> str:
    """The key of the fact that tells the age of a measure that grows old; empty where it does not."""
    known = measurable_facts().get(measure.key) if measure.max_age else None
    return known.age if known else ""


def _column(measure: Measure, values: Mapping[str, Values], age: str, account_ids: Sequence[int]) -> list[Any]:
    found = list(map(values.get(measure.key, {}).get, account_ids))
    if measure.categories:
        found = [measure.raw(value) for value in found]
    if age and measure.max_age:
        old = map(values.get(age, {}).get, account_ids)
        found = [None if days is not None and days > measure.max_age else v for v, days in zip(found, old, strict=True)]
    return found


def field_values(keys: Sequence[str], as_of: date) -> dict[str, Values]:
    """The values of accounts' own fields at the end of a day, by key; fields that are gone have none."""
    if not keys:
        return {}
    fields, zone = catalogue(), Tenant.objects.get(pk=current_tenant_id()).timezone
    return {key: _read(fields[key], as_of, zone) for key in keys if key in fields}


_THEN = """SELECT DISTINCT ON (account_id) account_id, value FROM accounts_accountfieldhistory
    WHERE tenant_id = %(tenant)s AND field = %(field)s AND at < %(until)s ORDER BY account_id, at DESC, id DESC"""


def _read(field: Field, as_of: date, zone: str) -> Values:
    until = day_bounds(zone, as_of)[1]
    compiler, number = Compiler(as_of, zone, until=until), field.kind == "number"
    found = _rows(compiler.source(field, dated=number), {**compiler.params, "day": as_of})
    if number:
        return {pk: None if value is None else float(value) for pk, value in found.items()}
    return {**found, **_rows(_THEN, {"field": field.history or field.key, "until": until})}


def _rows(sql: str, params: Mapping[str, Any]) -> dict[int, Any]:
    with connection.cursor() as cursor:
        cursor.execute(sql, {**params, "tenant": current_tenant_id()})
        return dict(cursor.fetchall())
