"""Writes saved views and search tokens."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import connection
from django.utils.translation import gettext as _

from accounts.models import Account, Contact, SavedView, SearchToken, Touch
from accounts.tokens import name_key as name_key
from accounts.tokens import note_tokens, tokens
from tenants.models import Member
from tenants.scope import current_tenant_id
from tenants.services import audit_add


def search_fill(
    *, accounts: Iterable[Account] = (), contacts: Iterable[Contact] = (), touches: Iterable[Touch] = ()
) -> None:
    """Write anew by which letters these accounts, contacts and touches are found.

    Callers of `bulk_create` call this too.
    """
    _tokens_fill(
        SearchToken.Kind.ACCOUNT, {one.pk: tokens([one.name, one.external_id], one.name_key) for one in accounts}
    )
    _tokens_fill(SearchToken.Kind.CONTACT, {one.pk: tokens([one.name], name_key(one.name)) for one in contacts})
    _tokens_fill(SearchToken.Kind.TOUCH, {one.pk: note_tokens([one.note]) for one in touches})


def _tokens_fill(kind: str, wanted: Mapping[int, Iterable[str]]) -> None:
    if not wanted:
        return
    SearchToken.objects.filter(kind=kind, object_id__in=list(wanted)).delete()
    pairs = [(pk, token) for pk, found in wanted.items() for token in found]
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO accounts_searchtoken (tenant_id, kind, object_id, token)"
            " SELECT %s, %s, * FROM unnest(%s::bigint[], %s::text[])",
            [current_tenant_id(), kind, [pk for pk, _token in pairs], [token for _pk, token in pairs]],
        )


def saved_view_save(
    *, member: Member, name: str, query: str, is_shared: bool, is_default: bool, at: datetime
) -> SavedView:
    """Save the state of the table under a name; the same name again replaces it. One default per member."""
    if is_default:
        SavedView.objects.filter(owner=member, is_default=True).update(is_default=False)
    view, _created = SavedView.objects.update_or_create(
        owner=member,
        name=name,
        defaults={"query": query, "is_shared": is_shared, "is_default": is_default},
        create_defaults={"query": query, "is_shared": is_shared, "is_default": is_default, "created_at": at},
    )
    return view


def saved_view_change(
    *, view: SavedView, name: str, is_shared: bool, is_default: bool, at: datetime, by: Member
) -> None:
    """Rename an own view, share it or not, make it the default; raises ValidationError for a name that is taken."""
    if view.owner_id != by.pk:
        raise ValidationError(_("Only its owner can change a view."))
    if SavedView.objects.filter(owner=by, name=name).exclude(pk=view.pk).exists():
        raise ValidationError(_("Another view of yours has this name."))
    if is_default:
        SavedView.objects.filter(owner=by, is_default=True).update(is_default=False)
    changes = {"name": [view.name, name]} if view.name != name else {}
    view.name, view.is_shared, view.is_default = name, is_shared, is_default
    view.save()
    audit_add(actor=by, action="change", target=view, at=at, changes=changes)


def saved_view_delete(*, view: SavedView, at: datetime, by: Member) -> None:
    """Delete an own view."""
    if view.owner_id != by.pk:
        raise ValidationError(_("Only its owner can delete a view."))
    audit_add(actor=by, action="delete", target=view, at=at)
    view.delete()
