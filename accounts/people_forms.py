"""Forms of contacts, touches, next steps and events."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.custom_form import PREFIX, CustomFieldsMixin
from accounts.forms import day_input
from accounts.models import Account, Contact, Conviction, CustomerEvent, Level, Touch
from accounts.selectors import contact_list
from accounts.tokens import name_key
from accounts.when import parse_when, split_step
from common.edits import EditForm

LARGEST_MAIL = 15 * 1024 * 1024
# The key that chooses a kind or a level in the quick log.
KIND_KEYS = {
    "call": "c",
    "meeting": "m",
    "visit": "v",
    "mail": "e",
    "message": "s",
    "wecom": "w",
    "training": "t",
    "event": "n",
}
LEVEL_KEYS = {"": "0", "solve": "1", "gap": "2", "advice": "3"}


class ContactForm(CustomFieldsMixin, EditForm):
    """A person at an account."""

    holder_kind = "contact"

    name = forms.CharField(label=pgettext_lazy("of a person", "Name"), max_length=150)
    title = forms.CharField(label=_("Title"), max_length=120, required=False)
    roles = forms.MultipleChoiceField(
        label=_("Roles"), choices=Contact.Role.choices, required=False, widget=forms.CheckboxSelectMultiple
    )
    reports_to = forms.TypedChoiceField(label=_("Reports to"), coerce=int, empty_value=None, required=False)
    influence = forms.ChoiceField(
        label=_("Influence"), choices=[("", _("not known")), *Contact.Influence.choices], required=False
    )
    champion = forms.BooleanField(
        label=_("Champion"), required=False, help_text=_("Speaks for the product when none of us is in the room.")
    )
    email = forms.EmailField(label=_("E-mail"), required=False)
    phone = forms.CharField(label=_("Phone"), max_length=60, required=False)
    left_on = forms.DateField(
        label=_("Left on"), required=False, widget=day_input(), help_text=_("Empty while the person works there.")
    )

    def __init__(self, *args: Any, account: Account, contact: Contact | None, **kwargs: Any) -> None:
        super().__init__(*args, stored=contact is not None, **kwargs)
        self.people = {one.pk: one for one in contact_list(account=account) if contact is None or one.pk != contact.pk}
        choices = [("", _("nobody known")), *((pk, str(one)) for pk, one in self.people.items())]
        self.fields["reports_to"].choices = choices  # type: ignore[attr-defined]  # a choice field
        self.add_custom(contact)

    def values(self) -> dict[str, Any]:
        """What the service takes."""
        own = {name: value for name, value in self.cleaned_data.items() if not name.startswith(PREFIX)}
        own["reports_to"] = self.people[own["reports_to"]] if own["reports_to"] else None
        return {**own, "custom": self.custom_values()} if self.custom else own


def contact_initial(contact: Contact) -> dict[str, Any]:
    """A contact's fields as a form's first values."""
    names = [name for name in ContactForm.base_fields if name != "reports_to"]
    return {**{name: getattr(contact, name) for name in names}, "reports_to": contact.reports_to_id}


class ConvictionForm(forms.Form):
    """A finding about whether somebody is convinced."""

    about = forms.ChoiceField(label=_("Convinced of"), choices=Conviction.About.choices)
    state = forms.ChoiceField(label=_("State"), choices=Conviction.State.choices)
    on = forms.DateField(label=_("Day"), widget=day_input())
    evidence = forms.CharField(label=_("Evidence"), max_length=500, required=False)


class TouchForm(EditForm):
    """A touch: what happened, when, with whom, of what worth, and what is to follow."""

    kind = forms.ChoiceField(label=_("Kind"), choices=Touch.Kind.choices, widget=forms.RadioSelect)
    note = forms.CharField(label=_("Note"), widget=forms.Textarea(attrs={"rows": 3}))
    contacts = forms.TypedMultipleChoiceField(
        label=_("People"), coerce=int, required=False, widget=forms.CheckboxSelectMultiple
    )
    level = forms.ChoiceField(
        label=_("Worth to the customer"),
        choices=[("", _("none of these")), *Level.choices],
        required=False,
        widget=forms.RadioSelect,
    )
    step = forms.CharField(label=_("Next step"), max_length=300, required=False)
    step_due = forms.CharField(label=_("Due"), max_length=60, required=False)
    on = forms.DateField(label=_("Date"), widget=day_input())
    answered = forms.BooleanField(label=_("The customer answered"), required=False)

    def __init__(self, *args: Any, account: Account, today: date, steps: bool = True, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.keep, self.today = f"touch-{account.pk}", today
        self.people: Sequence[Contact] = contact_list(account=account)
        field = self.fields["contacts"]
        field.choices = [(person.pk, str(person)) for person in self.people]  # type: ignore[attr-defined]  # a choice field
        if not self.people:
            del self.fields["contacts"]
        if not steps:
            del self.fields["step"], self.fields["step_due"]

    def clean(self) -> dict[str, Any]:
        """The day of the next step stands in a field of its own, or at the end or beginning of its text."""
        cleaned: dict[str, Any] = super().clean() or {}
        due, text = cleaned.get("step_due", ""), cleaned.get("step", "")
        if due:
            cleaned["due"] = parse_when(due, self.today)
            if cleaned["due"] is None:
                said = _("“%(text)s” is no day. Write “in 2 weeks”, “next Friday” or 2027-01-31.") % {"text": due}
                self.add_error("step_due", said)
        elif text:
            cleaned["step"], cleaned["due"] = split_step(text, self.today)
            if cleaned["due"] is None:
                self.add_error("step", _("By when? Add a day, such as “in 2 weeks”."))
        return cleaned

    def values(self) -> dict[str, Any]:
        """What the service takes, steps apart."""
        chosen = set(self.cleaned_data.get("contacts", []))
        names = ("kind", "on", "note", "answered", "level")
        found = {name: self.cleaned_data[name] for name in names}
        return {**found, "contacts": [person for person in self.people if person.pk in chosen]}

    def kind_choices(self) -> list[dict[str, Any]]:
        """The kinds with the key that chooses each."""
        return self._choices("kind", KIND_KEYS)

    def level_choices(self) -> list[dict[str, Any]]:
        """The levels with the key that chooses each."""
        return self._choices("level", LEVEL_KEYS)

    def _choices(self, name: str, keys: Mapping[str, str]) -> list[dict[str, Any]]:
        bound = self[name]
        held = str(bound.value() or "")
        choices = self.fields[name].choices  # type: ignore[attr-defined]  # a choice field
        return [{"value": v, "label": label, "key": keys[v], "checked": str(v) == held} for v, label in choices]

    def people_choices(self) -> list[dict[str, Any]]:
        """The people with what a search by letters looks at: name, pinyin and first letters. Who left comes last."""
        held = {str(pk) for pk in self["contacts"].value() or ()} if self.people else set()
        return [
            {
                "value": person.pk,
                "label": person.name,
                "role": str(_(", ")).join(person.role_words) or person.title,
                "find": _letters(person.name),
                "checked": str(person.pk) in held,
            }
            for person in self.people
            if person.left_on is None or str(person.pk) in held
        ]

    def step_values(self) -> dict[str, Any]:
        """The next step as the service takes it; empty without one."""
        step = self.cleaned_data.get("step", "")
        return {"step": step, "step_due": self.cleaned_data.get("due")} if step else {}


def _letters(name: str) -> str:
    pinyin = name_key(name)
    initials = "".join(word[:1] for word in pinyin.split())
    return f"{name.lower()} {pinyin} {pinyin.replace(' ', '')} {initials}"


def first_touch(today: date) -> dict[str, Any]:
    """A call today: the commonest touch needs only its note."""
    return {"kind": Touch.Kind.CALL, "on": today, "level": ""}


def touch_initial(touch: Touch) -> dict[str, Any]:
    """A touch's fields as a form's first values."""
    people = [person.pk for person in touch.contacts.all()]
    names = ("kind", "on", "note", "level")
    return {**{name: getattr(touch, name) for name in names}, "answered": touch.two_way, "contacts": people}


class MailForm(forms.Form):
    """A saved message."""

    file = forms.FileField(label=_("Saved message (.eml)"), widget=forms.FileInput(attrs={"accept": ".eml"}))

    def clean_file(self) -> Any:
        """At most 15 MB."""
        file = self.cleaned_data["file"]
        if file.size > LARGEST_MAIL:
            raise ValidationError(_("The message is larger than 15 MB. Save it without its attachments."))
        return file


class EventForm(EditForm):
    """A salon or course."""

    kind = forms.ChoiceField(label=_("Kind"), choices=CustomerEvent.Kind.choices)
    name = forms.CharField(label=_("Name"), max_length=150)
    on = forms.DateField(label=_("Date"), widget=day_input())
    place = forms.CharField(label=_("Place"), max_length=150, required=False)
    level = forms.ChoiceField(
        label=_("Worth to the customer"), choices=[("", _("none of these")), *Level.choices], required=False
    )
