"""Tables that are worked with: columns, sorting and choosing them, and the filters said as a sentence.

A page declares its `Column`s once, reads the reader's wishes with `TableState.read`, hands `state.order` to its
selector and the state to `{% table_head %}`, `{% says %}` and `{% column_menu %}`.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from django.http import QueryDict
from django.utils.functional import Promise

Text = str | Promise


@dataclass(frozen=True)
class Column:
    """One column. `priority` 1 always shows; 2, 3 and 4 give way as the table narrows.

    `definition` and `window` are the exact text shown beside the label; `default` columns show until chosen off.
    """

    key: str
    label: Text
    numeric: bool = False
    sortable: bool = True
    priority: int = 1
    default: bool = True
    fixed: bool = False
    definition: Text = ""
    window: Text = ""

    @property
    def css(self) -> str:
        """Class names that its header and cells share."""
        return " ".join(([] if self.priority == 1 else [f"p{self.priority}"]) + (["n"] if self.numeric else []))


@dataclass(frozen=True)
class Chip:
    """One condition of the sentence; `drop_url` takes it out."""

    text: Text
    drop_url: str = ""


@dataclass(frozen=True)
class HeadCell:
    """A column header made ready: where a click sorts, and how it is sorted now."""

    column: Column
    href: str
    aria_sort: str


@dataclass(frozen=True)
class TableState:
    """What the reader asked for: sort key and direction, chosen columns, and the query it came from."""

    params: QueryDict
    columns: tuple[Column, ...]
    sort: str
    descending: bool
    chosen: frozenset[str] = field(default_factory=frozenset)

    @classmethod
    def read(cls, params: QueryDict, columns: Sequence[Column], default_sort: str) -> "TableState":
        """Read `sort=-arr` and `col=arr&col=health`; columns stand in the order asked for, unknown names fall back to
        the defaults.
        """
        sortable = {column.key for column in columns if column.sortable}
        asked = params.get("sort", "")
        sort = asked if asked.removeprefix("-") in sortable else default_sort
        known = {column.key for column in columns}
        asked_for = [key for key in dict.fromkeys(params.getlist("col")) if key in known]
        chosen = frozenset(asked_for) or frozenset(column.key for column in columns if column.default)
        place = {key: number for number, key in enumerate(asked_for)}
        ordered = sorted(columns, key=lambda column: -1 if column.fixed else place.get(column.key, len(place)))
        return cls(params, tuple(ordered), sort.removeprefix("-"), sort.startswith("-"), chosen)

    @property
    def order(self) -> str:
        """The sort as one word, "-arr" for descending."""
        return ("-" if self.descending else "") + self.sort

    @property
    def visible(self) -> list[Column]:
        """The columns to show: fixed ones always and first, then as asked for, else in their declared order."""
        return [column for column in self.columns if column.fixed or column.key in self.chosen]

    def shows(self, key: str) -> bool:
        """Whether the column is shown."""
        return any(column.key == key for column in self.visible)

    def url(self, **changes: object) -> str:
        """This page's query with changes; None takes a name out. Paging never survives a change."""
        params = self.params.copy()
        for name in ("page", "cursor"):
            params.pop(name, None)
        for name, value in changes.items():
            params.pop(name, None)
            if isinstance(value, list | tuple):
                params.setlist(name, [str(item) for item in value])
            elif value is not None:
                params[name] = str(value)
        return "?" + params.urlencode()

    def without(self, name: str, value: str) -> str:
        """This page's query with one value of a repeated name taken out."""
        return self.url(**{name: [item for item in self.params.getlist(name) if item != value]})

    def head(self) -> list[HeadCell]:
        """The header cells of the visible columns. Numbers sort largest first on the first click."""
        cells = []
        for column in self.visible:
            current = column.key == self.sort
            descending = not self.descending if current else column.numeric
            href = self.url(sort=("-" if descending else "") + column.key) if column.sortable else ""
            said = ("descending" if self.descending else "ascending") if current else ""
            cells.append(HeadCell(column, href, said))
        return cells

    @property
    def sort_label(self) -> Text:
        """The words of the column sorted by."""
        return next((column.label for column in self.columns if column.key == self.sort), self.sort)

    @property
    def carried(self) -> list[tuple[str, str]]:
        """Query pairs a column form must carry along as hidden fields."""
        left_out = ("col", "page", "cursor")
        return [(name, value) for name, values in self.params.lists() if name not in left_out for value in values]

    @property
    def carried_all(self) -> list[tuple[str, str]]:
        """All query pairs but the page, for a form that changes some of them."""
        return [(n, value) for n, values in self.params.lists() if n not in ("page", "cursor") for value in values]
