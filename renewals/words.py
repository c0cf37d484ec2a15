"""How retention figures are said: labels, printed definitions, rows of tables, the bridge as a chart."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from common import formats
from renewals.cohorts import Cohort
from renewals.due import Renewals
from renewals.retention import Bridge, Customer, Kind, Summed, bridge_of, kind_of, ratio
from renewals.selectors import Retention

PERIODS: dict[str, Promise] = {
    "year": gettext_lazy("12 months"),
    "quarter": gettext_lazy("This quarter"),
    "last_quarter": gettext_lazy("Last quarter"),
    "this_year": gettext_lazy("This year"),
    "last_year": gettext_lazy("Last year"),
}
KINDS: dict[Kind, Promise] = {
    Kind.NEW: pgettext_lazy("ARR", "New"),
    Kind.REACTIVATION: pgettext_lazy("ARR", "Reactivation"),
    Kind.EXPANSION: pgettext_lazy("ARR", "Expansion"),
    Kind.CONTRACTION: pgettext_lazy("ARR", "Contraction"),
    Kind.CHURN: pgettext_lazy("ARR", "Churn"),
    Kind.STEADY: pgettext_lazy("ARR", "Unchanged"),
}
MEANINGS: dict[Kind, Promise] = {
    Kind.NEW: gettext_lazy(
        "Accounts without ARR on the first day and on any day before it, at the rates of the first day."
    ),
    Kind.REACTIVATION: gettext_lazy("Accounts that had been lost before the first day and have ARR again on the last."),
    Kind.EXPANSION: gettext_lazy("Accounts that pay more on the last day than on the first; price rises are among it."),
    Kind.CONTRACTION: gettext_lazy(
        "Accounts that pay less on the last day than on the first; price cuts are among it."
    ),
    Kind.CHURN: gettext_lazy(
        "Accounts with ARR on the first day and none on the last; lost and back in between cancels out."
    ),
}
ORDER = (Kind.NEW, Kind.REACTIVATION, Kind.EXPANSION, Kind.CONTRACTION, Kind.CHURN)
MOVED_HEADS = (
    gettext_lazy("ARR on the first day"),
    gettext_lazy("on the last day, at the first day's rates"),
    gettext_lazy("on the last day"),
)
GROUP_HEADS: dict[str, Promise] = {
    "opening": gettext_lazy("Opening"),
    **{kind.value: KINDS[kind] for kind in ORDER},
    "currency": gettext_lazy("Exchange rates"),
    "closing": gettext_lazy("Closing"),
}


def money(cents: int) -> Decimal:
    """Whole cents as an amount."""
    return Decimal(cents) / 100


def decimal(share: Fraction | None, digits: int = 6) -> Decimal | None:
    """An exact share as a decimal, half up."""
    return None if share is None else formats.rounded(Decimal(share.numerator) / Decimal(share.denominator), digits)


@dataclass(frozen=True)
class Figure:
    """A figure on top of the page: what it is called, its value and kind, its definition, and what stands beside it."""

    label: str
    definition: str
    value: Decimal | None
    kind: str = "percent"
    digits: int = 1
    beside: str = ""


def figures(found: Retention) -> list[Figure]:
    """The rates of a period, each with its printed definition."""
    bridge, due = found.bridge, found.renewals
    return [
        Figure(
            _("NRR"),
            _(
                "ARR on the last day of the accounts that had ARR on the first ÷ their ARR on the first, "
                "at the first day's exchange rates. New and reactivated accounts do not count."
            ),
            decimal(bridge.nrr),
            beside=_("net revenue retention"),
        ),
        Figure(
            _("GRR"),
            _(
                "The smaller of the ARR on the last and on the first day, summed over the accounts that "
                "had ARR on the first ÷ their ARR on the first. Growth never makes up for losses, so it "
                "is never above 100 %."
            ),
            decimal(bridge.grr),
            beside=_("gross revenue retention"),
        ),
        Figure(
            _("Logo renewal rate"),
            _(
                "Accounts with a contract due of which at least one was renewed ÷ accounts with a "
                "contract due. A contract is due in the period in which its last day lies."
            ),
            decimal(due.logo_rate),
            beside=_("%(part)s of %(whole)s accounts")
            % {"part": formats.number(due.customers_renewed), "whole": formats.number(due.customers)},
        ),
        Figure(
            _("Revenue renewal rate"),
            _(
                "Renewed ARR, of each contract at most what was due ÷ ARR due. What is undecided stays in "
                "the denominator."
            ),
            decimal(due.revenue_rate),
            beside=_("with what grew %(rate)s") % {"rate": _percent(due.revenue_rate_uncapped)},
        ),
        Figure(
            _("Logo churn"),
            _("Accounts with ARR on the first day and none on the last ÷ accounts with ARR on the first."),
            decimal(bridge.logo_churn),
            beside=_("%(part)s of %(whole)s accounts")
            % {"part": formats.number(bridge.logos[Kind.CHURN]), "whole": formats.number(bridge.customers)},
        ),
        Figure(
            _("Quick ratio"),
            _("New, expanded and reactivated ARR ÷ churned and contracted ARR; not defined when nothing was lost."),
            decimal(bridge.quick_ratio),
            "number",
            2,
            beside=_("gained ÷ lost"),
        ),
        Figure(
            _("LTV"),
            _(
                "Average ARR of an account × gross margin ÷ the share of ARR that churns and contracts in a year; not "
                "defined when nothing was lost."
            ),
            None if found.lifetime_value is None else decimal(found.lifetime_value / 100, 2),
            "money_short",
            beside=_margin(found),
        ),
    ]


def _percent(share: Fraction | None) -> str:
    return "–" if share is None else formats.percent(decimal(share) or 0, 1)


def _margin(found: Retention) -> str:
    if found.setting.gross_margin is None:
        return _("no gross margin is set: counted with 100 %")
    return _("at %(margin)s gross margin") % {"margin": formats.percent(found.setting.gross_margin / 100, 1)}


@dataclass(frozen=True)
class BridgeRow:
    """A row of the bridge: its amount, how many accounts, and the address key of the accounts behind it."""

    label: str
    definition: str
    amount: Decimal
    logos: int | None = None
    kind: str | None = None
    part: bool = False
    total: bool = False


def bridge_rows(bridge: Bridge) -> list[BridgeRow]:
    """From opening to closing, each movement with its part of prices where it has one."""
    rows = [
        BridgeRow(_("Opening ARR"), _("ARR on the first day."), money(bridge.opening), bridge.customers, "", total=True)
    ]
    for kind in ORDER:
        rows.append(
            BridgeRow(str(KINDS[kind]), str(MEANINGS[kind]), money(bridge.moved[kind]), bridge.logos[kind], kind.value)
        )
        if bridge.price.get(kind):
            said = _(
                "For products sold by the seat on both days: seats on the last day × the change of the price per seat."
            )
            rows.append(BridgeRow(_("of it prices"), said, money(bridge.price[kind]), part=True))
    said = _("The same contracts at the last day's rates less at the first day's; outside of NRR and GRR.")
    rows.append(BridgeRow(_("Exchange rates"), said, money(bridge.currency)))
    closing = BridgeRow(
        _("Closing ARR"), _("ARR on the last day."), money(bridge.closing), bridge.customers_after, "", total=True
    )
    return [*rows, closing]


def bridge_figure(bridge: Bridge, currency: str) -> dict[str, Any]:
    """The bridge as a waterfall."""
    names = [_("Opening"), *(str(KINDS[kind]) for kind in ORDER), _("Exchange rates"), _("Closing")]
    steps = [bridge.opening, *(bridge.moved[kind] for kind in ORDER), bridge.currency, bridge.closing]
    bars = {
        "type": "waterfall",
        "x": names,
        "y": [cents / 100 for cents in steps],
        "measure": ["absolute", *["relative"] * (len(ORDER) + 1), "total"],
        "text": [formats.money_short(money(cents), currency) for cents in steps],
        "textposition": "outside",
        "cliponaxis": False,
        "increasing": {"marker": {"color": "--good"}},
        "decreasing": {"marker": {"color": "--bad"}},
        "totals": {"marker": {"color": "--accent"}},
        "connector": {"line": {"width": 1, "color": "--line-strong"}},
    }
    layout = {
        "showlegend": False,
        "yaxis": {"rangemode": "tozero", "showticklabels": False},
        "margin": {"t": 24, "r": 8, "b": 32, "l": 48},
    }
    return {"data": [bars], "layout": layout}


def bridge_words(bridge: Bridge, currency: str) -> str:
    """What the bridge shows, in a sentence."""
    return _("From %(opening)s to %(closing)s: %(gained)s gained, %(lost)s lost.") % {
        "opening": formats.money_short(money(bridge.opening), currency),
        "closing": formats.money_short(money(bridge.closing), currency),
        "gained": formats.money_short(money(bridge.gained), currency),
        "lost": formats.money_short(money(bridge.lost), currency),
    }


def group_amounts(bridge: Bridge) -> list[Decimal]:
    """Opening, movements, exchange rates, closing."""
    steps = [bridge.opening, *(bridge.moved[kind] for kind in ORDER), bridge.currency, bridge.closing]
    return [money(cents) for cents in steps]


def group_cells(bridge: Bridge) -> dict[str, Any]:
    """A group's row: accounts, amounts, rates."""
    return {
        "customers": bridge.customers,
        "opening": money(bridge.opening),
        "gained": money(bridge.moved[Kind.NEW] + bridge.moved[Kind.REACTIVATION]),
        "expansion": money(bridge.moved[Kind.EXPANSION]),
        "lost": money(-bridge.lost),
        "closing": money(bridge.closing),
        "grr": decimal(bridge.grr),
        "nrr": decimal(bridge.nrr),
    }


