"""Parts of addresses."""

from datetime import date


class DayConverter:
    """A date as YYYY-MM-DD; anything else is no address."""

    regex = r"\d{4}-\d{2}-\d{2}"

    def to_python(self, value: str) -> date:
        """The date; ValueError (no match) for one that does not exist."""
        return date.fromisoformat(value)

    def to_url(self, value: date) -> str:
        """As in the pattern."""
        return value.isoformat()
