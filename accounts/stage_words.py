"""What a tenant calls the five stages: its own names where it has given some, else the built-in ones.

The labels of `LifecycleStage` are read through here, so that every form, table, filter, file and audit entry says the
tenant's words without knowing of them.
"""

from contextvars import ContextVar
from typing import Any

from django.apps import apps
from django.utils.functional import lazy
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from tenants.scope import tenant_id_or_none

BUILT_IN = {
    "configuration": _("Configuration"),
    "training": pgettext_lazy("stage", "Training"),
    "go_live": _("Go-live"),
    "after_sales": _("After-sales"),
    "expansion_renewal": _("Expansion and renewal"),
}
# Read once per request or task; `forget` begins each.
_names: ContextVar[dict[int, dict[str, str]] | None] = ContextVar("stage_names", default=None)


def forget(**_sent: Any) -> None:
    """Read the names anew when they are next asked for; listens to the start of requests and tasks."""
    _names.set(None)


def own_names() -> dict[str, str]:
    """The names that the tenant in scope has given, by the stage's code; none outside of a scope."""
    tenant_id = tenant_id_or_none()
    if tenant_id is None:
        return {}
    held = _names.get() or {}
    if tenant_id not in held:
        rules: Any = apps.get_model("accounts", "StageRule").objects.exclude(name="")
        held = {**held, tenant_id: dict(rules.values_list("stage", "name"))}
        _names.set(held)
    return held[tenant_id]


def _word(code: str) -> str:
    return own_names().get(code) or str(BUILT_IN[code])


stage_word = lazy(_word, str)
