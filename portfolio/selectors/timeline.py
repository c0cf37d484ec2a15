"""The timeline of an account: touches and mails, changes, alerts, score bands and stages, newest first, by pages."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from accounts.models import Account, Contact, Touch
from common.components import BAND_WORDS
from health.models import Score
from operations.days import day_bounds, local_date
from playbooks.models import Alert
from playbooks.selectors import reason
from tenants.models import AuditEntry, Tenant
from tenants.selectors import audit_of

PAGE = 20
MOST_CHANGES = 1000
NOTHING = "–"  # how the audit trail writes an empty value
BAND_DAYS = 800
OTHER_KINDS = {
    "stage": gettext_lazy("Stage"),
    "change": pgettext_lazy("in a timeline", "Change"),
    "alert": gettext_lazy("Alert"),
    "band": gettext_lazy("Score band"),
}
# Within a day the kinds stand in this order.
RANKS = {"band": 1, "alert": 2, "change": 3, "touch": 4}
TONES = {"green": "good", "amber": "warn", "red": "bad"}


@dataclass(frozen=True)
class Asked:
    """What the reader wants: kinds of touches and `OTHER_KINDS` (none: all), a person, days included, words."""

    kinds: frozenset[str] = frozenset()
    person: int | None = None
    first: date | None = None
    last: date | None = None
    text: str = ""
    cursor: tuple[date, int, int] | None = None

    def wants(self, *kinds: str) -> bool:
        """Whether any of these kinds is asked for."""
        return not self.kinds or bool(self.kinds & set(kinds))


@dataclass(frozen=True)
class Entry:
    """One thing that happened. A touch is handed over whole."""

    day: date
    rank: int
    pk: int
    kind: str
    title: str
    text: str = ""
    who: str = ""
    tone: str = ""
    touch: Touch | None = field(default=None, compare=False)

    @property
    def key(self) -> tuple[date, int, int]:
        """Its place in the timeline."""
        return (self.day, self.rank, self.pk)

    def holds(self, words: Sequence[str]) -> bool:
        """Whether every word stands in it."""
        said = f"{self.title} {self.text} {self.who}".casefold()
        return all(word in said for word in words)


@dataclass(frozen=True)
class Page:
    """The next entries, and the cursor of those that follow (empty: none)."""

    entries: list[Entry]
    cursor: str


def kinds_all() -> list[tuple[str, Any]]:
    """Every kind that can be asked for, with its words."""
    return [*Touch.Kind.choices, *OTHER_KINDS.items()]


def timeline_page(*, account: Account, asked: Asked) -> Page:
    """One page of the timeline, after the cursor."""
    words = asked.text.casefold().split()
    found = [*_touches(account, asked, words)]
    others = [*_changes(account, asked), *_alerts(account, asked), *_bands(account, asked)]
    found += [entry for entry in others if _in_range(entry, asked) and entry.holds(words)]
    found.sort(key=lambda entry: entry.key, reverse=True)
    page = found[:PAGE]
    more = len(found) > PAGE
    return Page(page, "{:%Y-%m-%d}.{}.{}".format(*page[-1].key) if more else "")


def day_read(text: str) -> date | None:
    """A day as an address writes it; None for anything else, and for days at the ends of the calendar, whose first or
    last instant cannot be said in every zone.
    """
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if date.min.year < day.year < date.max.year else None


def cursor_read(text: str) -> tuple[date, int, int] | None:
    """A cursor as it was handed out; None for anything else."""
    try:
        text, rank, pk = text.split(".")
        place = int(rank[:18]), int(pk[:18])
    except ValueError:
        return None
    day = day_read(text)
    return (day, *place) if day else None


def _in_range(entry: Entry, asked: Asked) -> bool:
    if asked.cursor and entry.key >= asked.cursor:
        return False
    return not (asked.first and entry.day < asked.first) and not (asked.last and entry.day > asked.last)


def _touches(account: Account, asked: Asked, words: Sequence[str]) -> Iterator[Entry]:
    kinds = [kind for kind in Touch.Kind.values if asked.wants(kind)]
    if not kinds:
        return
    touches = Touch.objects.filter(account=account, kind__in=kinds)
    if asked.person:
        touches = touches.filter(contacts=asked.person)
    if asked.first:
        touches = touches.filter(on__gte=asked.first)
    if asked.last:
        touches = touches.filter(on__lte=asked.last)
    if asked.cursor:
        day, rank, pk = asked.cursor
        same = Q(on=day, pk__lt=pk) if rank == RANKS["touch"] else Q(pk=None) if rank < RANKS["touch"] else Q(on=day)
        touches = touches.filter(Q(on__lt=day) | same)
    for word in words:
        touches = touches.filter(
            Q(note__icontains=word) | Q(mails__subject__icontains=word) | Q(mails__quoted__icontains=word)
            | Q(contacts__name__icontains=word)
        )  # fmt: skip
    rows = touches.distinct() if words else touches
    whole = rows.select_related("author__user", "event").prefetch_related("contacts", "mails", "steps")
    for touch in whole.order_by("-on", "-id")[: PAGE + 1]:
        yield Entry(
            touch.on,
            RANKS["touch"],
            touch.pk,
            touch.kind,
            str(touch.get_kind_display()),
            touch.note,
            str(touch.author or ""),
            "accent" if touch.two_way else "",
            touch,
        )


def _changes(account: Account, asked: Asked) -> Iterator[Entry]:
    """What was changed at the account and its people; a change of the stage is a kind of its own."""
    if not asked.wants("stage", "change"):
        return
    people = list(Contact.objects.filter(account=account).values_list("pk", flat=True))
    targets = {"contact": [asked.person]} if asked.person else {"account": [account.pk], "contact": people}
    rows = audit_of(targets=targets).select_related("actor__user")
    last = min((day for day in (asked.cursor and asked.cursor[0], asked.last) if day), default=None)
    if last:
        rows = rows.filter(at__lt=day_bounds(account.tenant.timezone, last)[1])
    for row in rows.order_by("-at", "-id")[:MOST_CHANGES]:
        kind = "stage" if "lifecycle_stage" in row.changes else "change"
        if asked.wants(kind):
            yield _change(account.tenant, row, kind)


def _change(tenant: Tenant, row: AuditEntry, kind: str) -> Entry:
    said = [_change_words(*change) for change in row.shown_changes]
    names = {"what": row.noun_label, "done": row.action_label, "name": row.object_label}
    title = _("%(done)s %(what)s %(name)s") % names if row.noun != "account" else _("Account %(done)s") % names
    title = str(OTHER_KINDS["stage"]) if kind == "stage" else title
    day = local_date(tenant.timezone, row.at)
    return Entry(day, RANKS["change"], row.pk, kind, title, " · ".join(said), row.actor_words)


def _change_words(label: str, old: str, new: str) -> str:
    """One field's change; what was or is empty has no arrow."""
    names = {"field": label, "old": old, "new": new}
    if old == NOTHING:
        return _("%(field)s: %(new)s") % names
    return (_("%(field)s: %(old)s removed") if new == NOTHING else _("%(field)s: %(old)s → %(new)s")) % names


