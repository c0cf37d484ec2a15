"""The rows of the portfolio as HTML."""

from collections.abc import Callable
from typing import Any

from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from common.table import TableState
from portfolio.cells import Row
from portfolio.columns import PortfolioColumn

MORE_CSS = {"why": " why", "health": " nowrap", "csm": " nowrap"}
HEAD = """<tr data-href="{here}" data-peek="{peek}" data-pk="{pk}">
<td class="pick-cell"><label><input class="pick" type="checkbox" value="{pk}" aria-label="{select}"></label></td>
<td class="who"><a href="{here}">{name}</a>{about}</td>
"""


def row_writer(
    table: TableState, slug: str, *, editable: bool = False, assigns: bool = False, travels: bool = False
) -> Callable[[Row], SafeString]:
    """A function that writes a row with the columns shown, in the active language.

    One pattern serves the page and is filled per row, every value escaped: a template with a loop over cells takes
    longer than all the page's queries, and so does reversing two addresses per row. `editable`: the reader may type
    into cells, into the CSM's only where they `assign` accounts. `travels`: a past day is shown, so
    columns that know only today are greyed.
    """
    columns: list[Any] = table.visible
    about, cells = columns[0].cell, [column.cell for column in columns[1:]]
    tags = (_cell_tag(one, editable and (assigns or one.edit != "csm"), travels) for one in columns[1:])
    pattern = HEAD + "".join(tags) + "</tr>"
    select, here, peek = _("Select %(name)s"), _address("account", slug), _address("portfolio_peek", slug)

    def write(row: Row) -> SafeString:
        account = row.account
        return format_html(
            pattern,
            *[cell(row) for cell in cells],
            here=here % account.pk,
            peek=peek % account.pk,
            pk=str(account.pk),
            select=select % {"name": account.name},
            name=account.name,
            about=about(row),
        )

    return write


def _cell_tag(column: PortfolioColumn, editable: bool, travels: bool) -> str:
    css = column.css + MORE_CSS.get(column.key, "") + (" as-today" if travels and not column.dated else "")
    edit = f' data-edit="{column.edit}"' if editable and column.edit else ""
    return f'<td class="{css}"{edit}>{{}}</td>' if css else f"<td{edit}>{{}}</td>"


def _address(name: str, slug: str) -> str:
    """The address of a page per account, with %d for the account's id."""
    before, _sign, after = reverse(name, args=[slug, 0]).replace("%", "%%").rpartition("/0/")
    return f"{before}/%d/{after}"
