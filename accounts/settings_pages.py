"""The import of accounts: upload, preview, apply, result."""

from collections.abc import Mapping
from typing import Any

from django.http import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.timezone import now
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_POST

from accounts.forms import AccountForm, UploadForm
from accounts.imports import KIND, PlannedRow, counts, custom_heads, import_plan, import_start, plain
from accounts.imports import import_apply as apply_import
from accounts.selectors.fields import field_list
from accounts.sheet import HEADERS, SheetError, read_sheet
from operations.days import local_date
from operations.models import Run
from operations.selectors import run_list
from tenants.permissions import Permission, TenantRequest, member_required

manage = member_required(Permission.MANAGE)
SHOWN_SAME = 20
ACTIONS = {
    "create": (gettext_lazy("new"), "good"),
    "change": (gettext_lazy("changed"), "accent"),
    "same": (gettext_lazy("unchanged"), ""),
    "refuse": (gettext_lazy("refused"), "bad"),
}


@manage
def import_page(request: TenantRequest) -> HttpResponseBase:
    """Choose a file; the imports so far."""
    form = UploadForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        file = form.cleaned_data["file"]
        try:
            sheet = read_sheet(file.read(), custom_heads())
        except SheetError as error:
            form.add_error("file", str(error.reason))
        else:
            run = import_start(sheet=sheet, filename=file.name, by=request.member, at=now())
            return redirect("import_run", request.tenant.slug, run.pk)
    heads = [
        (AccountForm.base_fields[name].label, words[0], next(word for word in words if not word.isascii()))
        for name, words in HEADERS.items()
    ]
    context = {"form": form, "heads": heads, "runs": run_list(kind=KIND)}
    return render(request, "accounts/import.html", context)


def _run(pk: int) -> Run:
    return get_object_or_404(Run.objects.select_related("started_by__user"), pk=pk, kind=KIND)


@require_GET
@manage
def import_run(request: TenantRequest, pk: int) -> HttpResponseBase:
    """The preview of an upload, row by row; once applied, what became of each row."""
    run = _run(pk)
    done = run.state == Run.State.DONE
    if done:
        sums, rows = run.result["counts"], run.result["rows"]
    else:
        plan = import_plan(run=run, today=local_date(request.tenant.timezone, now()))
        sums, rows = counts(plan), [_shown(row) for row in plan]
    custom = {field.name: field.label for field in field_list()}
    context: dict[str, Any] = {
        "run": run,
        "done": done,
        "counts": [(ACTIONS[name], sums[name]) for name in ACTIONS],
        "to_do": sums["create"] + sums["change"],
        "rows": [
            _row(row, custom)
            for row in sorted(rows, key=lambda r: ("refuse", "change", "create", "same").index(r["action"]))
        ],
        "ignored": run.params.get("ignored", []),
    }
    return render(request, "accounts/import_run.html", context)


def _shown(row: PlannedRow) -> dict[str, Any]:
    changes = [[name, plain(name, old), plain(name, new)] for name, old, new in row.changes]
    told = {"line": row.line, "external_id": row.external_id, "name": row.name, "action": row.action}
    return {**told, "changes": changes, "reasons": row.reasons}


def _row(row: dict[str, Any], custom: Mapping[str, str]) -> dict[str, Any]:
    labels = {name: str(field.label) for name, field in AccountForm.base_fields.items()}
    word, tone = ACTIONS[row["action"]]
    return {
        **row,
        "word": word,
        "tone": tone,
        "changes": [(labels.get(n) or custom.get(n, n), old, new) for n, old, new in row["changes"]],
    }


@require_POST
@manage
def import_apply(request: TenantRequest, pk: int) -> HttpResponseBase:
    """Apply an upload as its preview says."""
    from accounts.back import done

    run = _run(pk)
    result = apply_import(run=run, tenant=request.tenant, by=request.member, at=now())
    said = _("%(create)d created, %(change)d changed, %(refuse)d refused.") % result["counts"]
    from django.urls import reverse

    return done(request, said, reverse("import_run", args=[request.tenant.slug, pk]))
