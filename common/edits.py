"""Forms over a stored row that somebody else may change while one types.

Such a form carries a digest of every field as it was when it opened. When it is sent, what another saved since is told
apart field by field: where only they changed a field theirs stands, where only this person did it is saved, and where
both did, both are shown and nothing is saved until this person has seen it.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, TypeVar, cast

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Model, QuerySet
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from common import formats

M = TypeVar("M", bound=Model)
OPENED = "opened"  # the hidden field with the digests


class EditForm(forms.Form):
    """A form that is `stored` when a row stands behind it: `initial` then is that row as it stands now, read under a
    lock (`locked`) when the form was sent. Its template includes `common/meanwhile.html` within the form.

    Save only when `agreed`. `conflicts`: the fields that both changed, as the template shows them.
    """

    def __init__(self, *args: Any, stored: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.stored = stored
        self.conflicts: list[dict[str, str]] = []

    def agreed(self) -> bool:
        """Whether what was sent is valid and may be saved over the row as it stands now."""
        opened = self._opened() if self.stored else None
        if not self.is_valid() or opened is None:
            return self.is_valid()
        now = self._digests()
        theirs = [name for name in now if opened.get(name) != now[name]]
        typed = {name: _digest(self.cleaned_data[name]) for name in theirs}
        taken = [name for name in theirs if name not in opened or typed[name] == opened[name]]
        both = [name for name in theirs if name not in taken and typed[name] != now[name]]
        self.conflicts = [self._conflict(name) for name in both]
        self._take(taken)
        return not both and self.is_valid()

    def opened(self) -> SafeString:
        """The hidden field. After a conflict was shown the present values count as seen, so the next save is meant."""
        if not self.stored:
            return SafeString("")
        held = self._opened() if self.is_bound and not self.conflicts else None
        text = json.dumps(held or self._digests(), separators=(",", ":"))
        return format_html('<input type="hidden" name="{}" value="{}">', OPENED, text)

    def _opened(self) -> Mapping[str, str] | None:
        """The digests that were sent; None where there are none, as from a program that knows nothing of them."""
        try:
            found = json.loads(self.data.get(OPENED, ""))
        except ValueError:
            return None
        return found if isinstance(found, dict) else None

    def _digests(self) -> dict[str, str]:
        return {name: _digest(self._held(name)) for name in self.fields}

    def _held(self, name: str) -> Any:
        """A field's stored value in the form in which a sent one is cleaned."""
        field = self.fields[name]
        raw = field.prepare_value(self.get_initial_for_field(field, name))
        try:
            return field.clean(raw)
        except ValidationError:  # stored before the field had its rules
            return raw

    def _take(self, names: Sequence[str]) -> None:
        """Go on as if the person had typed these fields as they are stored."""
        data: Any = cast(Any, self.data).copy()  # what a browser sends is a QueryDict
        for name in names:
            raw = self.fields[name].prepare_value(self.get_initial_for_field(self.fields[name], name))
            several = isinstance(raw, list | tuple)
            data.setlist(self.add_prefix(name), list(raw) if several else [] if raw is None else [raw])
        if names:
            self.data = data
            self.full_clean()

    def _conflict(self, name: str) -> dict[str, str]:
        field = self.fields[name]
        return {
            "label": str(field.label),
            "held": _said(field, self._held(name)),
            "typed": _said(field, self.cleaned_data[name]),
        }


def locked(rows: QuerySet[M], *, sent: bool) -> QuerySet[M]:
    """The rows, held until the transaction ends where a form was sent: nobody saves between comparing and saving."""
    return rows.select_for_update(of=("self",)) if sent else rows


def _plain(value: Any) -> Any:
    """A value as it is compared: rows by their number, lists without order, texts whatever their line ends."""
    if isinstance(value, Model):
        return str(value.pk)
    if isinstance(value, list | tuple | set | QuerySet):
        return sorted(str(_plain(one)) for one in value)
    return "" if value is None else str(value).replace("\r\n", "\n").strip()


def _digest(value: Any) -> str:
    return hashlib.sha256(json.dumps(_plain(value) or "").encode()).hexdigest()[:20]


def _said(field: forms.Field, value: Any) -> str:
    """A value as people read it."""
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, date):
        return formats.day(value)
    if isinstance(value, list | tuple | set | QuerySet):
        return _(", ").join(_said(field, one) for one in value) or _("empty")
    if value in (None, ""):
        return _("empty")
    known: Any = () if isinstance(value, Model) else getattr(field, "choices", getattr(field.widget, "choices", ()))
    return str({str(key): word for key, word in known}.get(str(value), value))
