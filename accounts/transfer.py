"""Where ids of this room hide outside of references, for a tenant that moves to another installation."""

import re

from accounts.models import Account, Contact, SavedView, SearchToken
from tenants.models import Member
from tenants.transfer import Shifts

_CSM = re.compile(r"(?<=csm=)\d+")


def found_id_sql(shifts: Shifts) -> str:
    """The object of a search token, by its kind."""
    account, contact = shifts(Account._meta.db_table), shifts(Contact._meta.db_table)
    return f"object_id + CASE kind WHEN '{SearchToken.Kind.ACCOUNT}' THEN {account:d} ELSE {contact:d} END"


def saved_views_shift(shifts: Shifts) -> None:
    """Members named in the addresses of saved views."""
    members = shifts(Member._meta.db_table)
    views = list(SavedView.objects.all())
    for view in views:
        view.query = _CSM.sub(lambda found: str(int(found[0]) + members), view.query)
    SavedView.objects.bulk_update(views, ["query"], batch_size=500)
