"""Forms of accounts, contacts and touches."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.custom_form import PREFIX, CustomFieldsMixin
from accounts.models import Account, Contact, LifecycleStage, Touch
from accounts.selectors import contact_list
from tenants.models import Member, Role

OWNER_ROLES = (Role.CSM, Role.MANAGER, Role.ADMIN)


def _day_input() -> forms.DateInput:
    return forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})


class MemberChoice(forms.ModelChoiceField):  # type: ignore[type-arg]  # Django's own class takes none at run time
    """A member by name."""

    def label_from_instance(self, obj: Any) -> str:
        """The person's name."""
        return str(obj)


def owners() -> Any:
    """The active members of the tenant in scope who may look after accounts."""
    return Member.objects.filter(is_active=True, role__in=OWNER_ROLES).select_related("user").order_by("user__name")


class AccountForm(CustomFieldsMixin, forms.Form):
    """The fields of an account that a person may set. `version`: the one the form was opened with."""

    name = forms.CharField(label=_("Name"), max_length=200)
    external_id = forms.CharField(
        label=_("External id"), max_length=200, help_text=_("The id that your product sends as the group's id.")
    )
    industry = forms.CharField(label=_("Industry"), max_length=80, required=False)
    segment = forms.CharField(label=_("Segment (field)"), max_length=80, required=False)
    lifecycle_stage = forms.ChoiceField(label=_("Stage"), choices=LifecycleStage.choices)
    csm = MemberChoice(label=_("CSM"), queryset=None, required=False, empty_label=_("Nobody"))
    seats = forms.IntegerField(label=_("Seats"), min_value=0, max_value=2_000_000_000, required=False)
    contract_start = forms.DateField(label=_("Contract start"), required=False, widget=_day_input())
    renewal_date = forms.DateField(label=_("Renewal date"), required=False, widget=_day_input())
    arr = forms.DecimalField(label=_("ARR"), min_value=0, max_digits=16, decimal_places=2, required=False)
    currency = forms.RegexField(
        r"^[A-Z]{3}$", label=_("Currency"), error_messages={"invalid": _("Write three capital letters, such as EUR.")}
    )
    version = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, new: bool, account: Account | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.add_custom(account)
        self.fields["csm"].queryset = owners()  # type: ignore[attr-defined]  # read now, in the tenant's scope
        if not new:
            del self.fields["external_id"]

    def clean(self) -> dict[str, Any]:
        """The renewal lies after the start."""
        cleaned: dict[str, Any] = super().clean() or {}
        start, end = cleaned.get("contract_start"), cleaned.get("renewal_date")
        if start and end and end <= start:
            self.add_error("renewal_date", _("The renewal lies after the contract's start."))
        return cleaned

    def values(self) -> dict[str, Any]:
        """What the services take."""
        left_out = ("version", "external_id")
        own = {n: v for n, v in self.cleaned_data.items() if n not in left_out and not n.startswith(PREFIX)}
        return {**own, "custom": self.custom_values()} if self.custom else own


def account_initial(account: Account) -> dict[str, Any]:
    """The account's fields as a form's first values."""
    names = [name for name in AccountForm.base_fields if name not in ("version", "external_id")]
    return {**{name: getattr(account, name) for name in names}, "version": account.version}


class ContactForm(CustomFieldsMixin, forms.Form):
    """A person at an account."""

    holder_kind = "contact"

    name = forms.CharField(label=_("Name"), max_length=150)
    title = forms.CharField(label=_("Title"), max_length=120, required=False)
    role = forms.ChoiceField(label=_("Role"), choices=[("", _("not known")), *Contact.Role.choices], required=False)
    email = forms.EmailField(label=_("E-mail"), required=False)
    phone = forms.CharField(label=_("Phone"), max_length=60, required=False)

    def __init__(self, *args: Any, contact: Contact | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.add_custom(contact)

    def values(self) -> dict[str, Any]:
        """What the service takes."""
        own = {name: value for name, value in self.cleaned_data.items() if not name.startswith(PREFIX)}
        return {**own, "custom": self.custom_values()} if self.custom else own


class TouchForm(forms.Form):
    """A touch: what happened, when, with whom."""

    note = forms.CharField(label=_("Note"), widget=forms.Textarea(attrs={"rows": 3, "autofocus": True}))
    kind = forms.ChoiceField(label=_("Kind"), choices=Touch.Kind.choices)
    on = forms.DateField(label=_("Date"), widget=_day_input())
    answered = forms.BooleanField(
        label=_("The customer answered"),
        required=False,
        help_text=_("For e-mails and messages. Calls, meetings, visits and trainings count as answered."),
    )
    contacts = forms.TypedMultipleChoiceField(
        label=_("People"), coerce=int, required=False, widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, *args: Any, account: Account, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.keep = f"touch-{account.pk}"
        self.people: Sequence[Contact] = contact_list(account=account)
        field = self.fields["contacts"]
        field.choices = [(person.pk, str(person)) for person in self.people]  # type: ignore[attr-defined]  # a choice field
        if not self.people:
            del self.fields["contacts"]

    def values(self) -> dict[str, Any]:
        """What the service takes."""
        chosen = set(self.cleaned_data.get("contacts", []))
        names = ("kind", "on", "note", "answered")
        found = {name: self.cleaned_data[name] for name in names}
        return {**found, "contacts": [person for person in self.people if person.pk in chosen]}


class AssignForm(forms.Form):
    """The new CSM of picked accounts."""

    csm = MemberChoice(queryset=None)
    pick = forms.TypedMultipleChoiceField(coerce=int)

    def __init__(self, data: Any) -> None:
        super().__init__(data)
        self.fields["csm"].queryset = owners()  # type: ignore[attr-defined]  # read now, in the tenant's scope
        ids = [text for text in data.getlist("pick") if text.isascii() and text.isdigit() and len(text) < 19]
        self.fields["pick"].choices = [(int(text), text) for text in ids]  # type: ignore[attr-defined]  # checked against what the member sees


class ViewForm(forms.Form):
    """A saved view of the portfolio."""

    name = forms.CharField(max_length=60)
    query = forms.CharField(max_length=6000, required=False)
    is_shared = forms.BooleanField(required=False)
    is_default = forms.BooleanField(required=False)


class UploadForm(forms.Form):
    """A CSV file of accounts."""

    file = forms.FileField(label=_("CSV file"), widget=forms.FileInput(attrs={"accept": ".csv,.txt,.tsv,text/csv"}))

    def clean_file(self) -> Any:
        """At most 5 MB."""
        file = self.cleaned_data["file"]
        if file.size > 5 * 1024 * 1024:
            raise forms.ValidationError(_("The file is larger than 5 MB. Split it."))
        return file


def first_touch(today: date) -> dict[str, Any]:
    """A call today: the commonest touch needs only its note."""
    return {"kind": Touch.Kind.CALL, "on": today}
