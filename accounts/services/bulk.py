"""Changes of many accounts at once, each of which can be undone as a whole."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from accounts.cells import Cell, cells, held_texts
from accounts.models import Account, AccountTag, BulkChange, Tag
from accounts.services.accounts import account_change, accounts_lock
from accounts.services.fields import tags_add, tags_remove
from tenants.models import Member

MOST = 2_000


def accounts_set(
    *, accounts: Iterable[Account], cell: Cell, values: Mapping[int, Any] | Any, at: datetime, by: Member
) -> BulkChange:
    """Set one field of accounts, all to one value or each by its id to its own; one account refused refuses all."""
    accounts = list(accounts)
    _few(accounts)
    accounts_lock(accounts=accounts)
    before = held_texts(accounts=accounts, cell=cell)
    each = values if isinstance(values, Mapping) else dict.fromkeys((a.pk for a in accounts), values)
    for account in accounts:
        try:
            account_change(account=account, values=cell.as_values(each[account.pk]), at=at, by=by)
        except ValidationError as error:
            raise ValidationError(f"{account.name}: {' '.join(error.messages)}") from error
    after = held_texts(accounts=accounts, cell=cell)
    changes = [[pk, cell.key, before[pk], after[pk]] for pk in after if before[pk] != after[pk]]
    return BulkChange.objects.create(by=by, at=at, changes=changes)


def _few(accounts: Sequence[Account]) -> None:
    if len(accounts) > MOST:
        raise ValidationError(_("At most %(most)d accounts at once.") % {"most": MOST})


def accounts_tag(*, accounts: Iterable[Account], name: str, at: datetime, by: Member) -> BulkChange:
    """Put a tag on accounts."""
    accounts = list(accounts)
    accounts_lock(accounts=accounts)
    done = tags_add(accounts=accounts, name=name, at=at, by=by)
    return BulkChange.objects.create(by=by, at=at, changes=[[a.pk, "tags", None, str(t.pk)] for a, t in done])


def accounts_untag(*, accounts: Iterable[Account], tag: Tag, at: datetime, by: Member) -> BulkChange:
    """Take a tag off accounts."""
    accounts = list(accounts)
    accounts_lock(accounts=accounts)
    done = tags_remove(accounts=accounts, tag=tag, at=at, by=by)
    return BulkChange.objects.create(by=by, at=at, changes=[[a.pk, "tags", str(t.pk), None] for a, t in done])


def bulk_undo(*, change: BulkChange, at: datetime, by: Member) -> tuple[int, int]:
    """Put everything back as it was before; returns how many accounts, and how many stay because they were changed
    since. Raises ValidationError for a change undone already.
    """
    locked = BulkChange.objects.select_for_update().get(pk=change.pk)
    if locked.undone_at is not None:
        raise ValidationError(_("This was undone already."))
    accounts = {a.pk: a for a in Account.objects.filter(pk__in=[row[0] for row in locked.changes])}
    accounts_lock(accounts=accounts.values())
    back = sum(_undo(accounts[row[0]], row, at, by) for row in locked.changes if row[0] in accounts)
    locked.undone_at = at
    locked.save(update_fields=["undone_at"])
    return back, len(locked.changes) - back


def _undo(account: Account, row: Sequence[Any], at: datetime, by: Member) -> bool:
    _pk, key, old, new = row
    if key == "tags":
        return _undo_tag(account, old, new, at, by)
    cell = cells().get(key)
    if cell is None or held_texts(accounts=[account], cell=cell)[account.pk] != new:
        return False
    account_change(account=account, values=cell.as_values(cell.read(old) if old else cell.nothing), at=at, by=by)
    return True


def _undo_tag(account: Account, old: str | None, new: str | None, at: datetime, by: Member) -> bool:
    tag = Tag.objects.get(pk=int(old or new or 0))
    if AccountTag.objects.filter(tag=tag, account=account).exists() != (new is not None):
        return False
    if new is not None:
        return bool(tags_remove(accounts=[account], tag=tag, at=at, by=by))
    return bool(tags_add(accounts=[account], name=tag.name, at=at, by=by))
