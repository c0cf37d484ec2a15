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

PEOPLE_FACTS = (
    Fact("people_known", _("People known"), "count", "accounts", _("Contacts who have not left by the day.")),
    Fact(
        "decision_makers_known",
        _("Decision makers known"),
        "count",
        "accounts",
        _("Contacts with the role of decision maker who have not left by the day."),
    ),
    Fact(
        "champions_known",
        _("Champions known"),
        "count",
        "accounts",
        _("Contacts marked as champion who have not left by the day."),
    ),
    Fact(
        "people_against",
        _("People against"),
        "count",
        "accounts",
        _("Contacts whose latest conviction up to the day is “against” in any matter."),
    ),
    Fact(
        "people_convinced",
        _("People convinced"),
        "count",
        "accounts",
        _("Contacts whose latest convictions up to the day are “convinced” in every matter that was noted."),
    ),
)
