"""Colours that carry text keep WCAG AA contrast in both themes, whatever is done to the tokens."""

import re
from pathlib import Path

import pytest

TOKENS = (Path(__file__).parents[2] / "static/css/tokens.css").read_text()
PAIRS = {
    name: (light, dark)
    for name, light, dark in re.findall(r"--([a-z-]+): light-dark\((#[0-9a-f]{6}), (#[0-9a-f]{6})\)", TOKENS)
}
TEXT_ON = [
    *((ink, ground) for ink in ("text", "muted", "faint", "accent") for ground in ("bg", "surface", "raised")),
    ("text", "sunken"), ("muted", "sunken"),
    *((ink, f"{ink}-soft") for ink in ("good", "warn", "bad", "none", "accent")),
    *((ink, ground) for ink in ("good", "warn", "bad") for ground in ("bg", "surface", "accent-soft")),
    ("text", "accent-soft"), ("muted", "accent-soft"), ("muted", "none-soft"), ("on-accent", "accent"),
]  # fmt: skip


def _luminance(colour: str) -> float:
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def _ratio(one: str, other: str) -> float:
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize(("ink", "ground"), TEXT_ON)
def test_text_stands_out_from_its_ground(ink: str, ground: str, theme: int) -> None:
    assert _ratio(PAIRS[ink][theme], PAIRS[ground][theme]) >= 4.5


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
def test_the_edge_of_a_control_stands_out_from_the_page(theme: int) -> None:
    assert _ratio(PAIRS["control"][theme], PAIRS["surface"][theme]) >= 3
