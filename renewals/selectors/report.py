"""Reads the retention report of a period: the bridge, the rates, the contracts due, and the groups."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from renewals.due import Renewals, renewals_of
from renewals.models import FULL_MARGIN, RevenueSetting
from renewals.periods import Period
from renewals.retention import Bridge, Customer, Kind, bridge_of, kind_of
from renewals.selectors.due import due_lines
from renewals.selectors.groups import INSIDE, group_labels
from renewals.selectors.ledger import Frame, customer_rows, frame_get
from tenants.models import Tenant


def revenue_setting() -> RevenueSetting:
    """How the tenant in scope makes its revenue figures; an unsaved row where nothing was set."""
    return RevenueSetting.objects.first() or RevenueSetting()


@dataclass(frozen=True)
class Retention:
    """What a period kept and lost. `groups`: by name, where they were asked for ("": none)."""

    frame: Frame
    period: Period
    bridge: Bridge
    renewals: Renewals
    setting: RevenueSetting
    groups: list[tuple[str, Bridge]]

    @property
    def lifetime_value(self) -> Fraction | None:
        """LTV in cents at the tenant's gross margin."""
        margin = Fraction(self.setting.gross_margin or FULL_MARGIN) / 100
        return self.bridge.lifetime_value(margin=margin, years=self.period.years)


def retention_get(
    *, tenant: Tenant, period: Period, today: date, account_ids: Sequence[int] | None = None, by: str = ""
) -> Retention:
    """The report of a period over these accounts (None: all), in the tenant's scope."""
    frame = frame_get(tenant=tenant, first=period.first, last=period.last, account_ids=account_ids)
    setting = revenue_setting()
    parts = _groups(customer_rows(frame, inside=by if by in INSIDE else ""), tenant, by, period.first)
    whole = bridge_of(one for _account, _key, one in customer_rows(frame)) if by in INSIDE else merged(parts)
    return Retention(
        frame=frame,
        period=period,
        bridge=whole,
        renewals=renewals_of(due_lines(frame, as_of=today, grace=setting.grace_days)),
        setting=setting,
        groups=parts if by else [],
    )


def _groups(rows: Sequence[tuple[int, str, Customer]], tenant: Tenant, by: str, day: date) -> list[tuple[str, Bridge]]:
    """The bridges of the groups, by name; of all together where none are asked for."""
    ids = [account for account, _key, _customer in rows]
    label = group_labels(by=by, ids=ids, tenant=tenant, day=day) if by else lambda _account, _key: ""
    found: dict[str, Bridge] = {}
    for account, key, customer in rows:
        found.setdefault(label(account, key), Bridge()).add(customer)
    return sorted(found.items(), key=lambda pair: (not pair[0], -pair[1].opening, pair[0]))


def merged(groups: Iterable[tuple[str, Bridge]]) -> Bridge:
    """Groups that share no customer, as one."""
    whole = Bridge()
    for _name, bridge in groups:
        whole.merge(bridge)
    return whole


def moved_rows(rows: Iterable[tuple[int, str, Customer]], kind: Kind | None) -> list[tuple[int, Customer, Kind]]:
    """The accounts behind a figure: those whose movement is of `kind`, or all; the largest movement first."""
    found = [(account, one, kind_of(one.opening, one.kept, before=one.before)) for account, _key, one in rows]
    chosen = [row for row in found if kind is None or row[2] == kind]
    return sorted(chosen, key=lambda row: (-abs(row[1].kept - row[1].opening), row[0]))
