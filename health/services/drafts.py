"""Writes drafts of scorecards and publishes them."""

from dataclasses import dataclass
from datetime import date, datetime

from django.core.exceptions import ValidationError
from django.db.models import Max
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from health.definition import Document, check, check_kinds, document_keys
from health.inputs import inputs_known
from health.models import Draft, DraftNote, Scorecard, ScorecardVersion
from health.selectors import scorecard_get, version_latest, versions_standing
from health.services.cards import card_name_checked, setting_get
from health.services.scores import shown_days_score
from operations.days import last_closable_day
from operations.selectors import closed_day
from tenants.models import Member, Tenant
from tenants.services import audit_add

LONGEST_REASON = 300
_CHANGED = gettext_lazy("This draft was changed after you opened it. Nothing is published: look again.")


@dataclass(frozen=True)
class Publication:
    """What a version is published with. `by`: who asks; `approved_by`: the second admin, where one was needed;
    `counts_from` None: the last closed day. `label` names a program where no member acts, `behind` who made its key:
    nobody approves what their own program asks for.
    """

    tenant: Tenant
    at: datetime
    reason: str
    by: Member | None = None
    approved_by: Member | None = None
    counts_from: date | None = None
    label: str = ""
    behind: Member | None = None


def draft_open(*, card: Scorecard, document: Document, by: Member | None, at: datetime, name: str = "") -> Draft:
    """A draft of the card, begun from its latest version."""
    return Draft.objects.create(
        scorecard=card,
        based_on=versions_standing(card).first(),
        name=name.replace("\x00", "")[:80],
        document=document,
        created_by=by,
        created_at=at,
        changed_by=by,
        changed_at=at,
    )


def card_create(*, name: str, document: Document, by: Member, at: datetime) -> Scorecard:
    """A further card, without accounts until its first version is published: asked before the default one. What it is
    to be stands in its draft.
    """
    named = card_name_checked(name)
    last = Scorecard.objects.aggregate(last=Max("position"))["last"] or 0
    card = Scorecard.objects.create(name=named, position=last + 1)
    audit_add(actor=by, action="create", target=card, at=at)
    draft_open(card=card, document=document, by=by, at=at)
    return card


def draft_keep(*, draft: Draft, document: Document, by: Member, at: datetime) -> Draft:
    """Keep what the admin has typed, valid or not. What waited for a second admin is work again; where somebody
    published the draft meanwhile, what was typed is a draft of its own. Returns the draft that keeps it.
    """
    found = _locked(draft)
    if found.state == Draft.State.PUBLISHED:
        same = found.document == document
        return found if same else draft_open(card=found.scorecard, document=document, by=by, at=at, name=found.name)
    draft.document, draft.changed_by, draft.changed_at, draft.state = document, by, at, Draft.State.OPEN
    draft.save(update_fields=["document", "changed_by", "changed_at", "state"])
    return draft


def _locked(draft: Draft) -> Draft:
    """The draft as it is now; others wait. Always locked before its card, so that two never wait for each other."""
    return Draft.objects.select_for_update(of=("self",)).select_related("scorecard", "asked_by").get(pk=draft.pk)


def draft_drop(*, draft: Draft, by: Member, at: datetime) -> None:
    """Put the draft away; it can be taken up again."""
    draft.state = Draft.State.DROPPED
    draft.save(update_fields=["state"])
    audit_add(actor=by, action="drop draft", target=draft.scorecard, at=at)


def draft_restore(*, draft: Draft, by: Member, at: datetime) -> None:
    """Take up a draft again that was put away."""
    if draft.state == Draft.State.DROPPED:
        draft.state, draft.changed_at = Draft.State.OPEN, at
        draft.save(update_fields=["state", "changed_at"])


def draft_note(*, draft: Draft, text: str, by: Member, at: datetime) -> DraftNote:
    """Say something of a draft. Raises ValidationError for nothing."""
    said = text.replace("\x00", "").strip()[:2000]
    if not said:
        raise ValidationError({"text": _("Write something.")})
    return DraftNote.objects.create(draft=draft, author=by, at=at, text=said)


def draft_publish(*, draft: Draft, publication: Publication) -> ScorecardVersion | None:
    """Publish a draft; None where it now waits for a second admin. Raises ValidationError with every fault, or where
    another version came meanwhile, or the draft is not what was read any more; the draft is kept.
    """
    _demand_unchanged(draft)
    card = Scorecard.objects.select_for_update().get(pk=draft.scorecard_id)
    _demand_fresh(draft)
    _demand_valid(draft.document)
    draft.reason, draft.counts_from = publication.reason[:LONGEST_REASON], publication.counts_from
    if setting_get().second_admin and publication.approved_by is None:
        draft.state, draft.asked_by = Draft.State.WAITING, publication.by or publication.behind
        draft.save(update_fields=["reason", "counts_from", "state", "asked_by"])
        audit_add(actor=publication.by, action="ask", target=card, at=publication.at)
        return None
    version = version_publish(card=card, document=draft.document, publication=publication)
    draft.state, draft.published = Draft.State.PUBLISHED, version
    draft.save(update_fields=["reason", "counts_from", "state", "published"])
    return version


