"""Forms of accounts."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.custom_form import PREFIX, CustomFieldsMixin
from accounts.models import Account, Driver, LifecycleStage, Purpose, ServiceTier
from accounts.owners import owners_query
from accounts.services.groups import parent_named


def day_input() -> forms.DateInput:
    """A date's control."""
    return forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})


class MemberChoice(forms.ModelChoiceField):  # type: ignore[type-arg]  # Django's own class takes none at run time
    """A member by name."""

    def label_from_instance(self, obj: Any) -> str:
        """The person's name."""
        return str(obj)


NOT_KNOWN = [("", _("not known"))]


def _tiers(account: Account | None) -> Any:
    """The tiers in use, and the one that the account has."""
    held = account.tier_id if account else None
    return ServiceTier.objects.filter(Q(archived_at=None) | Q(pk=held)).order_by("position", "id")


class AccountForm(CustomFieldsMixin, forms.Form):
    """The fields of an account that a person may set. `version`: the one the form was opened with."""

    name = forms.CharField(label=_("Name"), max_length=200)
    external_id = forms.CharField(
        label=_("External id"), max_length=200, help_text=_("The id that your product sends as the group's id.")
    )
    industry = forms.CharField(label=_("Industry"), max_length=80, required=False)
    segment = forms.CharField(label=_("Segment (field)"), max_length=80, required=False)
    lifecycle_stage = forms.ChoiceField(label=_("Stage"), choices=LifecycleStage.choices)
    tier: Any = forms.ModelChoiceField(label=_("Service tier"), queryset=None, required=False, empty_label=_("none"))
    purpose = forms.ChoiceField(label=_("Takes it for"), required=False, choices=[*NOT_KNOWN, *Purpose.choices])
    driver = forms.ChoiceField(label=_("Driven by"), required=False, choices=[*NOT_KNOWN, *Driver.choices])
    csm = MemberChoice(label=_("CSM"), queryset=None, required=False, empty_label=_("Nobody"))
    parent = forms.CharField(
        label=pgettext_lazy("account", "Belongs to"),
        max_length=200,
        required=False,
        help_text=_("The parent account's external id or name."),
    )
    seats = forms.IntegerField(label=_("Seats"), min_value=0, max_value=2_000_000_000, required=False)
    contract_start = forms.DateField(label=_("Contract start"), required=False, widget=day_input())
    renewal_date = forms.DateField(label=_("Renewal date"), required=False, widget=day_input())
    arr = forms.DecimalField(label=_("ARR"), min_value=0, max_digits=16, decimal_places=2, required=False)
    currency = forms.RegexField(
        r"^[A-Z]{3}$", label=_("Currency"), error_messages={"invalid": _("Write three capital letters, such as EUR.")}
    )
    version = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def __init__(
        self,
        *args: Any,
        new: bool,
        read_only: Sequence[str] = (),
        account: Account | None = None,
        may_assign: bool = True,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.add_custom(account)
        held = account.csm_id if account else None
        self.fields["csm"].queryset = owners_query(held)  # type: ignore[attr-defined]  # read now, in the tenant's scope
        self.fields["csm"].disabled = not may_assign
        self.fields["tier"].queryset = _tiers(account)  # type: ignore[attr-defined]  # as above
        if not new:
            del self.fields["external_id"]
        for name in read_only:
            self.fields[name].widget.attrs["readonly"] = True

    def clean(self) -> dict[str, Any]:
        """The renewal lies after the start."""
        cleaned: dict[str, Any] = super().clean() or {}
        start, end = cleaned.get("contract_start"), cleaned.get("renewal_date")
        if start and end and end <= start:
            self.add_error("renewal_date", _("The renewal lies after the contract's start."))
        return cleaned

    def clean_parent(self) -> Account | None:
        """The account that is meant."""
        return parent_named(self.cleaned_data["parent"])

    def values(self) -> dict[str, Any]:
        """What the services take."""
        left_out = ("version", "external_id")
        own = {n: v for n, v in self.cleaned_data.items() if n not in left_out and not n.startswith(PREFIX)}
        return {**own, "custom": self.custom_values()} if self.custom else own


def account_initial(account: Account) -> dict[str, Any]:
    """The account's fields as a form's first values."""
    names = [name for name in AccountForm.base_fields if name not in ("version", "external_id")]
    parent = account.parent.external_id if account.parent else ""
    return {**{name: getattr(account, name) for name in names}, "parent": parent, "version": account.version}


class AssignForm(forms.Form):
    """The new CSM of picked accounts."""

    csm = MemberChoice(queryset=None)
    pick = forms.TypedMultipleChoiceField(coerce=int)

    def __init__(self, data: Any) -> None:
        super().__init__(data)
        self.fields["csm"].queryset = owners_query()  # type: ignore[attr-defined]  # read now, in the tenant's scope
        ids = [text for text in data.getlist("pick") if text.isascii() and text.isdigit() and len(text) < 19]
        self.fields["pick"].choices = [(int(text), text) for text in ids]  # type: ignore[attr-defined]  # checked against what the member sees


class ViewForm(forms.Form):
    """A saved view of the portfolio."""

    name = forms.CharField(max_length=60)
    query = forms.CharField(max_length=6000, required=False)
    is_shared = forms.BooleanField(required=False)
    is_default = forms.BooleanField(required=False)
