"""Writes files of accounts."""

import hashlib
from datetime import datetime

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from accounts.models import Account, AccountFile
from operations.files import LARGEST, TYPES, judge
from operations.models import File, FileBody
from tenants.models import Member
from tenants.services import audit_add

MOST_FILES = 200


def account_file_add(
    *, account: Account, name: str, content: bytes, at: datetime, by: Member | None, in_handover: bool = False
) -> AccountFile:
    """Keep a file at an account as it came; the same bytes under the same name are kept once.

    Raises ValidationError that says what would be accepted.
    """
    judged = judge(name, content)
    if judged.fault:
        raise ValidationError(_fault(judged.name, judged.fault))
    digest = hashlib.sha256(content).hexdigest()
    files = AccountFile.objects.filter(account=account).select_related("file")
    twin = files.filter(file__sha256=digest, file__name=judged.name).first()
    if twin is not None:
        return twin
    if files.count() >= MOST_FILES:
        raise ValidationError(_("There are %(count)d files here already. Delete some first.") % {"count": MOST_FILES})
    file = File.objects.create(name=judged.name, size=len(content), sha256=digest, added_by=by, created_at=at)
    FileBody.objects.create(file=file, content=content)
    kept = AccountFile.objects.create(account=account, file=file, in_handover=in_handover, created_at=at)
    changes = {"account": [None, account.name], "size": [None, len(content)]}
    audit_add(actor=by, action="create", target=kept, at=at, changes=changes)
    return kept


def _fault(name: str, fault: str) -> str:
    said = {
        "empty": _("“%(name)s” is empty."),
        "large": _("“%(name)s” is larger than %(size)d MB."),
        "type": _("“%(name)s” is of a type that is not kept. Accepted are: %(types)s."),
        "content": _(
            "“%(name)s” is not what its ending says. Save it anew in its own program. Accepted are: %(types)s."
        ),
    }[fault]
    return said % {"name": name, "size": LARGEST // 1024 // 1024, "types": ", ".join(sorted(TYPES))}


def account_file_delete(*, kept: AccountFile, at: datetime, by: Member) -> None:
    """Delete a file with its bytes, for good; the audit trail keeps its name, size and fingerprint."""
    file = kept.file
    changes = {"account": [kept.account.name, None], "size": [file.size, None], "sha256": [file.sha256, None]}
    audit_add(actor=by, action="delete", target=kept, at=at, changes=changes)
    kept.delete()
    FileBody.objects.filter(file=file).delete()
    file.delete()