def due_rows(due: Renewals) -> list[tuple[str, int, Decimal, Decimal | None]]:
    """The contracts due by what became of them: words, how many, ARR due, ARR renewed."""
    parts = (
        (_("Renewed"), [one for one in due.contracts if one.renewed]),
        (_("Undecided, within the days of grace"), [one for one in due.contracts if one.pending and not one.renewed]),
        (_("Lost"), [one for one in due.contracts if not one.renewed and not one.pending]),
    )
    rows: list[tuple[str, int, Decimal, Decimal | None]] = [
        (word, len(found), money(sum(one.due for one in found)), money(sum(one.renewed_arr for one in found)))
        for word, found in parts
    ]
    return [*rows, (_("All due"), len(due.contracts), money(due.due), money(due.renewed_arr))]


def moved_cells(one: Customer) -> list[Decimal]:
    """ARR on the first day, on the last at the first day's rates, and on the last."""
    return [money(one.opening), money(one.kept), money(one.closing)]


def moved_total(customers: Iterable[Customer]) -> dict[str, Any]:
    """The sums below the accounts behind a figure."""
    bridge = bridge_of(customers)
    kept = sum(bridge.moved.values()) + bridge.opening
    return {
        "cells": [money(bridge.opening), money(kept), money(bridge.closing)],
        "change": money(sum(bridge.moved.values())),
        "currency": money(bridge.currency),
    }


