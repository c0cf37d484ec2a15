"""Reads by what accounts are told apart in reports: segment, CSM, cohort, fit and others."""

# ruff: noqa: S608 - statements are put together from constants of this package only

from collections.abc import Callable
from dataclasses import dataclass
from typing import LiteralString

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import LifecycleStage, Product
from accounts.owners import owners_ever
from accounts.relation import FIT_SQL
from accounts.selectors.handovers import fit_threshold
from renewals.retention import Bridge
from renewals.selectors.ledger import Frame, bridges_get
from tenants.models import Member

Words = Callable[[], Callable[[str], str]]
_ACCOUNT: LiteralString = "JOIN accounts_account a ON a.tenant_id = %(tenant)s AND a.id = c.account_id"
# Of CSMs the one when the period began, as the history keeps it; all else is as it is today.
_CSM: LiteralString = f"""{_ACCOUNT}
LEFT JOIN LATERAL (SELECT h.account_id, h.value FROM accounts_accountfieldhistory h WHERE h.tenant_id = %(tenant)s
    AND h.field = 'csm' AND h.account_id = a.id AND h.at < %(opened)s
    ORDER BY h.at DESC, h.id DESC LIMIT 1) h ON true"""
_SOLD: LiteralString = "LEFT JOIN accounts_handover h ON h.tenant_id = %(tenant)s AND h.account_id = c.account_id"
_FIT: LiteralString = f"LEFT JOIN ({FIT_SQL}) f ON f.account_id = c.account_id"


@dataclass(frozen=True)
class By:
    """One way of telling accounts apart: `group` is SQL over what `join` brings; `words` makes what says its keys;
    `inside`: an account may be in several, told apart as the ledger does.
    """

    label: Promise
    group: LiteralString
    join: LiteralString = ""
    words: Words = lambda: str
    inside: str = ""


def _members() -> Callable[[str], str]:
    names = {str(member.pk): str(member) for member in Member.objects.select_related("user")}
    return lambda key: names.get(key, "")


def _csms() -> Callable[[str], str]:
    names = {str(pk): str(member) for pk, member in owners_ever().items()}
    return lambda key: names.get(key, "")


def _products() -> Callable[[str], str]:
    names = {str(pk): name for pk, name in Product.objects.values_list("id", "name")}
    return lambda key: names.get(key, "")


def _stages() -> Callable[[str], str]:
    return lambda key: str(LifecycleStage(key).label) if key else ""


def _fits() -> Callable[[str], str]:
    threshold = fit_threshold()
    low, high = _("below %(n)d %%") % {"n": threshold}, _("%(n)d %% and more") % {"n": threshold}
    return lambda key: (low if float(key) * 100 < threshold else high) if key else ""


BY: dict[str, By] = {
    "segment": By(gettext_lazy("Segment"), "a.segment", _ACCOUNT),
    "csm": By(gettext_lazy("CSM"), "CASE WHEN h.account_id IS NULL THEN a.csm_id::text ELSE h.value END", _CSM, _csms),
    "industry": By(gettext_lazy("Industry"), "a.industry", _ACCOUNT),
    "product": By(gettext_lazy("Product"), "c.inside", words=_products, inside="product"),
    "currency": By(gettext_lazy("Currency"), "c.inside", inside="currency"),
    "cohort": By(gettext_lazy("Year of the first contract"), "to_char(a.terms_from, 'FMYYYY')", _ACCOUNT),
    "stage": By(gettext_lazy("Stage"), "a.lifecycle_stage", _ACCOUNT, _stages),
    "fit": By(gettext_lazy("Fit"), "f.value::text", _FIT, _fits),
    "salesperson": By(gettext_lazy("Salesperson"), "h.salesperson_id::text", _SOLD, _members),
}


def groups_get(frame: Frame, by: str) -> list[tuple[str, Bridge]]:
    """The bridges of a period by name, those without one last ("")."""
    way = BY[by]
    words, found = way.words(), dict[str, Bridge]()
    for key, bridge in bridges_get(frame, inside=way.inside, group=way.group, join=way.join).items():
        found.setdefault(words(key), Bridge()).merge(bridge)
    return sorted(found.items(), key=lambda pair: (not pair[0], -pair[1].opening, pair[0]))
