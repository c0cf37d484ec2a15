"""Files of an account: put in, handed back as they came, deleted."""

from urllib.parse import quote

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.timezone import now
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from accounts.back import account_url, done, next_url
from accounts.models import AccountFile
from accounts.pieces import account_piece
from accounts.services.files import account_file_add, account_file_delete
from accounts.views import account_of
from operations.files import LARGEST, TYPES
from operations.models import FileBody
from tenants.permissions import Permission, TenantRequest, is_allowed, member_required

fill = member_required(Permission.FILL)
read = member_required(Permission.READ)
MOST_AT_ONCE = 10


def _kept(request: TenantRequest, pk: int, file_pk: int) -> AccountFile:
    account = account_of(request, pk)
    return get_object_or_404(AccountFile.objects.select_related("file", "account"), pk=file_pk, account=account)


@require_GET
@read
@account_piece
def account_files(request: TenantRequest, pk: int) -> HttpResponseBase:
    """The files of an account, newest first: a part of its page and of its hand-over."""
    account = account_of(request, pk)
    found = (
        AccountFile.objects.filter(account=account)
        .select_related("file__added_by__user")
        .order_by("-created_at", "-id")
    )
    works = is_allowed(request.member, Permission.WORK)
    context = {
        "account": account,
        "files": [(one, works or one.file.added_by_id == request.member.pk) for one in found],
        "may_add": is_allowed(request.member, Permission.FILL),
        "accepted": ",".join(f".{ending}" for ending in TYPES), "largest": LARGEST // 1024 // 1024,
        "in_handover": bool(request.GET.get("handover")),
    }  # fmt: skip
    return render(request, "accounts/files.html", context)


@require_POST
@fill
def file_add(request: TenantRequest, pk: int) -> HttpResponseBase:
    """Keep up to ten files; those refused are named with why, the others are kept."""
    account = account_of(request, pk)
    handed = bool(request.POST.get("handover"))
    back = next_url(request, account_url(request, pk) + "#files")
    sent = request.FILES.getlist("file")
    files, kept = sent[:MOST_AT_ONCE], 0
    refused = [
        _("“%(name)s” was not kept: at most %(most)d files at once. Send it again.")
        % {"name": file.name, "most": MOST_AT_ONCE}
        for file in sent[MOST_AT_ONCE:]
    ]
    for file in files:
        content = file.read(LARGEST + 1)
        try:
            account_file_add(
                account=account, name=file.name or "", content=content, at=now(), by=request.member, in_handover=handed
            )
            kept += 1
        except ValidationError as error:
            refused += error.messages
    for text in refused or ([] if files else [_("Choose a file first.")]):
        messages.error(request, text)
    if kept:
        return done(request, _("%(count)d of %(all)d kept.") % {"count": kept, "all": len(sent)}, back)
    return redirect(back)


@require_GET
@read
def file_get(request: TenantRequest, pk: int, file_pk: int) -> HttpResponseBase:
    """The bytes as they came, always as a download: nothing a file holds runs or shows at our address."""
    file = _kept(request, pk, file_pk).file
    body = get_object_or_404(FileBody, file=file)
    response = HttpResponse(bytes(body.content), content_type="application/octet-stream")
    response["Content-Disposition"] = f"attachment; filename=\"file\"; filename*=UTF-8''{quote(file.name, safe='')}"
    response["Content-Security-Policy"] = "sandbox; default-src 'none'"
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "private, no-store"
    return response


@require_POST
@fill
def file_remove(request: TenantRequest, pk: int, file_pk: int) -> HttpResponseBase:
    """Delete a file: who put it in, or whoever works with accounts."""
    kept = _kept(request, pk, file_pk)
    if kept.file.added_by_id != request.member.pk and not is_allowed(request.member, Permission.WORK):
        raise PermissionDenied
    name = kept.file.name
    account_file_delete(kept=kept, at=now(), by=request.member)
    back = next_url(request, account_url(request, pk) + "#files")
    return done(request, _("%(name)s is deleted.") % {"name": name}, back)
