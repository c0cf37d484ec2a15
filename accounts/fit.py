"""How far a product fits what a customer needs, and what a hand-over still lacks. Pure: imports no Django."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction

DEFAULT_THRESHOLD = 30  # per cent


@dataclass(frozen=True)
class Weighed:
    """A need: its weight (1 to 10) and how far the product meets it (0 to 100 per cent; None: not judged yet)."""

    weight: int
    match: int | None


def fit_score(needs: Iterable[Weighed]) -> Fraction | None:
    """Σ weight · match ÷ Σ weight over the needs whose match is judged, exactly, from 0 to 1.

    Not defined (None) without a judged need.
    """
    judged = [(need.weight, need.match) for need in needs if need.match is not None]
    weights = sum(weight for weight, _match in judged)
    return Fraction(sum(weight * match for weight, match in judged), 100 * weights) if weights else None


def is_poor(score: Fraction | None, threshold: int) -> bool:
    """Whether a fit lies below the threshold (per cent). The threshold itself is enough; no score is not poor."""
    return score is not None and score < Fraction(threshold, 100)


@dataclass(frozen=True)
class PromiseState:
    """What completeness asks of a promise."""

    state: str
    owned: bool
    dated: bool


@dataclass(frozen=True)
class Filled:
    """What a hand-over holds, as completeness sees it. `roles`: of the people known there."""

    salesperson: bool
    contract: bool
    roles: frozenset[str]
    expectations: bool
    nature: bool
    profile: bool
    no_promises: bool
    promises: Sequence[PromiseState]
    needs: Sequence[Weighed]
    learners: int


STEPS = (
    "salesperson", "contract", "decision_maker", "project_lead", "expectations", "promises", "promises_judged",
    "promises_owned", "needs", "needs_judged", "learners", "nature", "profile",
)  # fmt: skip


def missing(filled: Filled) -> list[str]:
    """The steps of `STEPS` that are not done, in that order; empty when the hand-over is complete.

    A planned promise needs an owner and a day; every promise and every need must have been judged.
    """
    planned = [one for one in filled.promises if one.state == "planned"]
    done = {
        "salesperson": filled.salesperson,
        "contract": filled.contract,
        "decision_maker": "decision_maker" in filled.roles,
        "project_lead": "project_lead" in filled.roles,
        "expectations": filled.expectations,
        "promises": bool(filled.promises) or filled.no_promises,
        "promises_judged": all(one.state != "open" for one in filled.promises),
        "promises_owned": all(one.owned and one.dated for one in planned),
        "needs": bool(filled.needs),
        "needs_judged": all(need.match is not None for need in filled.needs),
        "learners": filled.learners > 0,
        "nature": filled.nature,
        "profile": filled.profile,
    }
    return [step for step in STEPS if not done[step]]
