"""What changed since a person last looked at Today."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from django.db import connection
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import Account, Contact, ContractLine, Touch
from accounts.reasons import Asked
from common import formats
from common.components import BAND_WORDS
from operations.days import local_date
from operations.models import Night
from operations.selectors import SHOWING_JOB
from playbooks.models import Alert
from playbooks.selectors import reason
from playbooks.services import LIVE
from tenants.models import AuditEntry

SHOWN = 2
MOST = 200  # of each kind that are looked at; more are counted as "200+"
NOTE = 60


@dataclass(frozen=True)
class Line:
    """One change of one account, in words."""

    account: Account
    text: str
    who: str = ""


@dataclass(frozen=True)
class Group:
    """All changes of a kind, the newest first; a few are shown."""

    key: str
    label: str | Promise
    lines: Sequence[Line] = field(default_factory=tuple)

    @property
    def shown(self) -> Sequence[Line]:
        """The first few."""
        return self.lines[:SHOWN]

    @property
    def rest(self) -> Sequence[Line]:
        """What else there is."""
        return self.lines[SHOWN:]

    @property
    def count(self) -> str:
        """How many there are; of very many, that they are."""
        return f"{MOST}+" if len(self.lines) >= MOST else str(len(self.lines))


@dataclass(frozen=True)
class Window:
    """From when on changes count: the instant, and the last day whose night was complete by then."""

    asked: Asked
    since: datetime
    closed: date


def news(*, asked: Asked, since: datetime) -> list[Group]:
    """The kinds of which there is something, in the order of their weight. As many queries whatever has happened."""
    window = Window(asked, since, _closed_by(asked, since))
    found = [
        Group("band", gettext_lazy("Bands changed"), _bands(window)),
        Group("alert", gettext_lazy("New alerts"), _alerts(window)),
        *_audited(window),
        Group("contact", gettext_lazy("New contacts"), _contacts(window)),
        Group("touch", gettext_lazy("Touches by others"), _touches(window)),
    ]
    return [group for group in found if group.lines]


def _closed_by(asked: Asked, since: datetime) -> date:
    """The day whose figures were shown at that instant; where no night was complete by then, the day before it."""
    done = Night.objects.filter(tenant=asked.tenant, job=SHOWING_JOB, state=Night.State.DONE, finished_at__lte=since)
    found: date | None = done.order_by("-local_date").values_list("local_date", flat=True).first()
    return found or local_date(asked.tenant.timezone, since) - timedelta(days=1)


_BANDS_SQL = """SELECT s.account_id, o.band, s.band, s.version_id <> o.version_id
FROM health_score s
JOIN health_score o ON o.tenant_id = s.tenant_id AND o.account_id = s.account_id AND o.day = %(then)s
JOIN accounts_account a ON a.tenant_id = s.tenant_id AND a.id = s.account_id
WHERE s.tenant_id = %(tenant)s AND s.day = %(day)s AND s.band <> o.band AND {meant}
ORDER BY s.band = 'red' DESC, a.arr DESC NULLS LAST, a.id LIMIT {most}"""


def _bands(window: Window) -> list[Line]:
    """Accounts in another band than they were shown in, those that turned red first. Where the scorecard changed in
    between, that is said: it need not be the customer.
    """
    asked = window.asked
    with connection.cursor() as cursor:
        cursor.execute(_BANDS_SQL.format(meant=asked.sql("a"), most=MOST), {**asked.params, "then": window.closed})
        rows = cursor.fetchall()
    accounts = _accounts(row[0] for row in rows)
    lines = []
    for pk, old, new, switched in rows:
        text = _("%(old)s → %(new)s") % {"old": BAND_WORDS[old], "new": BAND_WORDS[new]}
        lines.append(Line(accounts[pk], text + (_(" (scorecard changed)") if switched else "")))
    return lines


def _alerts(window: Window) -> list[Line]:
    """Alerts opened by a night since then that still stand."""
    found = Alert.objects.filter(window.asked.meant("owner"), opened_on__gt=window.closed, state__in=LIVE)
    rows = found.select_related("account").order_by("-opened_on", "-id")[:MOST]
    return [Line(alert.account, reason(alert)) for alert in rows]


def _contacts(window: Window) -> list[Line]:
    found = Contact.objects.filter(window.asked.meant(), created_at__gt=window.since, left_on=None)
    rows = found.select_related("account").order_by("-created_at", "-id")[:MOST]
    return [Line(one.account, " · ".join([one.name, *one.role_words[:2]])) for one in rows]


def _touches(window: Window) -> list[Line]:
    """Touches that somebody else, or a program, has logged."""
    found = Touch.objects.filter(window.asked.meant(), created_at__gt=window.since)
    if window.asked.member is not None:
        found = found.exclude(author=window.asked.member)
    rows = found.select_related("account", "author__user").order_by("-created_at", "-id")[:MOST]
    return [Line(one.account, _touch_words(one), str(one.author or "")) for one in rows]


def _touch_words(touch: Touch) -> str:
    return _("%(kind)s: %(note)s") % {"kind": touch.get_kind_display(), "note": _short(touch.note)}


def _short(text: str) -> str:
    return text if len(text) <= NOTE else text[: NOTE - 1].rstrip() + "…"


# What the audit trail knows: field of a noun → kind of news.
_FIELDS = {("account", "renewal_date"): "renewal", ("contractline", "end"): "renewal", ("account", "csm"): "csm",
           ("contact", "left_on"): "gone"}  # fmt: skip


def _audited(window: Window) -> list[Group]:
    """Renewal dates that moved, people who left, and accounts that changed hands, from the audit trail."""
    found: dict[str, list[tuple[AuditEntry, str]]] = {"gone": [], "renewal": [], "csm": []}
    entries = AuditEntry.objects.filter(
        at__gt=window.since, noun__in={noun for noun, _field in _FIELDS}, changes__has_any_keys=[f for _n, f in _FIELDS]
    ).exclude(action="create")
    for entry in entries.select_related("actor__user").order_by("-at", "-id")[: MOST * 3]:
        for (noun, name), kind in _FIELDS.items():
            if entry.noun == noun and name in entry.changes:
                found[kind].append((entry, name))
    whose = _whose([entry for pairs in found.values() for entry, _name in pairs])
    accounts = _accounts(whose.values(), window.asked)
    me = window.asked.member if window.asked.mine else None
    labels = {
        "gone": gettext_lazy("People left"),
        "renewal": gettext_lazy("Renewal dates moved"),
        "csm": gettext_lazy("CSM changed"),
    }
    said: Mapping[str, Callable[[AuditEntry, str], str]] = {"gone": _gone, "renewal": _moved, "csm": _handed}
    groups = []
    for kind, pairs in found.items():
        lines = [
            Line(accounts[pk], text, entry.actor_words)
            for entry, name in pairs
            if (pk := whose.get((entry.noun, entry.object_id))) in accounts
            and (text := said[kind](entry, name))
            and (me is None or accounts[pk].csm_id == me.pk or (kind == "csm" and entry.changes[name][0] == str(me)))
        ]
        groups.append(Group(kind, labels[kind], lines[:MOST]))
    return groups


def _whose(entries: Sequence[AuditEntry]) -> dict[tuple[str, int | None], int]:
    """The account of each noun that an entry speaks of."""
    ids: dict[str, set[int]] = {"account": set(), "contact": set(), "contractline": set()}
    for entry in entries:
        if entry.object_id is not None:
            ids[entry.noun].add(entry.object_id)
    found: dict[tuple[str, int | None], int] = {("account", pk): pk for pk in ids["account"]}
    people = Contact.objects.filter(pk__in=ids["contact"]).values_list("id", "account_id")
    found.update({("contact", pk): account for pk, account in people})
    lines = ContractLine.objects.filter(pk__in=ids["contractline"]).values_list("id", "contract__account_id")
    found.update({("contractline", pk): account for pk, account in lines})
    return found


def _accounts(ids: Iterable[int], asked: Asked | None = None) -> dict[int, Account]:
    """The accounts by id; only those that may be seen, where that has not been seen to."""
    found = Account.objects.filter(pk__in=set(ids)) if asked is None else asked.accounts.filter(pk__in=set(ids))
    return {account.pk: account for account in found}


def _gone(entry: AuditEntry, name: str) -> str:
    return entry.object_label if entry.changes[name][1] else ""


def _moved(entry: AuditEntry, name: str) -> str:
    old, new = (_day(value) for value in entry.changes[name])
    return _("%(old)s → %(new)s") % {"old": old, "new": new}


def _day(value: Any) -> str:
    try:
        return formats.day(date.fromisoformat(str(value)))
    except ValueError:
        return "–"


def _handed(entry: AuditEntry, name: str) -> str:
    old, new = (str(value) if value else _("nobody") for value in entry.changes[name])
    return _("%(old)s → %(new)s") % {"old": old, "new": new}
