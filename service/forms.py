"""Forms of requests, rivals, success cases and help articles."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.forms import day_input
from accounts.models import Account, Feature, Touch
from accounts.selectors import contact_list
from common.edits import EditForm
from service.models import Request, Survey
from service.services.voice import MOVES, TELL_KINDS
from service.surveys import RANGES


class RowChoice(forms.ModelChoiceField):  # type: ignore[type-arg]  # Django's own class takes none at run time
    """A row of the tenant in scope, by its name."""


def _features() -> Any:
    return Feature.objects.order_by("-core", "name")


def _area(rows: int) -> forms.Textarea:
    return forms.Textarea(attrs={"rows": rows})


class RequestForm(EditForm):
    """What is wanted."""

    title = forms.CharField(label=_("What is wanted"), max_length=200)
    detail = forms.CharField(label=_("More about it"), max_length=5000, required=False, widget=_area(4))
    feature = RowChoice(label=_("Feature"), queryset=None, required=False, empty_label=_("none of these"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["feature"].queryset = _features()  # type: ignore[attr-defined]  # read now, in the tenant's scope


class WishForm(RequestForm):
    """A request of one account: one that is known, by its title, or a new one."""

    contact = forms.TypedChoiceField(label=_("Who said so"), coerce=int, empty_value=None, required=False)
    note = forms.CharField(label=_("In their words"), max_length=500, required=False)
    since = forms.DateField(label=_("Since"), widget=day_input())
    field_order = ("title", "note", "contact", "since", "feature", "detail")

    def __init__(self, *args: Any, account: Account, known: Sequence[Request], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.people = {one.pk: one for one in contact_list(account=account)}
        choices = [("", _("nobody named")), *((pk, str(one)) for pk, one in self.people.items())]
        self.fields["contact"].choices = choices  # type: ignore[attr-defined]  # a choice field
        self.known = list(known)

    def request(self) -> Request | None:
        """The known request of this title, whatever its case."""
        title = self.cleaned_data["title"].strip().casefold()
        return next((one for one in self.known if one.title.casefold() == title), None)


class MoveForm(EditForm):
    """Where a request goes, and what its customers hear."""

    state = forms.ChoiceField(label=_("State"))
    answer = forms.CharField(
        label=_("Answer to those who asked"),
        max_length=2000,
        required=False,
        widget=_area(3),
        help_text=_("Needed once it is planned, delivered or declined. Every account has to be told a new answer."),
    )

    def __init__(self, *args: Any, request: Request, **kwargs: Any) -> None:
        super().__init__(*args, stored=True, initial={"state": request.state, "answer": request.answer}, **kwargs)
        self._request = request
        ways = [request.state, *MOVES[request.state]]
        self.fields["state"].choices = [(way, Request.State(way).label) for way in ways]  # type: ignore[attr-defined]  # a choice field

    def clean_answer(self) -> str:
        """An answer belongs to its state: what was said when it was planned is not why it was declined."""
        answer = str(self.cleaned_data["answer"]).strip()
        moved = self.cleaned_data.get("state", self._request.state) != self._request.state
        if moved and answer and answer == self._request.answer.strip():
            raise forms.ValidationError(_("This answer was for the state before. Say what holds now."))
        return answer


class TellForm(forms.Form):
    """How the picked accounts are told."""

    kind = forms.ChoiceField(label=_("How"), choices=[(kind, Touch.Kind(kind).label) for kind in TELL_KINDS])
    on = forms.DateField(label=_("Day"), widget=day_input())
    text = forms.CharField(label=_("Text"), max_length=2000, required=False, widget=_area(3))


class RivalForm(EditForm):
    """A rival product at an account."""

    name = forms.CharField(label=_("Product"), max_length=120)
    area = forms.CharField(label=_("Where there: department or scenario"), max_length=150, required=False)
    since = forms.DateField(label=_("Since"), required=False, widget=day_input())
    gone_on = forms.DateField(label=_("Gone on"), required=False, widget=day_input())
    note = forms.CharField(label=_("Note"), max_length=500, required=False)


class CaseForm(EditForm):
    """A success case in one or both languages."""

    title_en = forms.CharField(label=_("Title, in English"), max_length=200, required=False)
    result_en = forms.CharField(label=_("Result, in English"), max_length=300, required=False)
    story_en = forms.CharField(label=_("Story, in English"), max_length=5000, required=False, widget=_area(5))
    title_zh = forms.CharField(label=_("Title, in Chinese"), max_length=200, required=False)
    result_zh = forms.CharField(label=_("Result, in Chinese"), max_length=300, required=False)
    story_zh = forms.CharField(label=_("Story, in Chinese"), max_length=5000, required=False, widget=_area(5))
    industry = forms.CharField(label=_("Industry"), max_length=80, required=False)
    account = RowChoice(
        label=_("Whose case it is"), queryset=None, required=False, empty_label=_("not said"),
        help_text=_("Known inside only; the texts above are what is shown."),
    )  # fmt: skip
    features: Any = forms.ModelMultipleChoiceField(
        label=_("Features at work"), queryset=None, required=False, widget=forms.CheckboxSelectMultiple
    )
    published = forms.BooleanField(
        label=pgettext_lazy("a case or an article", "Published"), required=False, initial=True
    )

    def __init__(self, *args: Any, accounts: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["features"].queryset = _features()  # type: ignore[attr-defined]  # read now, in the tenant's scope
        self.fields["account"].queryset = accounts.order_by("name_key")  # type: ignore[attr-defined]  # as above

    def clean(self) -> dict[str, Any]:
        """Title and result in one language at least."""
        cleaned: dict[str, Any] = super().clean() or {}
        if not any(cleaned.get(f"title_{code}") and cleaned.get(f"result_{code}") for code in ("en", "zh")):
            raise forms.ValidationError(_("Write title and result in at least one language."))
        return cleaned


def first_day(today: date) -> dict[str, Any]:
    """Today as a form's first day."""
    return {"since": today, "on": today}


