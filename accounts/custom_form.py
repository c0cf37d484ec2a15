"""Custom fields in a form: one input per field, read by the same readers as everywhere."""

from collections.abc import Mapping
from typing import Any

from django import forms

from accounts.cells import Cell, cells, text_of
from accounts.models import Account, Contact, CustomField
from accounts.selectors.fields import field_list, values_of
from accounts.values import ValueRefused

PREFIX = "custom-"


class CellField(forms.CharField):
    """A text that a cell reads; what it refuses says why."""

    def __init__(self, cell: Cell) -> None:
        self.cell = cell
        widget: Any = forms.TextInput()
        if cell.widget == "select":
            widget = forms.Select(choices=[("", "–"), *cell.choices])
        elif cell.widget == "date":
            widget = forms.DateInput(attrs={"type": "date"})
        super().__init__(label=cell.label, required=cell.required, widget=widget, max_length=500)

    def clean(self, value: Any) -> Any:
        """The value of the field's kind."""
        text = super().clean(value)
        try:
            return self.cell.typed(text)
        except ValueRefused as error:
            raise forms.ValidationError(str(error)) from error


class CustomFieldsMixin:
    """Adds the tenant's fields of `holder_kind` to a form; call `add_custom` after its own fields are there."""

    holder_kind = "account"

    def add_custom(self: Any, holder: Account | Contact | None) -> None:
        """The inputs, filled with what the holder has."""
        fields = field_list(holder=self.holder_kind)
        held = values_of(holders=[holder], fields=fields).get(holder.pk, {}) if holder else {}
        known = cells(fields)
        for field in fields:
            made = CellField(known[field.name])
            made.initial = text_of(held.get(field.pk))
            self.fields[PREFIX + field.key] = made

    @property
    def custom(self: Any) -> list[Any]:
        """The bound inputs, for the template."""
        return [self[name] for name in self.fields if name.startswith(PREFIX)]

    def custom_values(self: Any) -> dict[str, Any]:
        """What the services take as `custom`."""
        return {
            name.removeprefix(PREFIX): value for name, value in self.cleaned_data.items() if name.startswith(PREFIX)
        }


def shown_custom(holder: Account | Contact, kind: str = "account") -> list[tuple[CustomField, Any]]:
    """The fields with their values, as pages list them."""
    fields = field_list(holder=kind)
    held: Mapping[int, Any] = values_of(holders=[holder], fields=fields).get(holder.pk, {})
    return [(field, held.get(field.pk)) for field in fields]
