"""Forms of service tiers and their duties, and of an account's tier."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.forms import NOT_KNOWN
from accounts.models import Account, Driver, Level, Purpose, ServiceTier, TierDuty, Touch
from accounts.selectors.tiers import tier_list
from accounts.services.tiers import MOST_DUTIES
from common.edits import EditForm

SPARE = 2


class TierForm(forms.Form):
    """A tier's name. `version`: the one the form was opened with."""

    name = forms.CharField(label=_("Name"), max_length=60)
    version = forms.IntegerField(required=False, widget=forms.HiddenInput)


class DutyForm(forms.Form):
    """One thing that a tier owes; left out when its name is empty."""

    name = forms.CharField(label=_("What is owed"), max_length=60, required=False)
    every = forms.IntegerField(label=_("Every"), min_value=1, max_value=1000, required=False)
    unit = forms.ChoiceField(label=_("Unit"), choices=TierDuty.Unit.choices, required=False)
    kinds = forms.MultipleChoiceField(label=_("By"), choices=Touch.Kind.choices, required=False)
    levels = forms.MultipleChoiceField(label=_("Worth to the customer"), choices=Level.choices, required=False)

    def clean(self) -> dict[str, Any]:
        """A duty with a name says how often."""
        cleaned: dict[str, Any] = super().clean() or {}
        if cleaned.get("name") and not cleaned.get("every") and "every" not in self.errors:
            self.add_error("every", _("Write how often."))
        return cleaned

    def picks(self, name: str) -> list[tuple[str, str, bool]]:
        """Code, words and whether it is picked."""
        held = self[name].value() or []
        return [(code, str(words), code in held) for code, words in self.fields[name].choices]  # type: ignore[attr-defined]  # a choice field

    @property
    def kind_picks(self) -> list[tuple[str, str, bool]]:
        """The kinds of touches as boxes."""
        return self.picks("kinds")

    @property
    def level_picks(self) -> list[tuple[str, str, bool]]:
        """The levels of touches as boxes."""
        return self.picks("levels")


def duty_forms(data: Any, tier: ServiceTier | None) -> list[DutyForm]:
    """The duties held, and room for more."""
    held = list(TierDuty.objects.filter(tier=tier).order_by("position", "id")) if tier else []
    names = ("name", "every", "unit", "kinds", "levels")
    first = [{name: getattr(duty, name) for name in names} for duty in held]
    count = min(len(held) + SPARE, MOST_DUTIES) if data is None else MOST_DUTIES
    blank: dict[str, Any] = {"unit": "month"}
    return [
        DutyForm(data, prefix=f"duty{place}", initial=first[place] if place < len(first) else blank)
        for place in range(count)
        if data is None or f"duty{place}-name" in data
    ]


class AccountTierForm(EditForm):
    """What an account takes the product for, who drives it there, and how it is served."""

    purpose = forms.ChoiceField(label=_("Takes it for"), required=False, choices=[*NOT_KNOWN, *Purpose.choices])
    driver = forms.ChoiceField(label=_("Driven by"), required=False, choices=[*NOT_KNOWN, *Driver.choices])
    tier = forms.TypedChoiceField(label=_("Service tier"), required=False, coerce=int, empty_value=None)

    def __init__(self, data: Any, *, account: Account) -> None:
        held = {"purpose": account.purpose, "driver": account.driver, "tier": account.tier_id or ""}
        super().__init__(data, initial=held, stored=True)
        self.tiers = {tier.pk: tier for tier in tier_list()}
        if account.tier is not None:
            self.tiers.setdefault(account.tier.pk, account.tier)
        named = [("", _("none")), *((pk, tier.name) for pk, tier in self.tiers.items())]
        self.fields["tier"].choices = named  # type: ignore[attr-defined]  # a choice field

    def values(self) -> dict[str, Any]:
        """What the services take."""
        return {**self.cleaned_data, "tier": self.tiers.get(self.cleaned_data["tier"] or 0)}