def rivals(found: Retention, summed: Summed) -> list[tuple[str, str, Decimal | None, Decimal | None]]:
    """Other definitions of the same words: name, definition, our value, theirs."""
    bridge, due = found.bridge, found.renewals
    gross = ratio(bridge.opening - summed.churned(), bridge.opening)
    net = ratio(
        bridge.opening + sum(summed.moved[kind] for kind in (Kind.EXPANSION, Kind.CONTRACTION, Kind.CHURN)),
        bridge.opening,
    )
    return [
        (
            _("GRR, movements summed"),
            _(
                "Opening ARR less every day's churn and contraction ÷ opening ARR. What was lost and won back "
                "counts as lost; losses of accounts won in the period count too."
            ),
            decimal(bridge.grr),
            decimal(gross),
        ),
        (
            _("NRR, movements summed"),
            _(
                "Opening ARR with every day's expansion, contraction and churn ÷ opening ARR, those of "
                "accounts won in the period among them."
            ),
            decimal(bridge.nrr),
            decimal(net),
        ),
        (
            _("NRR with reactivation"),
            _("Accounts lost before the first day and back on the last count as kept."),
            decimal(bridge.nrr),
            decimal(bridge.nrr_with_reactivation),
        ),
        (
            _("NRR on the renewal base"),
            _(
                "Renewed ARR, with what grew ÷ ARR of the contracts due: accounts with nothing due in the "
                "period are left out."
            ),
            decimal(bridge.nrr),
            decimal(due.revenue_rate_uncapped),
        ),
        (
            _("Logo renewal by contracts"),
            _("Contracts renewed ÷ contracts due, instead of accounts."),
            decimal(due.logo_rate),
            decimal(due.contract_rate),
        ),
    ]