class ArticleForm(EditForm):
    """A help article in one or both languages."""

    feature = RowChoice(label=_("Feature"), queryset=None, required=False, empty_label=_("none of these"))
    title_en = forms.CharField(label=_("Title, in English"), max_length=200, required=False)
    text_en = forms.CharField(label=_("Text, in English"), max_length=10_000, required=False, widget=_area(6))
    video_en = forms.URLField(label=_("Video, in English"), max_length=500, required=False, assume_scheme="https")
    title_zh = forms.CharField(label=_("Title, in Chinese"), max_length=200, required=False)
    text_zh = forms.CharField(label=_("Text, in Chinese"), max_length=10_000, required=False, widget=_area(6))
    video_zh = forms.URLField(label=_("Video, in Chinese"), max_length=500, required=False, assume_scheme="https")
    published = forms.BooleanField(
        label=pgettext_lazy("a case or an article", "Published"), required=False, initial=True
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["feature"].queryset = _features()  # type: ignore[attr-defined]  # read now, in the tenant's scope


class AskForm(forms.Form):
    """Whom to ask what, in which language."""

    kind = forms.ChoiceField(label=_("What to ask"), choices=Survey.choices)
    contact = forms.TypedChoiceField(label=_("Whom"), coerce=int)
    language = forms.ChoiceField(label=_("Language of the question"), choices=settings.LANGUAGES)
    mail = forms.BooleanField(label=_("Send it by e-mail"), required=False)

    def __init__(self, *args: Any, account: Account, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.people = {one.pk: one for one in contact_list(account=account) if one.left_on is None}
        choices = [(pk, f"{one} · {one.email}" if one.email else str(one)) for pk, one in self.people.items()]
        self.fields["contact"].choices = choices  # type: ignore[attr-defined]  # a choice field

    def clean(self) -> dict[str, Any]:
        """Who has no address gets no mail."""
        cleaned: dict[str, Any] = super().clean() or {}
        person = self.people.get(cleaned.get("contact", 0))
        if cleaned.get("mail") and person and not person.email:
            self.add_error("mail", _("No e-mail address is known. Leave this off and hand the link over yourself."))
        return cleaned


class AnswerForm(forms.Form):
    """What a customer answers."""

    score = forms.TypedChoiceField(coerce=int, widget=forms.RadioSelect)
    comment = forms.CharField(max_length=2000, required=False, widget=_area(4))

    def __init__(self, *args: Any, kind: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        least, most = RANGES[kind]
        self.fields["score"].choices = [(n, str(n)) for n in range(least, most + 1)]  # type: ignore[attr-defined]  # a choice field
