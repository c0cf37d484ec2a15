"""A scorecard as the arithmetic sees it: groups, measures, exceptions, bands. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from math import ceil
from typing import Any, Literal

UNITS = 10_000  # scores are kept in ten-thousandths
BANDS = ("red", "amber", "green")  # from the lowest

Band = Literal["red", "amber", "green"]


@dataclass(frozen=True)
class Measure:
    """One input. `points` map its raw value to 0…100, linear between and constant outside.

    `categories`, in place of points: the codes that a raw value may be, each with its 0…100; a row names a category by
    its place. `missing` None: does not count. `max_age`: the days after which a value is no longer fresh.
    """

    key: str
    weight: float
    points: tuple[tuple[float, float], ...] = ()
    missing: float | None = None
    categories: tuple[tuple[str, float], ...] = ()
    max_age: int | None = None

    @property
    def reach(self) -> tuple[float, float]:
        """The lowest and the highest 0…100 that any raw value gives."""
        scores = [score for _x, score in self.points] + [score for _code, score in self.categories]
        return min(scores), max(scores)

    def raw(self, value: Any) -> float | None:
        """A fact's value as a row holds it: a number as it is, a code as its category's place; None where it says
        nothing that the measure knows.
        """
        if not self.categories:
            return None if value is None or isinstance(value, str) else float(value)
        codes = [code for code, _score in self.categories]
        return float(codes.index(value)) if value in codes else None

    def value(self, raw: float | None) -> float | str | None:
        """What a row holds, as the fact's value: a category's code again."""
        return self.categories[int(raw)][0] if raw is not None and self.categories else raw


@dataclass(frozen=True)
class Group:
    """Measures weighed together."""

    key: str
    weight: float
    measures: tuple[Measure, ...]
    name: str = ""


@dataclass(frozen=True)
class Exceptional:
    """A limit of the score that holds while a measure's raw value is known and lies `below` or `above` an edge, or is
    `among` categories' places: the band is `band` at most, or at least.
    """

    measure: str
    band: Band
    at_most: bool
    below: float | None = None
    above: float | None = None
    among: tuple[float, ...] = ()


@dataclass(frozen=True)
class Card:
    """A scorecard: groups, the least coverage that still gives a score (0…1), the lower edges of the bands, and its
    exceptions in the order in which they apply.
    """

    groups: tuple[Group, ...]
    minimum_coverage: float
    green: float
    amber: float
    exceptions: tuple[Exceptional, ...] = ()

    @property
    def measures(self) -> tuple[Measure, ...]:
        """All measures, in the order of a row's raw values."""
        return tuple(measure for group in self.groups for measure in group.measures)

    @property
    def keys(self) -> tuple[str, ...]:
        """The measures' keys, in that order."""
        return tuple(measure.key for measure in self.measures)

    def limit(self, exception: Exceptional) -> int:
        """To what an exception limits the score, in ten-thousandths: the lowest whole number of its band for a floor,
        one point under the next band's edge for a cap.
        """
        edges = {"red": Fraction(0), "amber": exact(self.amber), "green": exact(self.green)}
        if not exception.at_most:
            return ceil(edges[exception.band]) * UNITS
        above = {"red": edges["amber"], "amber": edges["green"], "green": Fraction(101)}[exception.band]
        return int(max(above - 1, Fraction(0)) * UNITS)


@lru_cache(maxsize=4096)
def exact(value: float) -> Fraction:
    """The decimal number that the float shows, exactly."""
    return Fraction(repr(float(value)))


def band_of(card: Card, units: int) -> str:
    """The band of a score in ten-thousandths: by its whole number, half up; [cut, next cut)."""
    if units < 0:
        return "unknown"
    shown = (units + UNITS // 2) // UNITS
    if shown >= card.green:
        return "green"
    return "amber" if shown >= card.amber else "red"


def card_of(document: Mapping[str, Any]) -> Card:
    """A card from its stored document (which `health.definition.check` has accepted)."""
    groups = tuple(
        Group(
            key=group["key"],
            name=group.get("name", ""),
            weight=float(group["weight"]),
            measures=tuple(_measure(measure) for measure in group["measures"]),
        )
        for group in document["groups"]
    )
    measures = {measure.key: measure for group in groups for measure in group.measures}
    return Card(
        groups=groups,
        minimum_coverage=float(document["minimum_coverage"]),
        green=float(document["bands"]["green"]),
        amber=float(document["bands"]["amber"]),
        exceptions=tuple(_exception(one, measures) for one in document.get("exceptions", [])),
    )


def _measure(document: Mapping[str, Any]) -> Measure:
    missing, age = document.get("missing", "skip"), document.get("max_age")
    return Measure(
        key=document["key"],
        weight=float(document["weight"]),
        points=tuple((float(x), float(y)) for x, y in document.get("breakpoints", [])),
        categories=tuple((str(code), float(y)) for code, y in document.get("categories", [])),
        missing=None if missing == "skip" else float(missing),
        max_age=None if age is None else int(age),
    )


def _exception(document: Mapping[str, Any], measures: Mapping[str, Measure]) -> Exceptional:
    when, at_most = document["when"], "at_most" in document
    places = (measures[when["measure"]].raw(code) for code in when.get("among", []))
    return Exceptional(
        measure=when["measure"],
        band=document["at_most" if at_most else "at_least"],
        at_most=at_most,
        below=None if when.get("below") is None else float(when["below"]),
        above=None if when.get("above") is None else float(when["above"]),
        among=tuple(place for place in places if place is not None),
    )
