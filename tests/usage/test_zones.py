"""Figures of random worlds around changes of the clock, with seats from contract lines: all as the definitions say."""

import random
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from accounts.models import Account, Product
from accounts.services import contract_save, line_save
from tenants.models import Tenant
from tenants.scope import tenant_scope
from tests.usage.world import RECEIVED, Sent, Truth, call, make_tenant, night, send
from usage.activity import ratio
from usage.models import Metric

pytestmark = pytest.mark.django_db
# A zone, and a day on which its clock changes: at two, at midnight (a day that begins at one, one that comes to 25
# hours), and never but with an odd offset.
CLOCKS = [
    ("Europe/Berlin", date(2026, 3, 29)),
    ("Africa/Cairo", date(2026, 4, 24)),
    ("America/Havana", date(2025, 11, 2)),
    ("Asia/Kathmandu", date(2026, 1, 1)),
]
Term = tuple[date, date | None, int | None]


def world(chance: random.Random, turn: date) -> list[Sent]:
    """Calls of a few people in the weeks around the day, many of them within the hours of its midnights."""
    items = []
    for _number in range(60):
        days = chance.choice([-56, -30, -29, -28, -7, -6, -1, -1, 0, 0, 0, 1, 1])
        minutes = chance.choice([chance.randrange(1440), 30 * chance.randrange(48)])
        when = datetime.combine(turn, datetime.min.time(), UTC) + timedelta(days=days, minutes=minutes)
        items.append(call("track", f"u{chance.randrange(4)}", when.isoformat(), context={"groupId": "g"}))
    return items


def terms(chance: random.Random, turn: date) -> list[Term]:
    """Overlapping lines, open and closed, with and without seats."""
    found = []
    for _number in range(chance.randrange(4)):
        start = turn + timedelta(days=chance.randrange(-40, 3))
        end = chance.choice([None, start, start + timedelta(days=chance.randrange(1, 40))])
        found.append((start, end, chance.choice([None, 0, 3, 10])))
    return found


def seats(lines: list[Term], own: int | None, known: int, day: date) -> int:
    """The seats of a day: of the lines that run, else the account's own field (until the first begins), else users."""
    running = [number for start, end, number in lines if start <= day and (end is None or day < end)]
    counted = [number for number in running if number is not None]
    if counted:
        return sum(counted)
    if own is not None and (not lines or day < min(start for start, _end, _number in lines)):
        return own
    return known


def contract(account: Account, lines: list[Term]) -> None:
    product = Product.objects.create(key="suite", name="Suite", created_at=RECEIVED)
    held = contract_save(account=account, values={"external_id": "c", "currency": "USD"}, at=RECEIVED, by=None)
    for number, (start, end, count) in enumerate(lines):
        values: dict[str, Any] = {"external_id": str(number), "product": product, "amount": 12, "billing_months": 12}
        values |= {"start": start, "end": end, "seats": count}
        line_save(contract=held, values=values, at=RECEIVED, by=None)


def truth_of(truth: Truth, day: date, count: int) -> dict[str, Any]:
    said = truth.metrics("g", day)
    return {
        **{name: said[name] for name in ("dau", "wau", "mau", "stickiness", "users_ever", "minutes_online")},
        "usage_trend": said["usage_trend"],
        "seats": count,
        "activation_rate": ratio(said["users_ever"], count),
        "login_ratio": ratio(said["wau"], count),
    }


@pytest.mark.parametrize(("zone", "turn"), CLOCKS)
@pytest.mark.parametrize("seed", range(3))
def test_every_figure_around_a_change_of_the_clock_is_what_the_definitions_say(
    zone: str, turn: date, seed: int
) -> None:
    chance = random.Random(f"{zone}{seed}")
    tenant: Tenant = make_tenant(timezone=zone)
    items, lines, own = world(chance, turn), terms(chance, turn), chance.choice([None, 7])
    late = items[::7]
    start = call("group", "u0", (datetime.combine(turn, datetime.min.time(), UTC) - timedelta(days=70)).isoformat(),
                 groupId="g", traits={} if own is None else {"seats": own})  # fmt: skip
    send(tenant, start, *(item for item in items if item not in late))
    with tenant_scope(tenant):
        contract(Account.objects.get(), lines)
    days = [turn + timedelta(days=n) for n in (-2, -1, 0, 1, 2)]
    for day in days[:-1]:
        night(tenant, day)
    chance.shuffle(late)
    send(tenant, *late, *items[:5])
    night(tenant, days[-1])
    truth = Truth.of([start, *items], zone)
    with tenant_scope(tenant):
        for day in days:
            known = sum(1 for first in truth.known["g"].values() if first <= day)
            expected = truth_of(truth, day, seats(lines, own, known, day))
            found = Metric.objects.get(day=day)
            assert {name: getattr(found, name) for name in expected} == pytest.approx(expected), (day, lines, own)
