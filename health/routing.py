"""Which scorecard applies to which account on a day: exactly one, and why that one."""

import logging
from collections.abc import Iterator, Sequence
from datetime import date
from typing import NamedTuple

from django.utils.translation import gettext as _

from accounts.models import Account, LifecycleStage
from accounts.segments.definition import DefinitionFault
from accounts.selectors.segments import segment_account_ids
from health.inputs import field_values
from health.models import Score, Scorecard, ScorecardVersion
from health.selectors import card_list, version_of_day
from tenants.models import Tenant
from tenants.scope import current_tenant_id

logger = logging.getLogger(__name__)


class Assigned(NamedTuple):
    """The accounts that a version scores on a day."""

    version: ScorecardVersion
    account_ids: Sequence[int]


def versions_of_accounts(*, day: date, account_ids: Sequence[int], kept: bool = False) -> list[Assigned]:
    """The versions that score these accounts on a day, each with its accounts in the order given; every account once.

    `kept`: an account that has a score of the day keeps its card.
    """
    cards = card_list()
    versions = list(ScorecardVersion.objects.filter(withdrawn_at=None).order_by("-number"))
    if len(cards) == 1 and not (kept and any(one.scorecard_id != cards[0].pk for one in versions)):
        return [Assigned(_of_day(cards[0].pk, day, versions), account_ids)]
    held = _held(day, account_ids) if kept else {}
    left = [pk for pk in account_ids if pk not in held]
    for card, taken in cards_take(day=day, account_ids=left, cards=_counting(cards, day, versions)):
        held.update(dict.fromkeys(taken, card.pk))
    return [
        Assigned(_of_day(pk, day, versions), [one for one in account_ids if held[one] == pk])
        for pk in dict.fromkeys(held.values())
    ]


def cards_counted(*, day: date) -> dict[int, int]:
    """How many live accounts each published card takes on a day, by the card's id."""
    live = list(Account.objects.filter(archived_at=None).order_by("id").values_list("id", flat=True))
    found: dict[int, int] = {}
    for version, ids in versions_of_accounts(day=day, account_ids=live):
        found[version.scorecard_id] = len(ids)
    return found


def cards_take(
    *, day: date, account_ids: Sequence[int], cards: Sequence[Scorecard]
) -> Iterator[tuple[Scorecard, list[int]]]:
    """Each card with the accounts that it takes, in the order in which they are asked; the default one comes last and
    takes what is left.
    """
    left = dict.fromkeys(account_ids)
    stages = field_values(["lifecycle_stage"], day)["lifecycle_stage"] if any(card.stages for card in cards) else {}
    for card in cards:
        inside = None if card.is_default or card.segment is None else _segment_ids(card, day)
        taken = [
            pk
            for pk in left
            if card.is_default
            or ((inside is None or pk in inside) and (not card.stages or stages.get(pk) in card.stages))
        ]
        for pk in taken:
            del left[pk]
        yield card, taken


def _counting(cards: Sequence[Scorecard], day: date, versions: Sequence[ScorecardVersion]) -> list[Scorecard]:
    """The cards that have a version for the day."""
    there = {one.scorecard_id for one in versions if one.effective_from <= day}
    return [card for card in cards if card.pk in there]


def _of_day(scorecard_id: int, day: date, versions: Sequence[ScorecardVersion]) -> ScorecardVersion:
    return version_of_day(day=day, versions=[one for one in versions if one.scorecard_id == scorecard_id])


def _held(day: date, account_ids: Sequence[int]) -> dict[int, int]:
    scores = Score.objects.filter(day=day, account_id__in=account_ids)
    return dict(scores.values_list("account_id", "version__scorecard_id"))


def _segment_ids(card: Scorecard, day: date) -> set[int]:
    """The accounts in a card's segment. One whose conditions cannot be read any more takes none, and says so: the next
    card or the default one scores them.
    """
    zone = Tenant.objects.get(pk=current_tenant_id()).timezone
    try:
        return set(segment_account_ids(segment=card.segment, day=day, zone=zone))
    except DefinitionFault:
        logger.warning("scorecard %s: its segment %s cannot be read", card.pk, card.segment_id)
        return set()


def scope_words(card: Scorecard) -> str:
    """Which accounts a card takes, as one line."""
    if card.is_default:
        return _("Every account that no other card takes")
    stages = _(", ").join(str(LifecycleStage(stage).label) for stage in card.stages)
    if card.segment is not None and stages:
        return _("Segment “%(segment)s” in %(stages)s") % {"segment": card.segment, "stages": stages}
    if card.segment is not None:
        return _("Segment “%(segment)s”") % {"segment": card.segment}
    return stages or _("Every account")
