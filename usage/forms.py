"""Forms of features and logins."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from accounts.models import Feature
from common.edits import EditForm


class NamesField(forms.CharField):
    """Event names, one a line."""

    widget = forms.Textarea(attrs={"rows": 4, "spellcheck": "false"})

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(required=False, strip=False, **kwargs)

    def clean(self, value: Any) -> Any:
        """The names as a list, each once."""
        names = [line.strip() for line in str(super().clean(value) or "").splitlines()]
        if any(len(name) > 500 for name in names):
            raise ValidationError(_("An event name has at most 500 characters."))
        return list(dict.fromkeys(name for name in names if name))


class FeatureForm(EditForm):
    """A feature and the events that count as its use. The key stays once it is chosen."""

    name = forms.CharField(label=_("Name"), max_length=120)
    key = forms.SlugField(
        label=_("Identifier"), max_length=60, help_text=_("A short name for programs, for example “reports”. It stays.")
    )
    core = forms.BooleanField(
        label=_("Core feature"),
        required=False,
        help_text=_("Counts in breadth and depth: what the product is bought for."),
    )
    entitled_by_default = forms.BooleanField(label=_("Every account may use it"), required=False, initial=True)
    target_uses = forms.DecimalField(
        label=_("Target"),
        min_value=0,
        max_digits=8,
        decimal_places=2,
        required=False,
        help_text=_("Uses per active user in 30 days that count as full depth; 1 where none is set."),
    )
    event_names = NamesField(label=_("Event names"), help_text=_("One a line. Each such event is one use."))

    def __init__(self, *args: Any, feature: Feature | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.feature = feature
        if feature is not None:
            del self.fields["key"]

    def clean_key(self) -> str:
        """Refuse a key that is taken."""
        key = str(self.cleaned_data["key"])
        if Feature.objects.filter(key=key).exists():
            raise ValidationError(_("A feature with this key exists already."))
        return key

    def clean_target_uses(self) -> Any:
        """Nothing is a target of its own; zero is none."""
        return self.cleaned_data["target_uses"] or None


class LoginForm(forms.Form):
    """The event names that count as logins."""

    names = NamesField(
        label=_("Login events"),
        help_text=_("One a line. While none is listed, the login ratio is weekly active users ÷ seats."),
    )
