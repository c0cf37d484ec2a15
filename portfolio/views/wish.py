"""What the reader of the portfolio asked for: read from the address, completed from their default view."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from django.http import QueryDict
from django.utils.translation import gettext as _

from accounts.models import SavedView, Segment
from accounts.segments.catalogue import catalogue
from accounts.segments.definition import Condition, DefinitionFault, Field, Group, parse
from accounts.segments.words import clauses, fault_text
from accounts.selectors import saved_view_list
from common.table import TableState
from operations.days import day_bounds
from operations.selectors import closed_day
from portfolio.cells import Row
from portfolio.columns import PortfolioColumn, columns_of_day
from portfolio.extra import asked_columns
from portfolio.filters import Filters, renamed
from portfolio.selectors import table as portfolio_table
from portfolio.selectors.travel import Lens
from portfolio.views.day import PageDay, page_day
from tenants.models import Member, Role
from tenants.permissions import TenantRequest

DEFAULT_SORT = "-arr"
NOT_OF_A_VIEW = ("page", "pick", "csrfmiddlewaretoken", "format")
# Holds for no account: what a segment that cannot be read finds.
NOBODY = Group((Condition(Field("name", "", "text", column="a.name"), "empty"),))


@dataclass(frozen=True)
class Wish:
    """What the reader asked for, on which day. `said_groups`: query name, value and words of segments and conditions;
    `faults`: why some cannot be read; `last_day`: the latest day one can go back to.
    """

    shown: PageDay
    table: TableState
    filters: Filters
    views: list[SavedView]
    lens: Lens
    extra: tuple[PortfolioColumn, ...] = ()
    said_groups: tuple[tuple[str, str, str], ...] = ()
    faults: tuple[str, ...] = ()
    last_day: date | None = None

    @property
    def travels(self) -> bool:
        """Whether a past day was asked for."""
        return self.lens.until is not None

    def found(self, member: Member, *, page: int) -> tuple[list[int], portfolio_table.Totals]:
        """`ids` of a page and `totals`. Under a segment they come from one look: its conditions are what costs."""
        if not self.lens.groups:
            return self.ids(member, page=page), self.totals(member)
        size = portfolio_table.PAGE
        return portfolio_table.page_with_totals(
            member=member, filters=self.filters, order=self.table.order, day=self.shown.day, lens=self.lens,
            extra=self.extra, limit=size + 1, offset=(page - 1) * size,
        )  # fmt: skip

    def ids(self, member: Member, *, page: int | None) -> list[int]:
        """The accounts of a page and one more, which tells that there is another; of all pages for None."""
        size = portfolio_table.PAGE
        limit = {"limit": None} if page is None else {"limit": size + 1, "offset": (page - 1) * size}
        return portfolio_table.account_ids(
            member=member, filters=self.filters, order=self.table.order, day=self.shown.day, lens=self.lens,
            extra=self.extra, **limit,
        )  # fmt: skip

    def rows(self, ids: list[int]) -> list[Row]:
        """The rows of these accounts with the chosen columns."""
        chosen = tuple(column for column in self.extra if self.table.shows(column.key))
        return portfolio_table.rows_of(ids=ids, day=self.shown.day, lens=self.lens, extra=chosen)

    def totals(self, member: Member) -> portfolio_table.Totals:
        """The head line."""
        return portfolio_table.totals(member=member, filters=self.filters, day=self.shown.day, lens=self.lens)


def _params(request: TenantRequest, views: list[SavedView]) -> QueryDict:
    """The query asked for; without any, the member's default view, else a CSM's own accounts."""
    params = request.GET if request.method == "GET" else request.POST
    if any(name not in NOT_OF_A_VIEW for name in params):
        return renamed(params.copy())
    own = next((view for view in views if view.is_default and view.owner_id == request.member.pk), None)
    start = own.query if own else ("csm=me" if request.member.role == Role.CSM else "")
    return renamed(QueryDict(start, mutable=True))


def wish_of(request: TenantRequest) -> Wish:
    """Read the address."""
    views = saved_view_list(member=request.member)
    params = _params(request, views)
    for name in NOT_OF_A_VIEW[1:]:
        params.pop(name, None)
    filters = Filters.read(params)
    shown, lens, last_day = _day(request, params)
    groups, said, faults = _groups(filters)
    extra = tuple(asked_columns([*params.getlist("col"), params.get("sort", "").removeprefix("-")]))
    columns = columns_of_day(shown.day, extra=extra)
    table = TableState.read(params, columns, DEFAULT_SORT)
    return Wish(shown, table, filters, views, replace(lens, groups=groups), extra, said, faults, last_day)


def _day(request: TenantRequest, params: QueryDict) -> tuple[PageDay, Lens, date | None]:
    """The day shown, and whether it is a past one: any closed day, as reported unless `basis=known`."""
    shown, zone = page_day(request), request.tenant.timezone
    asked = _past_day(params.get("day", ""))
    last = closed_day(tenant=request.tenant) if asked else None
    if asked is None or last is None or asked > last:
        return shown, Lens(shown.day, zone), last
    until = day_bounds(zone, asked)[1]
    lens = Lens(asked, zone, until=until, reported=params.get("basis") != "known")
    return PageDay(asked, provisional=False, known=True), lens, last


def _past_day(text: str) -> date | None:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if 2000 <= day.year <= 9000 else None


def _groups(filters: Filters) -> tuple[tuple[Group, ...], tuple[tuple[str, str, str], ...], tuple[str, ...]]:
    """The conditions of the segments and of `where`; what cannot be read finds nobody and says why."""
    if not filters.segments and not filters.where:
        return (), (), ()
    fields = catalogue()
    held = {one.pk: one for one in Segment.objects.filter(pk__in=filters.segments, archived_at=None)}
    groups: list[Group] = []
    said: list[tuple[str, str, str]] = []
    faults: list[str] = []
    for pk in filters.segments:
        name = held[pk].name if pk in held else _("a segment that is gone")
        said.append(("segment", str(pk), _("in segment “%(name)s”") % {"name": name}))
        if pk in held:
            groups.append(_read(held[pk].definition, fields, faults))
        else:
            groups.append(NOBODY)
            faults.append(_("The segment in the address does not exist (any more)."))
    if filters.where:
        group = _read(_document(filters.where), fields, faults)
        groups.append(group)
        words = " ".join(_(" and ").join(clauses(group)).split()) if group is not NOBODY else _("cannot be read")
        said.append(("where", filters.where, words))
    return tuple(groups), tuple(said), tuple(faults)


def _document(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def _read(document: Any, fields: Mapping[str, Field], faults: list[str]) -> Group:
    try:
        return parse(document, fields)
    except DefinitionFault as fault:
        faults.append(fault_text(fault))
        return NOBODY
