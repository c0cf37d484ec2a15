"""Forms of the tenant's own settings."""

from typing import Any
from zoneinfo import available_timezones

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from common.edits import EditForm
from common.plausible import currency_fault
from tenants.models import Key, Role
from tenants.scopes import API_SCOPES


class InvitationForm(forms.Form):
    """Whom to invite, as what."""

    email = forms.EmailField(label=_("E-mail"))
    role = forms.ChoiceField(label=_("Role"), choices=Role.choices, initial=Role.CSM)


class MemberForm(forms.Form):
    """A member's role, and whether they may come in."""

    role = forms.ChoiceField(label=_("Role"), choices=Role.choices)
    is_active = forms.BooleanField(label=_("Active"), required=False)


class KeyForm(forms.Form):
    """A new key. Scopes matter for API keys only."""

    kind = forms.ChoiceField(label=_("Kind"), choices=Key.Kind.choices)
    name = forms.CharField(label=_("Name"), max_length=80, help_text=_("What uses it, for example “production web”."))
    scopes = forms.MultipleChoiceField(
        label=_("Scopes"),
        choices=list(API_SCOPES.items()),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("What an API key may do. A write key only sends events."),
    )

    def clean(self) -> dict[str, Any]:
        """An API key without scopes could do nothing."""
        cleaned = super().clean() or {}
        if cleaned.get("kind") == Key.Kind.API and not cleaned.get("scopes"):
            self.add_error("scopes", _("Choose at least one scope: an API key without any can do nothing."))
        return cleaned


def _zones() -> list[tuple[str, str]]:
    return [(name, name) for name in sorted(available_timezones()) if "/" in name or name == "UTC"]


class TenantForm(EditForm):
    """What differs between tenants."""

    name = forms.CharField(label=_("Name"), max_length=120)
    timezone = forms.ChoiceField(
        label=_("Time zone"),
        choices=_zones,
        help_text=_("Days begin and end in this zone. Changing it refills every day."),
    )
    language = forms.ChoiceField(label=_("Language of new members"), choices=settings.LANGUAGES)
    currency = forms.RegexField(
        label=_("Currency"),
        regex=r"^[A-Z]{3}$",
        help_text=_("Three capital letters, for example EUR or CNY."),
        error_messages={"invalid": _("Write three capital letters, for example EUR or CNY.")},
    )
    csms_see_own_only = forms.BooleanField(label=_("CSMs see only their own accounts"), required=False)

    def clean_currency(self) -> str:
        """One that exists."""
        code: str = self.cleaned_data["currency"]
        if fault := currency_fault(code):
            raise forms.ValidationError(fault)
        return code


class NewTenantForm(TenantForm):
    """A tenant and its first admin, made by platform staff."""

    slug = forms.SlugField(
        label=_("Address"),
        max_length=40,
        help_text=_("The part after /t/: a–z, 0–9 and “-”. It cannot be changed later."),
        error_messages={"invalid": _("Use a–z, 0–9 and “-”.")},
    )
    admin_email = forms.EmailField(label=_("First admin's e-mail"))
    field_order = ("name", "slug", "timezone", "language", "currency", "admin_email")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        del self.fields["csms_see_own_only"]


class PersonForm(forms.Form):
    """How a person is called, and the language they read in."""

    name = forms.CharField(label=_("Name"), max_length=150)
    language = forms.ChoiceField(label=_("Language"), choices=settings.LANGUAGES)


class JoinForm(forms.Form):
    """What an invited person who has no user yet chooses."""

    name = forms.CharField(label=_("Your name"), max_length=150)
    password = forms.CharField(
        label=_("Password"), widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}), strip=False
    )

    def clean_password(self) -> str:
        """As strong as every other password here."""
        from django.contrib.auth.password_validation import validate_password

        password: str = self.cleaned_data["password"]
        try:
            validate_password(password)
        except ValidationError as error:
            raise forms.ValidationError(error.messages) from error
        return password
