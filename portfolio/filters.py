"""What the reader of the portfolio asks for: read from the query string, said as a sentence, never trusted further.

Pure: the parsed wish is handed to the selector, which compiles it to SQL.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import LifecycleStage
from common.components import BAND_WORDS
from common.table import Chip, TableState

MANY = ("csm", "band", "segment_field", "industry", "stage", "segment")
NAMES = (*MANY, "parent", "renewal", "silent", "q", "where")
LONGEST_WHERE = 4000
LONGEST_SEARCH = 100


@dataclass(frozen=True)
class Filters:
    """The conditions. Values of one name are alternatives; names are joined by "and".

    `segment` holds values of the account's field of that name, `segments` the ids of segments, `where` a definition
    of conditions as JSON (see `accounts.segments.definition`). `csm` holds member ids and "none"; `renewal` is within
    n days from the day shown, `silent` more than n days. `parent` is the id of an account: it and those directly below.
    """

    csm: tuple[str, ...] = ()
    band: tuple[str, ...] = ()
    segment: tuple[str, ...] = ()
    industry: tuple[str, ...] = ()
    stage: tuple[str, ...] = ()
    renewal: int | None = None
    silent: int | None = None
    q: str = ""
    segments: tuple[int, ...] = ()
    where: str = ""
    parent: int | None = None
    words: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def read(cls, params: QueryDict) -> "Filters":
        """Read a query string; what makes no sense is left out."""
        said = {name: [v for v in params.getlist(name) if v and v != "all" and "\x00" not in v] for name in MANY}
        many = {name: tuple(dict.fromkeys(values)) for name, values in said.items()}
        many["csm"] = tuple(v for v in many["csm"] if v in ("me", "none") or _whole(v) is not None)
        many["band"] = tuple(v for v in many["band"] if v in BAND_WORDS)
        many["stage"] = tuple(v for v in many["stage"] if v in LifecycleStage.values)
        clean = params.get("q", "").replace("\x00", "").strip()[:LONGEST_SEARCH]
        days = {name: _whole(params.get(name)) for name in ("renewal", "silent")}
        return cls(
            csm=many["csm"],
            band=many["band"],
            stage=many["stage"],
            segment=many["segment_field"],
            segments=tuple(int(v) for v in many["segment"] if _whole(v) is not None),
            where=params.get("where", "").replace("\x00", "")[:LONGEST_WHERE],
            industry=many["industry"],
            parent=_whole(params.get("parent")),
            renewal=days["renewal"],
            silent=days["silent"],
            q=clean,
        )


def renamed(params: QueryDict) -> QueryDict:
    """The query with `segment=<text>`, as older addresses ask for values of the field, under its present name."""
    old = [value for value in params.getlist("segment") if _whole(value) is None]
    if old:
        params.setlist("segment", [value for value in params.getlist("segment") if value not in old])
        params.setlist("segment_field", [*params.getlist("segment_field"), *old])
        if not params.getlist("segment"):
            del params["segment"]
    return params


def _whole(text: str | None) -> int | None:
    """A whole number from 0 to nine digits, else None."""
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 10 else None


def chips(
    filters: Filters, table: TableState, csm_names: Mapping[str, str], said_groups: Sequence[tuple[str, str, str]] = ()
) -> list[Chip]:
    """The conditions as parts of a sentence, each with the address without it.

    `said_groups`: of segments and free conditions the query's name, its value, and the words.
    """
    stages, bands = dict(LifecycleStage.choices), BAND_WORDS
    found = [
        ("csm", _("CSM is %(value)s"), [csm_names.get(value, value) for value in filters.csm]),
        ("band", _("health is %(value)s"), [str(bands[value]) for value in filters.band]),
        ("segment_field", _("segment (field) is %(value)s"), list(filters.segment)),
        ("industry", _("industry is %(value)s"), list(filters.industry)),
        ("stage", _("stage is %(value)s"), [str(stages[value]) for value in filters.stage]),
        ("q", _("name or id has “%(value)s”"), [filters.q] if filters.q else []),
    ]
    said = [Chip(text % {"value": _either(values)}, _without(table, name)) for name, text, values in found if values]
    said += [Chip(text, _without(table, name)) for name, text in _day_chips(filters)]
    if filters.parent is not None:
        name = csm_names.get(f"parent {filters.parent}", str(filters.parent))
        said.append(Chip(_("is or belongs to %(name)s") % {"name": name}, _without(table, "parent")))
    for name, value, text in said_groups:
        several = len(table.params.getlist(name)) > 1
        said.append(Chip(text, table.without(name, value) if several else _without(table, name)))
    return said


def _day_chips(filters: Filters) -> list[tuple[str, str]]:
    found = []
    if (days := filters.renewal) is not None:
        text = ngettext("renewal within %(days)d day", "renewal within %(days)d days", days)
        found.append(("renewal", text % {"days": days}))
    if (days := filters.silent) is not None:
        text = ngettext("silent for more than %(days)d day", "silent for more than %(days)d days", days)
        found.append(("silent", text % {"days": days}))
    return found


def _either(values: Sequence[str]) -> str:
    return _(" or ").join(values)


def _without(table: TableState, name: str) -> str:
    """The address without one name; asked for nothing at all still means everything, not the default view."""
    left = [key for key in NAMES if key != name and table.params.get(key)]
    return table.url(**{name: None}) if left else table.url(**{name: None, "csm": "all"})