def _alerts(account: Account, asked: Asked) -> Iterator[Entry]:
    if not asked.wants("alert") or asked.person:
        return
    for alert in Alert.objects.filter(account=account).select_related("owner__user"):
        title = _("Alert: %(rule)s") % {"rule": alert.get_rule_display()}
        state = str(alert.get_state_display())
        yield Entry(
            alert.opened_on,
            RANKS["alert"],
            alert.pk,
            "alert",
            title,
            reason(alert),
            f"{alert.owner or ''} {state}",
            "bad",
        )


def _bands(account: Account, asked: Asked) -> Iterator[Entry]:
    """The days on which the score came into another band."""
    if not asked.wants("band") or asked.person:
        return
    until = asked.cursor[0] if asked.cursor else asked.last
    newest = Score.objects.order_by("-day").values_list("day", flat=True).first()
    if newest is None:
        return
    end = min(newest, until) if until else newest
    days = [end - timedelta(days=back) for back in range(BAND_DAYS)]
    rows = Score.objects.filter(account=account, day__in=days).order_by("day").values_list("day", "band", "score")
    before: str | None = None
    for day, band, score in rows:
        if before is not None and band != before:
            names = {"old": BAND_WORDS[before], "new": BAND_WORDS[band]}
            title = _("Health: %(old)s → %(new)s") % names
            text = _("score %(score)s") % {"score": round(score)} if score is not None else ""
            yield Entry(day, RANKS["band"], 0, "band", title, text, tone=TONES.get(band, ""))
        before = band