def draft_approve(*, draft: Draft, tenant: Tenant, by: Member, at: datetime, seen: str) -> ScorecardVersion | None:
    """The second admin's yes publishes what waits. Raises ValidationError for whoever asked for it, and where the draft
    is no longer the one that was looked at (`seen`: its `draft_mark` then).
    """
    draft = _waiting(draft)
    if draft.asked_by_id == by.pk:
        raise ValidationError(_("Another admin has to approve what you ask for."))
    if seen != draft_mark(draft):
        raise ValidationError(_CHANGED)
    publication = Publication(tenant, at, draft.reason, draft.asked_by, by, draft.counts_from)
    return draft_publish(draft=draft, publication=publication)


def draft_mark(draft: Draft) -> str:
    """What tells one state of what is asked for from the next: the document, the first day and the reason."""
    return f"{draft.changed_at.isoformat()} {draft.counts_from or ''} {draft.reason}"


def draft_return(*, draft: Draft, text: str, by: Member, at: datetime) -> None:
    """The second admin's no: it is work again, with what was said. Raises ValidationError where it does not wait."""
    draft_note(draft=_waiting(draft), text=text, by=by, at=at)
    draft.state = Draft.State.OPEN
    draft.save(update_fields=["state"])


def _waiting(draft: Draft) -> Draft:
    """The draft as it is now, locked; raises ValidationError where nobody waits for an answer."""
    found = _locked(draft)
    if found.state != Draft.State.WAITING:
        raise ValidationError(_("This draft does not wait for approval."))
    return found


def _demand_unchanged(draft: Draft) -> None:
    found = _locked(draft)
    if found.state not in (Draft.State.OPEN, Draft.State.WAITING):
        raise ValidationError(_("This draft was published or put away meanwhile. Open the scorecard again."))
    if found.document != draft.document:
        raise ValidationError(_CHANGED)


def _demand_fresh(draft: Draft) -> None:
    latest = (
        ScorecardVersion.objects.filter(scorecard=draft.scorecard_id, withdrawn_at=None).order_by("-number").first()
    )
    if latest is not None and draft.based_on_id != latest.pk:
        said = _("Version %(number)d was published meanwhile. Your draft is kept and now compared with it: look again.")
        Draft.objects.filter(pk=draft.pk).update(based_on=latest)
        raise StaleDraftError(said % {"number": latest.number})


class StaleDraftError(ValidationError):
    """Another version came while the draft was worked on; the draft now builds on that one."""


def _demand_valid(document: Document) -> None:
    known = inputs_known()
    if faults := check(document, known=known) or check_kinds(document, known):
        raise ValidationError(faults)


def version_publish(*, card: Scorecard, document: Document, publication: Publication) -> ScorecardVersion:
    """The card's next version. It counts from the last closed day on, which is scored again at once (what its night
    reported is kept), or from a later day. Raises ValidationError with every fault.

    An unchanged document publishes nothing and returns the present version.
    """
    _demand_valid(document)
    tenant, at = publication.tenant, publication.at
    last = ScorecardVersion.objects.filter(scorecard=card).order_by("-number").first()
    present = versions_standing(card).first()
    if present is not None and document == present.definition:
        return present
    closed = closed_day(tenant=tenant) or last_closable_day(tenant.timezone, tenant.night_hour, at)
    version = ScorecardVersion.objects.create(
        scorecard=card,
        number=last.number + 1 if last else 1,
        definition=document,
        measure_keys=document_keys(document),
        effective_from=max(closed, publication.counts_from or closed),
        published_at=at,
        published_by=publication.by,
        approved_by=publication.approved_by,
        reason=publication.reason[:LONGEST_REASON],
    )
    changes = {"reason": [None, publication.reason]}
    audit_add(
        actor=publication.by, action="publish", target=version, at=at, changes=changes, label=publication.label or None
    )
    if version.effective_from <= closed:
        shown_days_score(tenant)
    return version


def scorecard_publish(
    *, document: Document, tenant: Tenant, by: Member | None, at: datetime, reason: str = "", label: str = ""
) -> ScorecardVersion:
    """Publish the next version of the default card, from the last closed day on, as `version_publish` does."""
    card = Scorecard.objects.select_for_update().get(pk=scorecard_get().pk)
    return version_publish(card=card, document=document, publication=Publication(tenant, at, reason, by, label=label))


def version_restore(*, version: ScorecardVersion, publication: Publication) -> ScorecardVersion | None:
    """Go back to an earlier version: what it says is published again as the next one. None where that now waits for a
    second admin.
    """
    name = _("Back to version %(number)d") % {"number": version.number}
    draft = draft_open(
        card=version.scorecard, document=version.definition, by=publication.by, at=publication.at, name=name
    )
    return draft_publish(draft=draft, publication=publication)


def version_withdraw(*, version: ScorecardVersion, tenant: Tenant, by: Member, at: datetime) -> None:
    """Call off a version whose first day has not come. Raises ValidationError once it counts."""
    Scorecard.objects.select_for_update().get(pk=version.scorecard_id)  # nobody publishes on top of it meanwhile
    closed = closed_day(tenant=tenant)
    if closed is None or version.effective_from <= closed or version.pk != version_latest(version.scorecard).pk:
        raise ValidationError(_("This version counts already. Go back to an earlier one instead."))
    version.withdrawn_at = at
    version.save(update_fields=["withdrawn_at"])
    audit_add(actor=by, action="withdraw", target=version, at=at)
