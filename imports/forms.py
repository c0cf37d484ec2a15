"""The upload of a file."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from imports.registry import targets
from imports.services.start import MOST_BYTES


class UploadForm(forms.Form):
    """A file, what its rows are, and where such files come from."""

    target = forms.ChoiceField(label=_("What are its rows?"), widget=forms.RadioSelect)
    file = forms.FileField(
        label=_("File"), widget=forms.FileInput(attrs={"accept": ".csv,.txt,.tsv,.xlsx,.json,.jsonl,text/csv"})
    )
    source = forms.CharField(label=_("Where it comes from"), max_length=80, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["target"].choices = [(one.key, one.label) for one in targets()]  # type: ignore[attr-defined]
        self.fields["target"].initial = targets()[0].key
        self.fields["source"].widget.attrs["list"] = "sources"

    def clean_file(self) -> Any:
        """At most 40 MB."""
        file = self.cleaned_data["file"]
        if file.size > MOST_BYTES:
            raise forms.ValidationError(_("The file is larger than 40 MB. Split it."))
        return file
