"""Writes requests and who wants them, what they are told; rivals; success cases."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from accounts.models import Account, Contact, Feature, Touch
from accounts.services import touch_log
from common.plausible import When, demand
from service.models import CaseFeature, Request, Rival, SuccessCase, Wish
from tenants.models import Member
from tenants.services import audit_add

# The state machine of a request: from where it may go where. Merging is `request_merge`'s.
MOVES: Mapping[str, tuple[str, ...]] = {
    "new": ("reviewing", "planned", "done", "declined"),
    "reviewing": ("planned", "done", "declined"),
    "planned": ("done", "declined", "reviewing"),
    "done": ("reviewing",),
    "declined": ("reviewing", "planned"),
    "merged": (),
}
# States in which customers hear an answer.
ANSWERED = ("planned", "done", "declined")
REQUEST_FIELDS = ("title", "detail", "feature", "external_id")


class RequestMove(ValidationError):  # noqa: N818 - named by what was asked for
    """A request cannot go from its state to the asked one; the message says where it can go."""


def _save(row: Any, values: Mapping[str, Any], fields: Iterable[str]) -> dict[str, list[Any]]:
    """Set the fields and save; returns what changed, `{field: [old, new]}`."""
    changes: dict[str, list[Any]] = {}
    for field in fields:
        if field in values and getattr(row, field) != values[field]:
            changes[field] = [_plain(getattr(row, field)), _plain(values[field])]
            setattr(row, field, values[field])
    if changes or row.pk is None:
        row.full_clean(exclude=["tenant"])
        row.save(update_fields=None if row.pk is None else list(changes))
    return changes


def _plain(value: Any) -> Any:
    return value if value is None or isinstance(value, str | int | bool) else str(value)


def _noted(row: Any, creating: bool, changes: dict[str, Any], at: datetime, by: Member | None, label: str) -> None:
    if creating or changes:
        action = "create" if creating else "change"
        audit_add(actor=by, action=action, target=row, at=at, changes={} if creating else changes, label=label or None)


def request_save(
    *, values: Mapping[str, Any], at: datetime, by: Member | None, request: Request | None = None, label: str = ""
) -> Request:
    """A new request, or a changed one; fields left out stay. Raises ValidationError by field."""
    creating = request is None
    request = request or Request(created_by=by, created_at=at)
    changes = _save(request, values, REQUEST_FIELDS)
    _noted(request, creating, changes, at, by, label)
    return request


def request_move(
    *, request: Request, state: str, answer: str, at: datetime, by: Member | None, label: str = ""
) -> None:
    """Take a request to another state. Planned, delivered and declined need the answer that customers will hear; with
    it every account has to be told anew.

    Raises RequestMove where the state machine knows no such way, ValidationError without an answer.
    """
    if state != request.state and state not in MOVES[request.state]:
        ways = _(", ").join(str(Request.State(way).label) for way in MOVES[request.state]) or _("nowhere")
        raise RequestMove(
            _("From “%(state)s” a request can go to: %(ways)s.") % {"state": request.get_state_display(), "ways": ways}
        )
    if state in ANSWERED and not answer.strip():
        raise ValidationError(_("Write the answer that goes back to the customers who asked."))
    old = {"request_state": request.state, "answer": request.answer}
    request.state = state
    if state in ANSWERED and (answer.strip(), state) != (request.answer, old["request_state"]):
        request.answer, request.answered_at = answer.strip(), at
        request.answers += 1
    request.full_clean(exclude=["tenant"])
    request.save(update_fields=["state", "answer", "answered_at", "answers"])
    new = {"request_state": request.state, "answer": request.answer}
    changes = {key: [old[key], new[key]] for key in old if old[key] != new[key]}
    if changes:
        audit_add(actor=by, action="change", target=request, at=at, changes=changes, label=label or None)


def wish_add(
    *, request: Request, account: Account, since: date, at: datetime, by: Member | None, note: str = "",
    contact: Contact | None = None, label: str = "",
) -> tuple[Wish, bool]:  # fmt: skip
    """An account wants a request; the second time only words that were missing are taken. Returns whether it is new.

    What a merged request is wished for counts for the one it went into. Raises ValidationError for a person of
    another account and a day in the future.
    """
    if contact is not None and contact.account_id != account.pk:
        raise ValidationError(_("This person belongs to another account."))
    demand({"since": since}, {"since": When.PAST}, at)
    while request.merged_into is not None:
        request = request.merged_into
    wish = Wish.objects.filter(request=request, account=account).first()
    new = wish is None
    wish = wish or Wish(request=request, account=account, since=since, created_at=at)
    wish.note, wish.contact = wish.note or note.strip(), wish.contact or contact
    wish.full_clean(exclude=["tenant"])
    wish.save()
    if new:
        audit_add(
            actor=by,
            action="add",
            target=request,
            at=at,
            changes={"account": [None, account.name]},
            label=label or None,
        )
    return wish, new


def wish_remove(*, wish: Wish, at: datetime, by: Member) -> None:
    """The account does not want it (any more)."""
    audit_add(actor=by, action="change", target=wish.request, at=at, changes={"account": [wish.account.name, None]})
    wish.delete()


def request_merge(*, request: Request, into: Request, at: datetime, by: Member) -> int:
    """A duplicate: its wishes go to the other request, with their words; returns how many accounts came over.

    Raises ValidationError for itself and for one that was merged.
    """
    if into.pk == request.pk or Request.State.MERGED in (request.state, into.state):
        raise ValidationError(_("Choose another request that is not merged itself."))
    held = {wish.account_id: wish for wish in Wish.objects.filter(request=into)}
    moved = 0
    for wish in Wish.objects.filter(request=request):
        twin = held.get(wish.account_id)
        if twin is None:
            wish.request, wish.told_answer, wish.told_on, wish.told_touch = into, 0, None, None
            wish.save()
            moved += 1
        else:
            words = " · ".join(dict.fromkeys(filter(None, (twin.note, wish.note))))
            twin.note, twin.since, twin.contact = words[:500], min(twin.since, wish.since), twin.contact or wish.contact
            twin.save()
            wish.delete()
    old = request.state
    request.state, request.merged_into = Request.State.MERGED, into
    request.save(update_fields=["state", "merged_into"])
    Request.objects.filter(merged_into=request).update(merged_into=into)
    changes = {"request_state": [old, "merged"], "merged_into": [None, into.title]}
    audit_add(actor=by, action="change", target=request, at=at, changes=changes)
    return moved


def request_tell(
    *, request: Request, wishes: Iterable[Wish], kind: str, on: date, at: datetime, by: Member, text: str = ""
) -> int:
    """Tell accounts the request's answer: one touch each, one-way unless the kind is a talk; returns how many.

    Those who know the present answer are left out. Raises ValidationError where there is no answer yet.
    """
    if not request.answers:
        raise ValidationError(_("There is no answer yet. Set the request to planned, delivered or declined first."))
    told = 0
    for wish in wishes:
        if wish.request_id != request.pk or wish.told_answer == request.answers:
            continue
        words = {"title": request.title, "answer": text.strip() or request.answer}
        note = _("%(title)s: %(answer)s") % words
        contacts = [wish.contact] if wish.contact else []
        wish.told_touch = touch_log(
            account=wish.account, kind=kind, on=on, note=note, by=by, at=at, contacts=contacts, level="advice"
        )
        wish.told_answer, wish.told_on = request.answers, on
        wish.save()
        told += 1
    return told


def rival_save(
    *, values: Mapping[str, Any], at: datetime, by: Member, account: Account, rival: Rival | None = None
) -> Rival:
    """Note a rival product at the account, or change what was noted. Raises ValidationError by field."""
    creating = rival is None
    rival = rival or Rival(account=account, seen_by=by, created_at=at)
    demand(values, {"since": When.PAST, "gone_on": When.PAST}, at)
    start, end = values.get("since", rival.since), values.get("gone_on", rival.gone_on)
    if start and end and end < start:
        raise ValidationError({"gone_on": _("It cannot be gone before it came.")})
    changes = _save(rival, values, ("name", "area", "since", "gone_on", "note"))
    _noted(rival, creating, changes, at, by, "")
    return rival


def rival_delete(*, rival: Rival, at: datetime, by: Member) -> None:
    """It was noted by mistake."""
    audit_add(actor=by, action="delete", target=rival, at=at, changes={"account": [rival.account.name, None]})
    rival.delete()


CASE_FIELDS = (
    "account", "industry", "title_en", "story_en", "result_en", "title_zh", "story_zh", "result_zh", "published",
    "external_id",
)  # fmt: skip


def case_save(
    *, values: Mapping[str, Any], at: datetime, by: Member | None, case: SuccessCase | None = None, label: str = ""
) -> tuple[SuccessCase, bool]:
    """A new case, or a changed one, with its `features`; fields left out stay. Returns whether anything changed.

    Raises ValidationError where title and result stand in no language.
    """
    creating = case is None
    case = case or SuccessCase(created_by=by, created_at=at)
    said = {field: values.get(field, getattr(case, field)) for field in CASE_FIELDS}
    if not any(said[f"title_{code}"] and said[f"result_{code}"] for code in ("en", "zh")):
        raise ValidationError(_("Write title and result in at least one language."))
    changes = _save(case, values, CASE_FIELDS)
    if "features" in values:
        changes |= _features_set(case, list(values["features"]))
    _noted(case, creating, changes, at, by, label)
    return case, bool(creating or changes)


def _features_set(case: SuccessCase, features: Sequence[Feature]) -> dict[str, list[Any]]:
    held = list(case.features.order_by("name"))
    if {one.pk for one in held} == {one.pk for one in features}:
        return {}
    CaseFeature.objects.filter(case=case).delete()
    CaseFeature.objects.bulk_create([CaseFeature(case=case, feature=feature) for feature in features])
    return {"features": [[one.name for one in held], [one.name for one in features]]}


def case_delete(*, case: SuccessCase, at: datetime, by: Member) -> None:
    """Delete a case."""
    audit_add(actor=by, action="delete", target=case, at=at)
    case.delete()


Upserted = list[tuple[str, Any]]


def requests_upsert(
    *, rows: Sequence[Mapping[str, Any]], today: date, at: datetime, by: Member | None, label: str = ""
) -> Upserted:
    """Create or change requests by `external_id`, in order; `accounts` want it, others stay. Twice is once.

    Raises ValidationError with `{row number: reasons}`.
    """

    def one(row: Mapping[str, Any]) -> tuple[str, Request]:
        held = Request.objects.filter(external_id=row["external_id"]).first()
        if held is None and not row.get("title"):
            raise ValidationError(_("A new request needs a title."))
        before = _state_of(held)
        request = request_save(values=row, request=held, at=at, by=by, label=label)
        if row.get("state", request.state) != request.state or row.get("answer", request.answer) != request.answer:
            request_move(
                request=request, state=row.get("state", request.state), answer=row.get("answer", request.answer),
                at=at, by=by, label=label,
            )  # fmt: skip
        new = [
            wish_add(request=request, account=account, since=today, at=at, by=by, label=label)[1]
            for account in row.get("accounts", ())
        ]
        fate = "created" if held is None else "changed" if any(new) or before != _state_of(request) else "unchanged"
        return fate, request

    return _each(rows, one)


def _state_of(request: Request | None) -> tuple[Any, ...]:
    names = ("title", "detail", "feature_id", "state", "answer")
    return tuple(getattr(request, name) for name in names) if request else ()


def cases_upsert(*, rows: Sequence[Mapping[str, Any]], at: datetime, by: Member | None, label: str = "") -> Upserted:
    """Create or change cases by `external_id`, in order. Twice is the same as once.

    Raises ValidationError with `{row number: reasons}`.
    """

    def one(row: Mapping[str, Any]) -> tuple[str, SuccessCase]:
        held = SuccessCase.objects.filter(external_id=row["external_id"]).first()
        case, changed = case_save(values=row, case=held, at=at, by=by, label=label)
        return ("created" if held is None else "changed" if changed else "unchanged"), case

    return _each(rows, one)


def _each(rows: Sequence[Mapping[str, Any]], one: Any) -> Upserted:
    done: Upserted = []
    for number, row in enumerate(rows):
        try:
            done.append(one(row))
        except ValidationError as fault:
            raise ValidationError({str(number): fault.messages}) from fault
    return done


TELL_KINDS = (Touch.Kind.MAIL, Touch.Kind.WECOM, Touch.Kind.MESSAGE, Touch.Kind.CALL, Touch.Kind.MEETING)
