"""Where ids of this room hide outside of references, for a tenant that moves to another installation."""

import re

from accounts.models import Account, Contact, Mailbox, SavedView, SearchToken, Touch
from tenants.models import Member
from tenants.transfer import Shifts

_CSM = re.compile(r"(?<=csm=)\d+")


def found_id_sql(shifts: Shifts) -> str:
    """The object of a search token, by its kind."""
    kinds = {
        SearchToken.Kind.ACCOUNT: shifts(Account._meta.db_table),
        SearchToken.Kind.CONTACT: shifts(Contact._meta.db_table),
        SearchToken.Kind.TOUCH: shifts(Touch._meta.db_table),
    }
    cases = " ".join(f"WHEN '{kind}' THEN {by:d}" for kind, by in kinds.items())
    return f"object_id + CASE kind {cases} END"


def saved_views_shift(shifts: Shifts) -> None:
    """Members named in the addresses of saved views."""
    members = shifts(Member._meta.db_table)
    views = list(SavedView.objects.all())
    for view in views:
        view.query = _CSM.sub(lambda found: str(int(found[0]) + members), view.query)
    SavedView.objects.bulk_update(views, ["query"], batch_size=500)


def mailboxes_forget(_shifts: Shifts) -> None:
    """Mail-in addresses open doors of one installation only; they are made anew when they are asked for."""
    Mailbox.objects.all().delete()
