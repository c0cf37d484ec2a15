"""Reads what a person has put aside on Today."""

from collections.abc import Sequence
from datetime import date

from accounts.models import Aside
from tenants.models import Member


def asides_of(*, member: Member, today: date, account_ids: Sequence[int] | None = None) -> dict[tuple[int, str], date]:
    """Until when which reason is put aside, by account and key; what is due again is left out."""
    found = Aside.objects.filter(member=member, until__gt=today)
    if account_ids is not None:
        found = found.filter(account__in=account_ids)
    return {(account, key): until for account, key, until in found.values_list("account_id", "key", "until")}
