"""No form lets one person overwrite unseen what another saved: each that begins with stored values is protected."""

import ast
import inspect
from collections import Counter
from importlib import import_module
from pathlib import Path
from typing import Any

from django import forms

from common.edits import EditForm
from tests.services import ROOT

APPS = (
    "tenants", "operations", "imports", "accounts", "usage", "service", "health", "renewals", "playbooks", "portfolio",
    "pipeline",
)  # fmt: skip
SENT = "what was sent"  # among the words of a form that is made with it
# Forms with first values that change no row another person may change meanwhile, and why.
EXCEPTIONS = {
    "usage.views.features.LoginForm": "one list of names, replaced as a whole; the page shows it beside",
    "usage.views.feature_new.FeatureForm": "a new row",
    "imports.views.imports.UploadForm": "a new import",
    "service.voice_pages._shown.TellForm": "a new touch",
    "service.voice_pages.wish_new.WishForm": "a new wish",
    "service.survey_pages.survey_new.AskForm": "a new question",
    "service.survey_pages._asked.AnswerForm": "an answer is given once; a second one is refused",
    "tenants.views.person.PersonForm": "one's own name and language",
    "tenants.views.platform.NewTenantForm": "a new tenant",
    "accounts.catalogue_pages.rates.RateForm": "a new rate",
    "accounts.people_pages.conviction_new.ConvictionForm": "a new finding",
    "accounts.touch_pages.touch_new.TouchForm": "a new touch",
    "accounts.tier_forms.duty_forms.DutyForm": "saved with its tier, under the tier's version",
    "health.override_views.account_override.OverrideForm": "a new band; the one that stood is shown and kept",
    "portfolio.views.capacity._target_forms.TargetForm": "a manager's numbers of a year; the audit trail keeps each",
}


def begun() -> dict[str, tuple[type[forms.Form], set[str]]]:
    """Every place where a form is made with first values: its class, and the keywords it is made with."""
    found: dict[str, tuple[type[forms.Form], set[str]]] = {}
    for path in sorted(path for app in APPS for path in (ROOT / app).rglob("*.py") if "migrations" not in path.parts):
        name = ".".join(path.relative_to(ROOT).with_suffix("").parts)
        for function in ast.walk(ast.parse(path.read_text())):
            if isinstance(function, ast.FunctionDef):
                found |= {f"{name}.{function.name}.{made}": one for made, one in _made(function, name).items()}
    return found


def _made(function: ast.FunctionDef, module: str) -> dict[str, tuple[type[forms.Form], set[str]]]:
    found = {}
    for call in ast.walk(function):
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id.endswith("Form"):
            made: Any = getattr(import_module(module), call.func.id, None)
            words = {keyword.arg or "" for keyword in call.keywords}
            words |= {SENT for value in call.args if "POST" in ast.unparse(value)}
            if isinstance(made, type) and issubclass(made, forms.Form) and (words & {"initial"} or _knows(made)):
                found[call.func.id] = (made, words)
    return found


def _knows(made: type[forms.Form]) -> bool:
    """Whether the class itself says what is stored."""
    return issubclass(made, EditForm) and "stored=" in inspect.getsource(made)


def guarded(made: type[forms.Form], words: set[str]) -> bool:
    return "version" in made.base_fields or (issubclass(made, EditForm) and ("stored" in words or _knows(made)))


def test_every_form_over_a_stored_row_tells_what_another_saved_meanwhile() -> None:
    found = begun()
    open_ones = {name for name, (made, words) in found.items() if not guarded(made, words)}
    assert open_ones == set(EXCEPTIONS)
    assert "service.case_pages.case_edit.CaseForm" in found


def test_every_such_form_is_saved_only_when_it_is_agreed() -> None:
    """Per module as many questions for agreement as forms over stored rows are sent to it."""
    sent: Counter[str] = Counter()
    for name, (made, words) in begun().items():
        if SENT in words and issubclass(made, EditForm) and guarded(made, words):
            sent[name.rsplit(".", 2)[0]] += 1
    asked = {name: Path(ROOT, *name.split(".")).with_suffix(".py").read_text().count(".agreed()") for name in sent}
    assert asked == dict(sent)
    assert len(sent) > 5
