"""Random scorecards and rows, and what a row scores by the definition, in fractions."""

from dataclasses import replace
from fractions import Fraction
from itertools import product

from hypothesis import strategies as st

from health.card import Band, Card, Exceptional, Group, Measure

NAN = float("nan")
tenths = st.integers(0, 1000).map(lambda n: n / 10)
weights = st.sampled_from([0.0, 0.5, 1.0, 2.0, 3.0, 7.5, 20.0])
EDGES: tuple[Band, ...] = ("red", "amber", "green")
eighths = st.integers(-100, 300).map(lambda n: n / 8)


@st.composite
def measures(draw: st.DrawFn, key: str) -> Measure:
    """A measure of breakpoints or of categories."""
    missing = draw(st.one_of(st.none(), tenths))
    if draw(st.integers(0, 3)) == 0:
        codes = tuple((code, draw(tenths)) for code in "abc"[: draw(st.integers(1, 3))])
        return Measure(key, draw(weights), missing=missing, categories=codes)
    xs = draw(st.lists(st.integers(-50, 200).map(lambda n: n / 4), min_size=1, max_size=4, unique=True))
    return Measure(key, draw(weights), tuple((x, draw(tenths)) for x in sorted(xs)), missing)


@st.composite
def cards(draw: st.DrawFn) -> Card:
    """A card of a few measures with exceptions on some; something has weight."""
    groups = []
    for g in range(draw(st.integers(1, 3))):
        inside = tuple(draw(measures(f"m{g}{i}")) for i in range(draw(st.integers(1, 3))))
        groups.append(Group(f"g{g}", draw(weights), inside))
    if not any(group.weight * measure.weight for group in groups for measure in group.measures):
        first = groups[0]
        groups[0] = replace(first, weight=1.0, measures=(replace(first.measures[0], weight=1.0), *first.measures[1:]))
    card = Card(tuple(groups), draw(st.sampled_from([0.0, 0.3, 0.5, 1.0])), green=75, amber=50)
    exceptions = draw(st.lists(st.sampled_from(card.measures).flatmap(exceptions_on), max_size=3))
    return replace(card, exceptions=tuple(exceptions))


@st.composite
def exceptions_on(draw: st.DrawFn, measure: Measure) -> Exceptional:
    """An exception on a measure."""
    band, at_most = draw(st.sampled_from(EDGES)), draw(st.booleans())
    if measure.categories:
        places = st.sampled_from([float(i) for i in range(len(measure.categories))])
        return Exceptional(measure.key, band, at_most, among=tuple(draw(st.sets(places, min_size=1))))
    below = draw(st.one_of(st.none(), eighths))
    return Exceptional(measure.key, band, at_most, below, draw(eighths) if below is None else None)


@st.composite
def values_of(draw: st.DrawFn, measure: Measure) -> float:
    """A raw value of a measure, or none."""
    if measure.categories:
        return draw(st.sampled_from([NAN, *(float(i) for i in range(len(measure.categories)))]))
    return draw(st.one_of(st.just(NAN), eighths))


@st.composite
def cards_and_rows(draw: st.DrawFn) -> tuple[Card, list[list[float]]]:
    """A card with rows of raw values."""
    card = draw(cards())
    row = st.tuples(*(values_of(measure) for measure in card.measures)).map(list)
    return card, draw(st.lists(row, min_size=1, max_size=5))


def by_hand(card: Card, row: list[float]) -> tuple[Fraction | None, Fraction]:
    """Score before exceptions and coverage by the definition, w_i = G · m_i ÷ Σ m_j."""
    values = dict(zip(card.keys, row, strict=True))
    above = below = covered = everything = Fraction(0)
    for group in card.groups:
        full = sum(Fraction(m.weight) for m in group.measures)
        if not full or not group.weight:
            continue
        everything += Fraction(group.weight)
        covered += sum(
            Fraction(group.weight) * Fraction(m.weight) / full for m in group.measures if values[m.key] == values[m.key]
        )
        counted = [m for m in group.measures if m.weight and (values[m.key] == values[m.key] or m.missing is not None)]
        present = sum(Fraction(m.weight) for m in counted)
        for m in counted:
            share = Fraction(group.weight) * Fraction(m.weight) / present
            above += share * on_the_line(m, values[m.key])
            below += share
    return (above / below if below else None), (covered / everything if everything else Fraction(0))


def on_the_line(measure: Measure, raw: float) -> Fraction:
    """0…100 of a raw value."""
    if raw != raw:
        return Fraction(repr(measure.missing))
    if measure.categories:
        return Fraction(repr(measure.categories[int(raw)][1]))
    points = [(Fraction(repr(x)), Fraction(repr(y))) for x, y in measure.points]
    x = Fraction(repr(raw))
    for (x0, y0), (x1, y1) in zip(points, points[1:], strict=False):
        if x0 <= x <= x1:
            return y0 + (y1 - y0) * (x - x0) / (x1 - x0)
    return points[0][1] if x < points[0][0] else points[-1][1]


def half_up(score: Fraction) -> int:
    """Ten-thousandths, half up."""
    return int((score * 10_000 * 2 + 1) // 2)


def units_by_hand(card: Card, row: list[float]) -> int:
    """The score in ten-thousandths after the exceptions, −1 for none, sentence by sentence of the definition."""
    score, coverage = by_hand(card, row)
    if score is None or coverage < Fraction(repr(card.minimum_coverage)):
        return -1
    units = half_up(score)
    values = dict(zip(card.keys, row, strict=True))
    caps = {"red": 49, "amber": 74, "green": 100}
    floors = {"red": 0, "amber": 50, "green": 75}
    for one in card.exceptions:
        raw = values[one.measure]
        if raw != raw:
            continue
        holds = raw in one.among
        holds = holds or (one.below is not None and raw < one.below) or (one.above is not None and raw > one.above)
        if holds and one.at_most:
            units = min(units, caps[one.band] * 10_000)
        elif holds:
            units = max(units, floors[one.band] * 10_000)
    return units


def completions(card: Card, row: list[float]) -> list[list[float]]:
    """Rows in which every missing value has come in: at every corner of its breakpoints, or as each category."""
    choices = []
    for measure, raw in zip(card.measures, row, strict=True):
        if raw == raw:
            choices.append([raw])
        elif measure.categories:
            choices.append([float(i) for i in range(len(measure.categories))])
        else:
            corners = [x for x, _y in measure.points]
            edges = [
                e
                for one in card.exceptions
                if one.measure == measure.key
                for e in (one.below, one.above)
                if e is not None
            ]
            choices.append(sorted({*corners, *edges, *(e - 1 for e in edges), *(e + 1 for e in edges)}))
    return [list(made) for made in product(*choices)]
