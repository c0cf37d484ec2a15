"""Reads the retention report of a period: the bridge, the rates, the contracts due, and the groups."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from renewals.due import Renewals, renewals_of
from renewals.models import FULL_MARGIN, RevenueSetting
from renewals.periods import Period
from renewals.retention import Bridge, Customer, Kind, kind_of, merged
from renewals.selectors.due import due_lines
from renewals.selectors.groups import BY, groups_get
from renewals.selectors.ledger import Frame, bridges_get, frame_get
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
    groups = groups_get(frame, by) if by else []
    alone = not by or BY[by].inside  # groups that share customers do not make the whole
    return Retention(
        frame=frame,
        period=period,
        bridge=merged(bridges_get(frame).values() if alone else (bridge for _name, bridge in groups)),
        renewals=renewals_of(due_lines(frame, as_of=today, grace=setting.grace_days)),
        setting=setting,
        groups=groups,
    )


def moved_rows(rows: Iterable[tuple[int, str, Customer]], kind: Kind | None) -> list[tuple[int, Customer, Kind]]:
    """The accounts behind a figure: those whose movement is of `kind`, or all; the largest movement first."""
    found = [(account, one, kind_of(one.opening, one.kept, before=one.before)) for account, _key, one in rows]
    chosen = [row for row in found if kind is None or row[2] == kind]
    return sorted(chosen, key=lambda row: (-abs(row[1].kept - row[1].opening), row[0]))
