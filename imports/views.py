"""Importing, step by step: the file, its columns, what it would do, the run, the result, and back."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.db import transaction
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.timezone import now
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from common import formats
from common.csvfile import csv_response
from common.pieces import leads_to, piece
from common.xlsxfile import xlsx_response
from imports import pages
from imports.forms import UploadForm
from imports.models import Import
from imports.reading import Unreadable
from imports.registry import Target, target_of, targets
from imports.selectors import import_list, refused_file, rows_of, source_names
from imports.services import (
    WORKING,
    import_accept,
    import_advance,
    import_discard,
    import_go,
    import_go_on,
    import_map,
    import_start,
    import_undo,
)
from imports.tasks import import_hint
from imports.words import UNREADABLE
from tenants.permissions import Permission, TenantRequest, member_required

manage = member_required(Permission.MANAGE)
AT_ONCE = 1_000  # rows that are worked off inside the request; more go to the workers


@manage
def imports(request: TenantRequest) -> HttpResponseBase:
    """Choose a file; the imports so far."""
    form = UploadForm(request.POST or None, request.FILES or None, initial={"target": request.GET.get("target", "")})
    if request.method == "POST" and form.is_valid() and (found := _started(request, form)):
        return redirect("import_run", request.tenant.slug, found.pk)
    page = Paginator(import_list(), 20).get_page(request.GET.get("page"))
    labels = {one.key: one.label for one in targets()}
    rows = [
        (one, labels.get(one.target, one.target), pages.STATE_TONES.get(one.state, "warn"),
         [one.counts.get(fate) for fate in ("created", "changed", "refused")])
        for one in page
    ]  # fmt: skip
    chosen = form["target"].value() or targets()[0].key
    names = source_names(target=chosen)
    context = {"form": form, "targets": targets(), "chosen": chosen, "page": page, "rows": rows, "names": names}
    return render(request, "imports/imports.html", context)


def _started(request: TenantRequest, form: UploadForm) -> Import | None:
    target = target_of(form.cleaned_data["target"])
    file = form.cleaned_data["file"]
    if target is None:
        raise Http404
    try:
        return import_start(
            target=target, filename=file.name, raw=file.read(), source=form.cleaned_data["source"], by=request.member,
            at=now(),
        )  # fmt: skip
    except Unreadable as error:
        form.add_error("file", str(UNREADABLE[error.code]))
        return None


def _found(pk: int) -> tuple[Import, Target]:
    of = get_object_or_404(Import.objects.select_related("by__user", "run"), pk=pk)
    target = target_of(of.target)
    if target is None:
        raise Http404
    return of, target


@require_GET
@manage
def import_run(request: TenantRequest, pk: int) -> HttpResponseBase:
    """An import where it stands; `?step=columns` goes back to the columns."""
    of, target = _found(pk)
    if of.state == Import.State.READY and request.GET.get("step") == "columns":
        return _columns(request, of, target, of.mapping)
    show = {Import.State.MAPPING: _mapping, Import.State.READY: _ready}
    if of.state in WORKING:
        return render(request, "imports/working.html", {**_common(of, target), **_progress(of)})
    return show.get(Import.State(of.state), _result)(request, of, target)


def _common(of: Import, target: Target) -> dict[str, Any]:
    steps = [_("File"), _("Columns"), _("Check"), _("Result")]
    at = {"mapping": 1, "checking": 2, "ready": 2}.get(of.state, 3)
    return {"of": of, "target": target, "steps": [(word, n < at, n == at) for n, word in enumerate(steps)]}


def _mapping(request: TenantRequest, of: Import, target: Target) -> HttpResponseBase:
    return _columns(request, of, target, of.mapping)


def _columns(request: TenantRequest, of: Import, target: Target, chosen: Any, **more: Any) -> HttpResponseBase:
    columns = pages.columns_of(of, target, chosen)
    context = {
        **_common(of, target), "columns": columns, "choices": pages.choices_of(target),
        "new": pages.new_choices(target), "left_out": sum(1 for one in columns if not one["chosen"]), **more,
    }  # fmt: skip
    return render(request, "imports/columns.html", context)


def _ready(request: TenantRequest, of: Import, target: Target) -> HttpResponseBase:
    labels, words = pages.labels_of(target), pages.Words(target)
    open_, unknown = pages.open_counts(of)
    context = {
        **_common(of, target), "counts": pages.counts_of(of), "previews": pages.previews_of(of, words),
        "offers": pages.suggestion_groups(of, labels), "open": open_, "unknown": unknown,
        "to_do": of.counts.get("created", 0) + of.counts.get("changed", 0),
    }  # fmt: skip
    return render(request, "imports/ready.html", context)


def _result(request: TenantRequest, of: Import, target: Target) -> HttpResponseBase:
    words = pages.Words(target)
    undone = of.state == Import.State.UNDONE
    names = ("back", "kept") if undone else ("created", "changed", "unchanged", "refused")
    tables = []
    for fate in ("refused", "created", "changed"):
        rows = rows_of(of=of, fate=fate)
        if rows and not undone:
            word, tone = pages.FATE_WORDS[fate]
            tables.append({"fate": fate, "word": word, "tone": tone, "rows": pages.results_of(rows, words),
                           "count": of.counts.get(fate, 0)})  # fmt: skip
    kept = pages.results_of(rows_of(of=of, undone="kept", limit=200), words) if undone else []
    context = {**_common(of, target), "counts": pages.counts_of(of, names), "previews": tables, "kept": kept}
    return render(request, "imports/result.html", context)


def _progress(of: Import) -> dict[str, Any]:
    words = {
        Import.State.CHECKING: _("Checking the rows"), Import.State.RUNNING: _("Importing"),
        Import.State.UNDOING: _("Putting everything back"),
    }  # fmt: skip
    return {**pages.progress_of(of, now()), "label": words[Import.State(of.state)]}


@require_GET
@manage
@piece(leads_to("import_run", "pk"))
def import_progress(request: TenantRequest, pk: int) -> HttpResponseBase:
    """How far it is, as a part of the page; once it is done the page is loaded anew."""
    of, target = _found(pk)
    if of.state not in WORKING:
        response = HttpResponse()
        response["HX-Refresh"] = "true"
        return response
    return render(request, "imports/progress.html", {"of": of, **_progress(of)})


def _act(request: TenantRequest, pk: int, act: Callable[[Import], Import]) -> HttpResponseBase:
    """Do one step; a few rows at once, many by the workers once this request is done."""
    of, _target = _found(pk)
    try:
        of = act(of)
    except ValidationError as error:
        messages.error(request, formats.sentences(error.messages))
        return redirect("import_run", request.tenant.slug, pk)
    if of.rows_total <= AT_ONCE:
        import_advance(tenant=request.tenant, pk=pk, clock=now)
    else:
        tenant_id = request.tenant.pk
        transaction.on_commit(lambda: import_hint(tenant_id, pk))
    return redirect("import_run", request.tenant.slug, pk)


@require_POST
@manage
def import_columns(request: TenantRequest, pk: int) -> HttpResponseBase:
    """Say what the columns mean; a mapping that will not do is shown again as it was chosen."""
    of, target = _found(pk)
    chosen = {str(n): request.POST.get(f"col-{n}", "") for n in range(len(of.heads))}
    mapping = {int(number): key for number, key in chosen.items() if key}
    try:
        with transaction.atomic():
            import_map(of=of, mapping=mapping, tenant=request.tenant, at=now(), by=request.member)
    except ValidationError as error:
        if of.state not in (Import.State.MAPPING, Import.State.READY):
            messages.error(request, formats.sentences(error.messages))
            return redirect("import_run", request.tenant.slug, pk)
        return _columns(request, of, target, chosen, faults=error.messages)
    return _act(request, pk, lambda of: of)


@require_POST
@manage
def import_accept_page(request: TenantRequest, pk: int) -> HttpResponseBase:
    """Accept suggestions: those chosen, or all that are likely."""

    def accept(of: Import) -> Import:
        posted = {name: request.POST.getlist(name) for name in request.POST}
        keys = pages.chosen_keys(of, posted, every=bool(request.POST.get("all")))
        return import_accept(of=of, keys=keys, at=now(), by=request.member)

    return _act(request, pk, accept)


@require_POST
@manage
def import_go_page(request: TenantRequest, pk: int) -> HttpResponseBase:
    """Run it."""
    return _act(request, pk, lambda of: import_go(of=of, at=now(), by=request.member))


@require_POST
@manage
def import_again(request: TenantRequest, pk: int) -> HttpResponseBase:
    """Go on where it stopped."""
    return _act(request, pk, lambda of: import_go_on(of=of, at=now(), by=request.member))


@require_POST
@manage
def import_undo_page(request: TenantRequest, pk: int) -> HttpResponseBase:
    """Put everything back."""
    return _act(request, pk, lambda of: import_undo(of=of, at=now(), by=request.member))


@require_POST
@manage
def import_discard_page(request: TenantRequest, pk: int) -> HttpResponseBase:
    """Forget a file that was not imported."""
    of, _target = _found(pk)
    try:
        import_discard(of=of, at=now(), by=request.member)
    except ValidationError as error:
        messages.error(request, formats.sentences(error.messages))
        return redirect("import_run", request.tenant.slug, pk)
    messages.success(request, _("The file is discarded; nothing was imported."))
    return redirect("import", request.tenant.slug)


@require_GET
@manage
def import_refused(request: TenantRequest, pk: int, kind: str) -> HttpResponseBase:
    """The refused rows as they came, with their reasons, to be corrected and imported again."""
    of, _target = _found(pk)
    heads, rows = refused_file(of=of)
    write = xlsx_response if kind == "xlsx" else csv_response
    name = _("%(name)s - refused rows") % {"name": of.filename.rsplit(".", 1)[0]}
    return write(name, [*heads, _("Line"), _("Reason")], rows)
