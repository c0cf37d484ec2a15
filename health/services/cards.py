"""Writes scorecards: which there are, whom they take, in which order they are asked."""

from collections.abc import Sequence
from datetime import date, datetime

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from accounts.models import LifecycleStage, Segment
from accounts.segments.definition import DefinitionFault
from accounts.segments.uses import Use
from accounts.selectors.segments import segment_group
from accounts.services.segments import segment_bears
from health.definition import STARTING_DOCUMENT, Document, document_keys
from health.models import HealthSetting, Scorecard, ScorecardVersion
from health.selectors import card_list, versions_standing
from health.services.scores import shown_days_score
from tenants.models import Member, Tenant
from tenants.services import audit_add


def scorecard_start(*, at: datetime) -> ScorecardVersion:
    """The tenant's first scorecard, published; it counts for every day and takes every account."""
    card = Scorecard.objects.create(name=_("Health"), is_default=True)
    return ScorecardVersion.objects.create(
        scorecard=card,
        number=1,
        definition=STARTING_DOCUMENT,
        measure_keys=document_keys(STARTING_DOCUMENT),
        effective_from=date.min,
        published_at=at,
        reason=_("The card every tenant starts with"),
    )


def card_use(card: Scorecard) -> Use:
    """A card as a user of its segment, which may not ask for what comes from scores."""
    return Use(_("scorecard “%(name)s”") % {"name": card.name}, "scorecard_card", (card.pk,), below="health")


def card_uses() -> dict[int, list[Use]]:
    """The cards that take only a segment, by segment."""
    found: dict[int, list[Use]] = {}
    for card in card_list():
        if card.segment_id is not None:
            found.setdefault(card.segment_id, []).append(card_use(card))
    return found


def card_scope(
    *, card: Scorecard, name: str, segment: int | None, stages: Sequence[str], tenant: Tenant, by: Member, at: datetime
) -> bool:
    """Set a card's name and which accounts it takes; the last closed day is scored again. Raises ValidationError by
    field, and changes nothing then. Returns whether anything changed.
    """
    old = {"name": card.name, "segment": str(card.segment or ""), "stages": ", ".join(card.stages)}
    card.name = card_name_checked(name)
    if not card.is_default:
        card.segment = _checked_segment(card, segment)
        card.stages = _checked_stages(stages)
    new = {"name": card.name, "segment": str(card.segment or ""), "stages": ", ".join(card.stages)}
    changes = {key: [old[key], new[key]] for key in new if old[key] != new[key]}
    if changes:
        card.save(update_fields=["name", "segment", "stages"])
        audit_add(actor=by, action="change", target=card, at=at, changes=changes)
    if changes.keys() & {"segment", "stages"}:
        shown_days_score(tenant)
    return bool(changes)


def card_name_checked(name: str) -> str:
    """What a card may be called; raises ValidationError."""
    found = name.replace("\x00", "").strip()[:80]
    if not found:
        raise ValidationError({"name": _("Give the scorecard a name.")})
    return found


def _checked_segment(card: Scorecard, pk: int | None) -> Segment | None:
    if pk is None:
        return None
    segment = Segment.objects.filter(pk=pk, archived_at=None).first()
    if segment is None:
        raise ValidationError({"segment": _("The segment is gone. Choose another one, or none for all accounts.")})
    try:
        segment_bears(group=segment_group(segment=segment), use=card_use(card))
    except DefinitionFault as fault:
        said = _("The segment “%(name)s” names a field that is gone. Mend it first, or choose another one.")
        raise ValidationError({"segment": said % {"name": segment.name}}) from fault
    except ValidationError as fault:
        raise ValidationError({"segment": fault.messages}) from fault
    return segment


def _checked_stages(stages: Sequence[str]) -> list[str]:
    known = [stage for stage in LifecycleStage.values if stage in stages]
    return [] if len(known) == len(LifecycleStage.values) else known


def card_move(*, card: Scorecard, up: bool, tenant: Tenant, by: Member, at: datetime) -> None:
    """Ask a card earlier (`up`) or later; the last closed day is scored again. The default one stays last."""
    cards = [one for one in card_list() if not one.is_default]
    place = next((i for i, one in enumerate(cards) if one.pk == card.pk), None)
    if place is None or not 0 <= (to := place - 1 if up else place + 1) < len(cards):
        return
    cards[place], cards[to] = cards[to], cards[place]
    for position, one in enumerate(cards, 1):
        one.position = position
    Scorecard.objects.bulk_update(cards, ["position"])
    audit_add(actor=by, action="reorder", target=card, at=at)
    shown_days_score(tenant)


def card_archive(*, card: Scorecard, tenant: Tenant, by: Member, at: datetime) -> None:
    """Take a card out of use: its accounts go to the cards after it from the last closed day on; its versions and
    scores stay. Raises ValidationError for the default card.
    """
    if card.is_default:
        raise ValidationError(_("The default card takes every account that no other takes, so it stays."))
    card.archived_at = at
    card.save(update_fields=["archived_at"])
    audit_add(actor=by, action="archive", target=card, at=at)
    shown_days_score(tenant)


def card_restore(*, card: Scorecard, tenant: Tenant, by: Member, at: datetime) -> None:
    """Bring a card back, at the place that it had. Raises ValidationError where its segment is gone or, changed
    meanwhile, asks for what comes from scores.
    """
    _checked_segment(card, card.segment_id)
    card.archived_at = None
    card.save(update_fields=["archived_at"])
    audit_add(actor=by, action="restore", target=card, at=at)
    shown_days_score(tenant)


def setting_get() -> HealthSetting:
    """What the tenant decided about its scorecards."""
    return HealthSetting.objects.first() or HealthSetting()


def second_admin_set(*, wanted: bool, by: Member, at: datetime) -> None:
    """Decide whether a version needs a second admin."""
    setting = setting_get()
    if setting.second_admin != wanted:
        setting.second_admin = wanted
        setting.save()
        audit_add(actor=by, action="change", target=setting, at=at, changes={"second_admin": [not wanted, wanted]})


def document_of(card: Scorecard) -> Document:
    """What a card says now; what every tenant starts with where it says nothing yet."""
    latest = versions_standing(card).first()
    return latest.definition if latest else STARTING_DOCUMENT
