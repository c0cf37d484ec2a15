"""The gaps of the stakeholder map, and the states of people, in words."""

from django.utils.translation import gettext as _

from accounts.models import Contact, Conviction
from accounts.models.people import TONES
from accounts.stakeholders import Gap, Person
from common import formats

_PLAIN = {
    "no_champion": lambda: _("No champion known: who speaks for the product when none of us is in the room?"),
    "alone": lambda: _("Only one person is known here."),
}


def gap_words(gap: Gap) -> str:
    """A gap as a sentence."""
    if gap.kind in _PLAIN:
        return _PLAIN[gap.kind]()
    role = str(Contact.Role(gap.role).label) if gap.role else ""
    names = {
        "role": role.lower(),
        "Role": role,
        "name": gap.person.name if gap.person else "",
        "days": formats.number(gap.days),
    }
    if gap.kind == "silent" and gap.person is not None and gap.person.touch_days is None:
        return _("%(Role)s %(name)s: no touch yet.") % names
    return _said(gap.kind) % names


def _said(kind: str) -> str:
    return {
        "no_role": _("No %(role)s known."),
        "against": _("%(name)s is against."),
        "silent": _("%(Role)s %(name)s: no touch for %(days)s days."),
        "champion_left": _("Champion %(name)s has left, and there is no other."),
        "champion_quiet": _("Champion %(name)s has not used the product for %(days)s days."),
        "unconvinced": _("Decision maker %(name)s is not known to be convinced."),
    }[kind]


def state_mark(person: Person) -> tuple[str, str]:
    """Colour and word of a person's conviction."""
    if person.state == "unknown":
        return "unknown", _("Not known")
    return TONES[person.state], str(Conviction.State(person.state).label)


def missing_words(person: Person) -> str:
    """Of what a person must still be convinced, in words; empty when nothing is open."""
    open_points = [about for about in person.must if person.convictions.get(about) != "convinced"]
    if not open_points:
        return ""
    said = _(", ").join(str(Conviction.About(about).label) for about in open_points)
    return _("to be convinced of %(what)s") % {"what": said}
