"""One place for each rounding."""

from decimal import ROUND_HALF_UP, Decimal


def whole(value: Decimal) -> int:
    """The whole number nearest to `value`, half up: how scores are shown and banded."""
    return int(value.quantize(Decimal(1), rounding=ROUND_HALF_UP))
