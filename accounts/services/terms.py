"""Derives ARR, seats, renewal date and contract start from contract lines: their history by day, and the present."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import connection
from django.utils.translation import gettext as _

from accounts.models import Account, AccountTerm
from accounts.models.contracts import OWN_SINCE
from accounts.selectors.contracts import lines_by_account, rates_by_currency, terms_since
from accounts.signals import terms_changed
from accounts.terms import Line, history
from common import formats
from operations.days import local_date
from tenants.models import Tenant
from tenants.scope import current_tenant_id

DERIVED_FIELDS = ("arr", "currency", "seats", "renewal_date", "contract_start")


def terms_refused(*, account: Account, values: Mapping[str, Any], today: date) -> dict[str, str]:
    """Which of the values the account refuses, each with the reason: fields that its contract lines decide.

    The value that a field holds already is no change and not refused. Before the first line starts nothing is.
    """
    if terms_since(account=account, today=today) is None:
        return {}
    return {
        field: _reason(account, values[field])
        for field in DERIVED_FIELDS
        if field in values and values[field] != getattr(account, field)
    }


def _reason(account: Account, value: Any) -> str:
    said = str(value) if value not in (None, "") else _("empty")
    since = formats.day(account.terms_from or OWN_SINCE)
    return _(
        "Since %(since)s this is derived from the account's contract lines, so “%(value)s” was not saved. Change the "
        "lines instead."
    ) % {"since": since, "value": said}


def terms_guard(*, account: Account, values: Mapping[str, Any], at: datetime) -> None:
    """Raise ValidationError, field by field, for values that contract lines decide."""
    if account.terms_from is not None:
        today = local_date(account.tenant.timezone, at)
        if refused := terms_refused(account=account, values=values, today=today):
            raise ValidationError(refused)


def own_fields_keep(*, account: Account) -> None:
    """Remember the account's own fields beside its coming terms: they hold until the first line starts."""
    AccountTerm.objects.filter(account=account, since=OWN_SINCE).update(
        **{field: getattr(account, field) for field in DERIVED_FIELDS}
    )


def terms_refill(*, tenant: Tenant, today: date, account_ids: Sequence[int], tell: bool = True) -> None:
    """Derive the terms of these accounts anew from their lines, and show those of `today` on the accounts.

    Without any line an account takes its own fields back. `tell`: let the rooms above know from which day on seats
    are different (not while a world is built, which has no figures yet).
    """
    accounts = list(Account.objects.filter(pk__in=account_ids).select_for_update().order_by("id"))
    lines, rates = lines_by_account(account_ids), rates_by_currency()
    held = _held(account_ids)
    fresh, firsts = [], {}
    for account in accounts:
        rows = _rows(account, lines.get(account.pk, []), rates, tenant.currency)
        if OWN_SINCE not in {term.since for term in held.get(account.pk, [])} and rows:
            rows.insert(0, _own(account))
        fresh += rows
        if first := _first_difference(held.get(account.pk, []), rows):
            firsts[account.pk] = first
    AccountTerm.objects.filter(account_id__in=account_ids).exclude(since=OWN_SINCE).delete()
    AccountTerm.objects.bulk_create(fresh, batch_size=5000)
    terms_show(today=today, account_ids=account_ids)
    _begin({pk: min(line.start for line in found) for pk, found in lines.items()}, account_ids)
    if tell and firsts:
        terms_changed.send(sender=Account, firsts=firsts)


def _rows(account: Account, lines: Sequence[Line], rates: Mapping[str, Any], currency: str) -> list[AccountTerm]:
    start = min((line.start for line in lines), default=None)
    return [
        AccountTerm(
            tenant_id=account.tenant_id,
            account=account,
            since=since,
            arr=terms.arr,
            currency=currency,
            seats=terms.seats,
            renewal_date=terms.renewal_date,
            contract_start=start,
            lacks=terms.lacks,
        )
        for since, terms in history(lines=lines, rates=rates, currency=currency)
    ]


def _own(account: Account) -> AccountTerm:
    own = {field: getattr(account, field) for field in DERIVED_FIELDS}
    return AccountTerm(tenant_id=account.tenant_id, account=account, since=OWN_SINCE, **own)


def _held(account_ids: Sequence[int]) -> dict[int, list[AccountTerm]]:
    found: dict[int, list[AccountTerm]] = {}
    for term in AccountTerm.objects.filter(account_id__in=account_ids).order_by("since"):
        found.setdefault(term.account_id, []).append(term)
    return found


def _first_difference(held: Sequence[AccountTerm], fresh: Sequence[AccountTerm]) -> date | None:
    """The first day on which the seats of two histories differ."""
    before = {term.since: term.seats for term in held if term.since != OWN_SINCE}
    after = {term.since: term.seats for term in fresh if term.since != OWN_SINCE}
    was = now = None
    for day in sorted({*before, *after}):
        was, now = before.get(day, was), after.get(day, now)
        if was != now:
            return day
    return None


_BEGIN = """
UPDATE accounts_account a SET terms_from = b.start, version = a.version + (a.terms_from IS NULL)::int
FROM unnest(%(ids)s::bigint[], %(starts)s::date[]) AS b (id, start)
WHERE a.tenant_id = %(tenant)s AND a.id = b.id AND a.terms_from IS DISTINCT FROM b.start
"""


def _begin(starts: Mapping[int, date], account_ids: Sequence[int]) -> None:
    """Note from which day on the lines decide; accounts without lines forget that they ever did.

    Who has a form of the account open when its first line comes meets the new values as an edit of somebody else.
    """
    params: dict[str, Any] = {
        "ids": list(account_ids),
        "starts": [starts.get(pk) for pk in account_ids],
        "tenant": current_tenant_id(),
    }
    with connection.cursor() as cursor:
        cursor.execute(_BEGIN, params)
    AccountTerm.objects.filter(account_id__in=[pk for pk in account_ids if pk not in starts]).delete()


# Only rows that say something new are written: the night finds few.
_SHOW = """
UPDATE accounts_account a
SET arr = t.arr, currency = t.currency, seats = t.seats, renewal_date = t.renewal_date,
    contract_start = t.contract_start
FROM (
    SELECT DISTINCT ON (account_id) account_id, arr, currency, seats, renewal_date, contract_start
    FROM accounts_accountterm
    WHERE tenant_id = %(tenant)s AND since <= %(today)s
      AND (%(ids)s::bigint[] IS NULL OR account_id = ANY(%(ids)s::bigint[]))
    ORDER BY account_id, since DESC) t
WHERE a.tenant_id = %(tenant)s AND a.id = t.account_id
  AND (a.arr, a.currency, a.seats, a.renewal_date, a.contract_start)
      IS DISTINCT FROM (t.arr, t.currency, t.seats, t.renewal_date, t.contract_start)
"""


def terms_show(*, today: date, account_ids: Sequence[int] | None = None) -> int:
    """Put the terms of `today` on the accounts (None: all), as the date that passes changes them; returns how many."""
    ids = None if account_ids is None else list(account_ids)
    with connection.cursor() as cursor:
        cursor.execute(_SHOW, {"tenant": current_tenant_id(), "today": today, "ids": ids})
        return int(cursor.rowcount)


def terms_night(*, tenant: Tenant, today: date) -> int:
    """The night's step: show the day that has come; derive anew what was derived in another currency."""
    stale = AccountTerm.objects.exclude(since=OWN_SINCE).exclude(currency=tenant.currency)
    if ids := sorted(set(stale.values_list("account_id", flat=True))):
        terms_refill(tenant=tenant, today=today, account_ids=ids)
    return terms_show(today=today)
