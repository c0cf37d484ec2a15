"""The tenant's custom fields: add, change, order, archive."""

from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.timezone import now
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from accounts.back import done
from accounts.models import CustomField
from accounts.selectors.fields import field_counts, field_has_values, field_list
from accounts.services import custom_field_archive, custom_field_move, custom_field_restore, custom_field_save
from common import formats
from common.edits import EditForm, locked
from tenants.permissions import Permission, TenantRequest, member_required

administer = member_required(Permission.ADMINISTER)


class FieldForm(EditForm):
    """A custom field. The type of one with values stays as it is and is not asked for."""

    label = forms.CharField(label=gettext_lazy("Label"), max_length=60)
    holder = forms.ChoiceField(label=gettext_lazy("Belongs to"), choices=CustomField.Holder.choices)
    kind = forms.ChoiceField(label=gettext_lazy("Type"), choices=CustomField.Kind.choices)
    choices = forms.CharField(
        label=gettext_lazy("Choices"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=gettext_lazy("For the type “Choice”: one on each line."),
    )
    required = forms.BooleanField(label=gettext_lazy("Must be filled in"), required=False)

    def __init__(self, *args: Any, field: CustomField | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if field is not None:
            del self.fields["holder"]
        if field is not None and field_has_values(field=field):
            del self.fields["kind"]

    def values(self) -> dict[str, Any]:
        """What the service takes."""
        lines = [line.strip() for line in self.cleaned_data["choices"].splitlines() if line.strip()]
        return {**self.cleaned_data, "choices": lines}


def _initial(field: CustomField) -> dict[str, Any]:
    return {"label": field.label, "kind": field.kind, "choices": "\n".join(field.choices), "required": field.required}


@administer
def fields(request: TenantRequest) -> HttpResponseBase:
    """All fields in their order; a POST adds one."""
    form = FieldForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            field = custom_field_save(values=form.values(), at=now(), by=request.member)
        except ValidationError as error:
            _tell(form, error)
        else:
            return done(request, _("The field “%(label)s” is added.") % {"label": field.label}, _here(request))
    counts = field_counts()
    groups = [
        (words, [(field, counts.get(field.pk, 0)) for field in field_list(holder=holder)])
        for holder, words in CustomField.Holder.choices
    ]
    archived = [*field_list(archived=True), *field_list(holder="contact", archived=True)]
    return render(request, "accounts/fields.html", {"form": form, "held": groups, "archived": archived})


def _here(request: TenantRequest) -> str:
    return reverse("fields", args=[request.tenant.slug])


def _tell(form: forms.Form, error: ValidationError) -> None:
    """Each message at its field where the form has it."""
    told = error.message_dict if hasattr(error, "error_dict") else {"__all__": error.messages}
    for name, texts in told.items():
        form.add_error(name if name in form.fields else None, texts)


@administer
def field_edit(request: TenantRequest, pk: int) -> HttpResponseBase:
    """Change a field. Its type only while nothing holds a value."""
    field = get_object_or_404(locked(CustomField.objects.all(), sent=request.method == "POST"), pk=pk)
    form = FieldForm(request.POST or None, field=field, initial=_initial(field), stored=True)
    if request.method == "POST" and form.agreed():
        try:
            custom_field_save(values=form.values(), at=now(), by=request.member, field=field)
        except ValidationError as error:
            _tell(form, error)
        else:
            return done(request, _("Saved."), _here(request))
    return render(
        request, "accounts/field_form.html", {"form": form, "field": field, "fixed": "kind" not in form.fields}
    )


@require_POST
@administer
def field_do(request: TenantRequest, pk: int) -> HttpResponseBase:
    """Move a field up or down, archive it or bring it back (`act`)."""
    field = get_object_or_404(CustomField, pk=pk)
    act = request.POST.get("act", "")
    try:
        if act in ("up", "down"):
            custom_field_move(field=field, up=act == "up", at=now(), by=request.member)
        elif act == "archive":
            custom_field_archive(field=field, at=now(), by=request.member)
            undo = f"undo:{reverse('field_do', args=[request.tenant.slug, pk])}"
            said = _("The field “%(label)s” is archived; its values are kept.") % {"label": field.label}
            messages.success(request, said, extra_tags=undo)
        elif act in ("restore", ""):
            custom_field_restore(field=field, at=now(), by=request.member)
    except ValidationError as error:
        messages.error(request, formats.sentences(error.messages))
    return redirect(_here(request))
