"""Reads by what accounts are told apart in reports: segment, CSM, cohort, fit and others."""

from collections.abc import Callable, Mapping
from datetime import date
from fractions import Fraction

from django.db.models import F
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.fit import is_poor
from accounts.models import Account, Handover, LifecycleStage, Product
from accounts.owners import owners_ever
from accounts.past import Pair
from accounts.selectors.handovers import fit_facts, fit_threshold
from accounts.selectors.past import field_past
from operations.days import first_instant
from tenants.models import Member, Tenant

BY = {
    "segment": gettext_lazy("Segment"),
    "csm": gettext_lazy("CSM"),
    "industry": gettext_lazy("Industry"),
    "product": gettext_lazy("Product"),
    "currency": gettext_lazy("Currency"),
    "cohort": gettext_lazy("Year of the first contract"),
    "stage": gettext_lazy("Stage"),
    "fit": gettext_lazy("Fit"),
    "salesperson": gettext_lazy("Salesperson"),
}
INSIDE = ("product", "currency")  # an account may be in several of them


def group_labels(*, by: str, ids: list[int], tenant: Tenant, day: date) -> Callable[[int, str], str]:
    """What the group of an account, and of a key in it, is called; "" where it has none.

    CSMs are those of the period's first `day`, as the history keeps them; all else is as it is today.
    """
    if by == "product":
        names = {str(pk): name for pk, name in Product.objects.values_list("id", "name")}
        return lambda _account, key: names.get(key, "")
    if by == "currency":
        return lambda _account, key: key
    found = _READERS[by](ids, tenant, day)
    return lambda account, _key: found.get(account, "")


def _field(field: str) -> Callable[[list[int], Tenant, date], Mapping[int, str]]:
    return lambda ids, _tenant, _day: dict(Account.objects.filter(pk__in=ids).values_list("id", field))


def _stages(ids: list[int], _tenant: Tenant, _day: date) -> Mapping[int, str]:
    held = Account.objects.filter(pk__in=ids).values_list("id", "lifecycle_stage")
    return {pk: str(LifecycleStage(stage).label) if stage else "" for pk, stage in held}


def _csms(ids: list[int], tenant: Tenant, day: date) -> Mapping[int, str]:
    names = {pk: str(member) for pk, member in owners_ever().items()}
    now = dict(Account.objects.filter(pk__in=ids).values_list("id", "csm_id"))
    until = first_instant(tenant.timezone, day)
    pairs = [Pair(account, day, until) for account in ids]
    then = field_past("csm", pairs)
    return {pk: names.get(int(was) if was else now[pk] or 0, "") for pk, was in zip(ids, then, strict=True)}


def _cohorts(ids: list[int], _tenant: Tenant, _day: date) -> Mapping[int, str]:
    starts = Account.objects.filter(pk__in=ids).values_list("id", "terms_from")
    return {pk: str(start.year) if start else "" for pk, start in starts}


def _fits(ids: list[int], _tenant: Tenant, day: date) -> Mapping[int, str]:
    threshold = fit_threshold()
    fits = fit_facts(day, ids)["fit_score"]
    words = {True: _("below %(n)d %%") % {"n": threshold}, False: _("%(n)d %% and more") % {"n": threshold}}
    return {pk: words[is_poor(Fraction(fit), threshold)] for pk, fit in fits.items() if fit is not None}


def _salespeople(ids: list[int], _tenant: Tenant, _day: date) -> Mapping[int, str]:
    names = {member.pk: str(member) for member in Member.objects.select_related("user")}
    sold = Handover.objects.filter(account__in=ids).exclude(salesperson=None)
    return {pk: names[person] for pk, person in sold.values_list("account_id", F("salesperson_id"))}


_READERS = {
    "segment": _field("segment"),
    "industry": _field("industry"),
    "csm": _csms,
    "cohort": _cohorts,
    "stage": _stages,
    "fit": _fits,
    "salesperson": _salespeople,
}
