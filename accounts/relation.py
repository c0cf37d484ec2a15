"""The relationship facts and their definitions."""

from django.utils.translation import gettext_lazy as _

from accounts.facts import Fact

RELATION_FACTS = (
    Fact(
        key="days_silent",
        label=_("Days silent"),
        unit="days",
        room="accounts",
        definition=_(
            "Days since the last two-way touch (meeting, visit, call, or a message or mail that the customer "
            "answered), else since contract start."
        ),
    ),
    Fact(
        key="days_since_contact",
        label=_("Days since any contact"),
        unit="days",
        room="accounts",
        definition=_("Days since the last touch of any kind, answered or not."),
    ),
    Fact(
        key="days_to_renewal",
        label=_("Days to renewal"),
        unit="days",
        room="accounts",
        definition=_("Days from the day shown to the renewal date; negative once it has passed."),
    ),
)
