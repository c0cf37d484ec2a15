"""Forms of contracts, their lines and outcomes, entitlements, the catalogue and exchange rates."""

from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from accounts.forms import day_input
from accounts.models import Account, Contract, ContractLine, Entitlement, Feature, Plan, Product
from common.edits import EditForm

CURRENCY = _("Write three capital letters, such as EUR.")
END_HELP = _("The first day that is not covered: 1 January for a term to 31 December. Empty for a term that runs on.")


def currency_field() -> forms.RegexField:
    """Three capital letters; small ones are taken too."""
    return forms.RegexField(r"^[A-Z]{3}$", label=_("Currency"), max_length=3, error_messages={"invalid": CURRENCY})


class VersionedForm(forms.Form):
    """A form that knows which version it was opened with."""

    version = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def values(self) -> dict[str, Any]:
        """What the services take."""
        return {name: value for name, value in self.cleaned_data.items() if name != "version"}


class ContractForm(VersionedForm):
    """A contract without its lines."""

    external_id = forms.CharField(label=_("Contract number"), max_length=120)
    currency = currency_field()
    notes = forms.CharField(label=_("Notes"), max_length=5000, required=False, widget=forms.Textarea(attrs={"rows": 2}))

    @staticmethod
    def first(contract: Contract) -> dict[str, Any]:
        """The contract's fields as first values."""
        names = ("external_id", "currency", "notes", "version")
        return {name: getattr(contract, name) for name in names}


class PlanChoice(forms.ModelChoiceField):  # type: ignore[type-arg]  # Django's own class takes none at run time
    """A plan beside its product."""

    def label_from_instance(self, obj: Any) -> str:
        """Product and plan."""
        return f"{obj.product} · {obj}"


class LineForm(VersionedForm):
    """A line: what is sold, for how long and for how much."""

    product: Any = forms.ModelChoiceField(label=_("Product"), queryset=None, empty_label="–")
    plan = PlanChoice(label=_("Plan"), queryset=None, required=False, empty_label=_("None"))
    seats = forms.IntegerField(label=_("Seats"), min_value=0, max_value=2_000_000_000, required=False)
    amount = forms.DecimalField(label=_("Amount"), min_value=0, max_digits=16, decimal_places=2)
    billing_months = forms.IntegerField(
        label=_("Pays for, in months"),
        min_value=1,
        max_value=1200,
        required=False,
        help_text=_("12 when the amount is for a year, 1 when it is for a month."),
    )
    one_off = forms.BooleanField(
        label=_("One-off fee"), required=False, help_text=_("Paid once, and no part of the ARR.")
    )
    start = forms.DateField(label=_("Start"), widget=day_input())
    end = forms.DateField(label=_("End"), required=False, widget=day_input(), help_text=END_HELP)
    external_id = forms.CharField(label=_("Line number"), max_length=120)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # Read now, in the tenant's scope.
        self.fields["product"].queryset = Product.objects.order_by("name", "id")  # type: ignore[attr-defined]  # a choice field
        self.fields["plan"].queryset = Plan.objects.select_related("product").order_by("product__name", "name")  # type: ignore[attr-defined]  # a choice field

    @staticmethod
    def first(line: ContractLine) -> dict[str, Any]:
        """The line's fields as first values."""
        return {name: getattr(line, name) for name in LineForm.base_fields}


class OutcomeForm(VersionedForm):
    """What became of a term."""

    outcome = forms.ChoiceField(
        label=_("Outcome"), choices=[("", _("not decided yet")), *ContractLine.Outcome.choices], required=False
    )
    outcome_date = forms.DateField(label=_("Decided on"), required=False, widget=day_input())
    reason = forms.CharField(
        label=_("Reason"), max_length=300, required=False, help_text=_("Needed for a loss and for less than before.")
    )


class EntitlementForm(EditForm):
    """A feature that one account may or may not use, whatever its plans say."""

    feature: Any = forms.ModelChoiceField(label=_("Feature"), queryset=None, empty_label="–")
    granted = forms.ChoiceField(
        label=_("This account"), choices=[("1", _("may use it")), ("", _("may not use it"))], required=False
    )
    start = forms.DateField(label=_("Start"), widget=day_input())
    end = forms.DateField(label=_("End"), required=False, widget=day_input())
    note = forms.CharField(label=_("Note"), max_length=300, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["feature"].queryset = Feature.objects.order_by("-core", "name")  # type: ignore[attr-defined]  # a choice field

    def values(self) -> dict[str, Any]:
        """What the service takes."""
        return {**self.cleaned_data, "granted": bool(self.cleaned_data["granted"])}

    @staticmethod
    def first(entitlement: Entitlement) -> dict[str, Any]:
        """The exception's fields as first values."""
        found = {name: getattr(entitlement, name) for name in ("feature", "start", "end", "note")}
        return {**found, "granted": "1" if entitlement.granted else ""}


class SoldForm(EditForm):
    """A product or a plan: what it is called, and the features in it."""

    name = forms.CharField(label=_("Name"), max_length=120)
    key = forms.CharField(
        label=_("Identifier"), max_length=60, help_text=_("What your other systems call it, for example “suite”.")
    )
    features: Any = forms.ModelMultipleChoiceField(
        label=_("Features"), queryset=None, required=False, widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["features"].queryset = Feature.objects.order_by("-core", "name")  # type: ignore[attr-defined]  # a choice field

    def clean_key(self) -> str:
        """No signs that nobody can type."""
        key = str(self.cleaned_data["key"])
        if any(ord(sign) < 32 for sign in key):
            raise ValidationError(_("Use letters and signs only."))
        return key

    @staticmethod
    def first(row: Product | Plan) -> dict[str, Any]:
        """The fields of a product or plan as first values."""
        return {"name": row.name, "key": row.key, "features": list(row.features.values_list("pk", flat=True))}


class RateForm(forms.Form):
    """A dated exchange rate."""

    currency = currency_field()
    day = forms.DateField(label=_("From"), widget=day_input())
    rate = forms.DecimalField(label=_("Rate"), max_digits=20, decimal_places=10)

    def clean_rate(self) -> Any:
        """More than nothing."""
        if self.cleaned_data["rate"] <= 0:
            raise ValidationError(_("Write a rate above 0."))
        return self.cleaned_data["rate"]


def first_line(account: Account, today: date, number: int) -> dict[str, Any]:
    """A year from where the account's terms end, or from today: the commonest next line."""
    start = account.renewal_date if account.terms_from and account.renewal_date else today
    return {"start": start, "end": _year_later(start), "billing_months": 12, "external_id": str(number)}


def _year_later(day: date) -> date:
    try:
        return day.replace(year=day.year + 1)
    except ValueError:
        return date(day.year + 1, 3, 1)