def rival_rows(bridge: Bridge, summed: Summed) -> list[tuple[str, Decimal, Decimal, Decimal]]:
    """Each movement netted over the period, summed by day, and the difference."""
    return [
        (
            str(KINDS[kind]),
            money(bridge.moved[kind]),
            money(summed.moved[kind]),
            money(summed.moved[kind] - bridge.moved[kind]),
        )
        for kind in ORDER
    ]


def apart(
    rows: Sequence[tuple[int, str, Customer]], summed: Summed, most: int = 20
) -> list[tuple[int, list[tuple[str, Decimal]]]]:
    """The accounts that the two definitions count differently, the largest difference first, with their parts."""
    netted: Mapping[int, Customer] = {account: one for account, _key, one in rows}
    found = []
    for account, steps in summed.steps.items():
        parts = dict.fromkeys(Kind, 0)
        for step in steps:
            parts[kind_of(step.opening, step.kept, before=step.before)] += step.kept - step.opening
        if one := netted.get(account):
            parts[kind_of(one.opening, one.kept, before=one.before)] -= one.kept - one.opening
        told = [(str(KINDS[kind]), money(cents)) for kind, cents in parts.items() if cents]
        if told:
            found.append((sum(abs(amount) for _word, amount in told), account, told))
    found.sort(key=lambda row: (-row[0], row[1]))
    return [(account, told) for _size, account, told in found[:most]]


def cohort_row(cohort: Cohort, of: str) -> tuple[str, int, Decimal, list[tuple[str, str, str]]]:
    """A cohort's row: its quarter, customers and ARR at its end, and a cell (class, share, title) per quarter after."""
    shares = cohort.logos_left if of == "logos" else cohort.arr_left
    cells = [
        (_step(share), _percent(share), f"{formats.number(count)} · {formats.number(money(arr))}")
        for share, arr, count in zip(shares, cohort.arr, cohort.logos, strict=True)
    ]
    quarter = _("%(year)s Q%(quarter)s") % {"year": cohort.start.year, "quarter": (cohort.start.month + 2) // 3}
    return quarter, cohort.logos[0], money(cohort.arr[0]), cells


STEPS = (Fraction(50, 100), Fraction(70, 100), Fraction(85, 100), Fraction(1))


def _step(share: Fraction | None) -> str:
    """The class of a cohort's cell: nothing left, then below 50, 70, 85 and 100 per cent, then all or more."""
    if share is None:
        return "off"
    return f"h{1 + sum(share >= edge for edge in STEPS) if share else 0}"
