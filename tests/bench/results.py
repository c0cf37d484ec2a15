"""A measured figure with its target, and the table of all of them."""

from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True)
class Result:
    """`at_least`: the target is a lower bound; otherwise an upper one. Without a target the figure is for reading."""

    name: str
    value: float
    unit: str
    target: float | None = None
    at_least: bool = True

    @property
    def met(self) -> bool:
        """Whether the target is met; a figure without one always is."""
        if self.target is None:
            return True
        return self.value >= self.target if self.at_least else self.value <= self.target

    def as_dict(self) -> dict[str, Any]:
        """Name, value, unit, target and whether it is met."""
        held = asdict(self)
        held.pop("at_least")
        return {**held, "value": round(self.value, 4), "met": self.met}


def table(results: list[Result]) -> str:
    """The results for people."""
    lines = []
    for result in results:
        bound = "" if result.target is None else f"{'≥' if result.at_least else '≤'} {result.target:g}"
        word = "" if result.target is None else ("met" if result.met else "MISSED")
        lines.append(f"{result.name:<62} {result.value:>12,.3f} {result.unit:<12} {bound:>8}  {word}")
    return "\n".join(lines)
