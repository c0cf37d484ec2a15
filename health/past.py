"""Reads the raw values of measures as they were known at the end of past days."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any

import numpy as np
from django.utils.functional import Promise

from accounts.facts import past_values
from accounts.past import Pair, Past
from accounts.segments.catalogue import catalogue
from accounts.selectors.past import field_past
from accounts.services.history import TRACKED
from health.card import Card, Measure
from health.inputs import facts_of, is_input
from health.scoring import Floats
from operations.days import day_bounds
from tenants.models import Tenant
from tenants.scope import current_tenant_id


@dataclass(frozen=True)
class Raws:
    """Raw values per pair (n, m), NaN where missing. `left_out`: the measures that cannot be read as they were known
    then, all missing; `narrowed`: those that are read otherwise than every day, and how.
    """

    values: Floats
    left_out: list[str]
    narrowed: dict[str, str | Promise]


def pairs_of(pairs: Sequence[tuple[int, date]]) -> list[Pair]:
    """Accounts at the ends of their tenant's local days."""
    zone = Tenant.objects.get(pk=current_tenant_id()).timezone
    until = cache(lambda day: day_bounds(zone, day)[1])
    return [Pair(account, day, until(day)) for account, day in pairs]


def raws_at(*, card: Card, pairs: Sequence[tuple[int, date]], guarded: bool = True) -> Raws:
    """The raw values of the card's measures for accounts on days, in few queries however many they are.

    `guarded`: only facts that were both dated and received by the end of the day; else by their own dates, as known
    now. Fields are read from their history either way. What cannot be read so is missing, and named.
    """
    held = pairs_of(pairs)
    ages = {key: fact.age for key, fact in facts_of(card.keys).items() if fact.age}
    asked = {measure.key for measure in card.measures} | {ages[m.key] for m in card.measures if m.key in ages}
    found = past_values(keys=asked, pairs=held, guarded=guarded)
    _add_fields(found, [key for key in card.keys if is_input(key)], held)
    columns = [_column(measure, found, ages.get(measure.key, ""), len(held)) for measure in card.measures]
    values = np.array(columns, dtype=np.float64).reshape(len(card.measures), len(held)).T
    narrowed = {key: words for key, words in found.narrowed.items() if key in card.keys}
    return Raws(values, [key for key in card.keys if key not in found.values], narrowed)


def _add_fields(found: Past, keys: Sequence[str], pairs: Sequence[Pair]) -> None:
    """Add the fields that have a history; a number in words of its history is a number again."""
    fields = catalogue() if keys else {}
    for key in keys:
        if key not in fields or not (key in TRACKED or key.startswith("c.")):
            continue
        held = field_past(fields[key].history or key, pairs)
        found.values[key] = [_number(text) for text in held] if fields[key].kind == "number" else held


def _number(text: str | None) -> float | None:
    try:
        return None if text is None else float(text)
    except ValueError:
        return None


def _column(measure: Measure, found: Past, age: str, count: int) -> list[Any]:
    values = [measure.raw(value) for value in found.values.get(measure.key, [None] * count)]
    if not (age and measure.max_age):
        return values
    most = measure.max_age
    old = found.values.get(age, [None] * count)
    return [None if days is not None and days > most else v for v, days in zip(values, old, strict=True)]
