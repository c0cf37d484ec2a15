"""What the steps of a hand-over are called, for people."""

from typing import Any

from django.utils.translation import gettext_lazy as _

_MISSING: dict[str, Any] = {
    "salesperson": _("who of sales hands over"),
    "contract": _("the contract, or what it says"),
    "decision_maker": _("the decision maker"),
    "project_lead": _("the project lead on the customer's side"),
    "expectations": _("what the customer expects"),
    "promises": _("the promises made, or that there were none"),
    "promises_judged": _("whether each promise is kept, in plan or impossible"),
    "promises_owned": _("owner and day of each planned promise"),
    "needs": _("what the customer needs"),
    "needs_judged": _("how far the product meets each need"),
    "learners": _("who will have to learn the product"),
    "nature": _("what the product is to them"),
    "profile": _("the customer profile"),
}
# Where on the page each step is done.
PLACES = {
    "salesperson": "basis", "contract": "basis", "decision_maker": "people-there", "project_lead": "people-there",
    "expectations": "basis", "promises": "promises", "promises_judged": "promises", "promises_owned": "promises",
    "needs": "needs", "needs_judged": "needs", "learners": "learners", "nature": "basis", "profile": "basis",
}  # fmt: skip


def missing_words(step: str) -> Any:
    """What a missing step is called."""
    return _MISSING[step]


def steps_shown(missing: list[str]) -> list[tuple[Any, str, bool]]:
    """Every step: its words, where it is done, whether it is."""
    return [(words, PLACES[step], step not in missing) for step, words in _MISSING.items()]
