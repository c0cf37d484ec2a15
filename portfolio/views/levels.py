"""The team's mix of service levels: does it only answer questions?"""

from datetime import date, timedelta
from typing import Any

from django.http import HttpResponseBase
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from accounts.models import Level
from accounts.segment_choice import SegmentChoice, segment_choice
from accounts.selectors import LevelCount, level_mix, visible_to
from common import formats
from common.csvfile import csv_response
from portfolio.charts import GREY
from portfolio.views.day import today_of
from tenants.models import Member
from tenants.permissions import Permission, TenantRequest, member_required

WEEKS = {"12": 12, "26": 26, "52": 52}
ORDER = (Level.ADVICE, Level.GAP, Level.SOLVE, "")


def _weeks(request: TenantRequest) -> list[date]:
    """The Mondays of the asked weeks, this one last."""
    asked = WEEKS.get(request.GET.get("weeks", ""), 26)
    today = today_of(request.tenant)
    monday = today - timedelta(days=today.weekday())
    return [monday - timedelta(weeks=back) for back in range(asked - 1, -1, -1)]


def _mix(request: TenantRequest, weeks: list[date], choice: SegmentChoice) -> list[LevelCount]:
    end = weeks[-1] + timedelta(weeks=1)
    return level_mix(accounts=choice.narrowed(visible_to(request.member)), start=weeks[0], end=end)


def _label(level: str) -> str:
    return str(Level(level).label) if level else _("No level given")


@require_GET
@member_required(Permission.READ)
def levels(request: TenantRequest) -> HttpResponseBase:
    """Touches by level: per week as a chart, per CSM as a table."""
    weeks, choice = _weeks(request), segment_choice(request)
    mix = _mix(request, weeks, choice)
    context: dict[str, Any] = {
        "weeks": len(weeks),
        "choice": choice,
        "spans": list(WEEKS),
        "total": sum(one.touches for one in mix),
        "figure": _figure(mix, weeks),
        "words": _words(mix),
        "heads": [_label(level) for level in ORDER],
        "rows": _by_member(mix),
    }
    return render(request, "portfolio/levels.html", context)


def _figure(mix: list[LevelCount], weeks: list[date]) -> dict[str, Any]:
    """A bar per week, the levels on top of each other."""
    sums: dict[tuple[date, str], int] = {}
    for one in mix:
        sums[one.week, one.level] = sums.get((one.week, one.level), 0) + one.touches
    days = [week.isoformat() for week in weeks]
    data = [
        {
            "type": "bar",
            "name": _label(level),
            "x": days,
            "y": [sums.get((week, level), 0) for week in weeks],
            **({} if level else {"marker": {"color": GREY}}),
        }
        for level in ORDER
    ]
    return {"data": data, "layout": {"barmode": "stack", "yaxis": {"rangemode": "tozero"}}}


def _shares(mix: list[LevelCount]) -> dict[str, tuple[int, float]]:
    total = sum(one.touches for one in mix)
    counts = {level: sum(one.touches for one in mix if one.level == level) for level in ORDER}
    return {level: (count, count / total if total else 0.0) for level, count in counts.items()}


def _words(mix: list[LevelCount]) -> str:
    """What the chart shows, in a sentence."""
    shares = _shares(mix)
    names = {level or "none": formats.percent(share) for level, (_count, share) in shares.items()}
    return (
        _(
            "%(advice)s business advice, %(gap)s application gaps closed, %(solve)s problems solved, "
            "%(none)s without a level."
        )
        % names
    )


def _by_member(mix: list[LevelCount]) -> list[tuple[str, int, list[tuple[int, float]]]]:
    """Name, touches, and count and share of each level; who logged most first."""
    people = {member.pk: str(member) for member in Member.objects.select_related("user")}
    found = []
    for pk in {one.author_id for one in mix}:
        own = [one for one in mix if one.author_id == pk]
        shares = _shares(own)
        name = people.get(pk or 0, _("by a program"))
        found.append((name, sum(one.touches for one in own), [shares[level] for level in ORDER]))
    return sorted(found, key=lambda row: (-row[1], row[0]))


@require_GET
@member_required(Permission.READ)
def levels_csv(request: TenantRequest) -> HttpResponseBase:
    """The data behind: a row per week, person and level."""
    weeks = _weeks(request)
    people = {member.pk: str(member) for member in Member.objects.select_related("user")}
    head = [_("Week from"), _("Person"), _("Level"), _("Touches")]
    rows = (
        [one.week, people.get(one.author_id or 0, _("by a program")), _label(one.level), one.touches]
        for one in _mix(request, weeks, segment_choice(request))
    )
    return csv_response(f"levels-{weeks[0]}", head, rows)
