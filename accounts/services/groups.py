"""Which account belongs to which: a parent and its children, of any depth and without circles."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from accounts.models import Account


class CircleError(ValidationError):
    """An account would belong to itself."""


class UnknownParentError(ValidationError):
    """A row names a parent that is no live account."""


def circles_refuse(moves: Mapping[int, int | None]) -> None:
    """Raise CircleError on `parent` where these moves (account → parent) would make an account belong to itself."""
    held: dict[int, int | None] = dict(Account.objects.exclude(parent=None).values_list("pk", "parent_id"))
    held.update(moves)
    for start in moves:
        seen, here = {start}, held.get(start)
        while here is not None and here not in seen:
            seen.add(here)
            here = held.get(here)
        if here is not None:
            said = _("An account cannot belong to itself, nor to one that belongs to it.")
            raise CircleError({"parent": said})


def parent_named(text: str) -> Account | None:
    """The live account that a person means by an external id or a whole name; None for nothing. Raises ValidationError
    where there is none, or where several have the name.
    """
    typed = text.replace("\x00", "").strip()
    if not typed:
        return None
    live = Account.objects.filter(archived_at=None)
    found = list(live.filter(external_id=typed)) or list(live.filter(name=typed)[:2])
    if len(found) == 1:
        return found[0]
    if found:
        raise ValidationError(_("Several accounts are called so. Write the external id."))
    raise ValidationError(_("No account has this external id or name."))


def parents_by_id(rows: Iterable[Mapping[str, Any]], held: Mapping[str, Account]) -> dict[str, Account]:
    """The accounts that rows name as parents, by external id: held ones, new ones of the same list among them, and
    others. Raises UnknownParentError where one is not there.
    """
    wanted = {str(row["parent_external_id"]) for row in rows if row.get("parent_external_id")}
    found = {key: held[key] for key in wanted & held.keys()}
    others = Account.objects.filter(external_id__in=wanted - found.keys(), archived_at=None)
    found.update({account.external_id: account for account in others})
    if missing := sorted(wanted - found.keys()):
        said = _("No live account has the external id “%(id)s”.") % {"id": missing[0][:80]}
        raise UnknownParentError({"parent_external_id": said})
    return found
