"""Items that could not be counted: kept with their reason, replayed when the reason is gone."""

from collections.abc import Iterable
from datetime import datetime

from tenants.models import Member
from tenants.services import audit_add
from usage.intake.clean import clean_text
from usage.intake.decode import Call, Fault, wire_item
from usage.models import IntakeBody, Rejected


def rejected_add(faults: Iterable[tuple[datetime, Fault]]) -> int:
    """Keep faults with the instant at which their body was received; returns how many."""
    found = [
        Rejected(
            received_at=received_at,
            reason=fault.reason,
            detail=fault.detail,
            message_id=fault.message_id,
            item=fault.item,
        )
        for received_at, fault in faults
    ]
    Rejected.objects.bulk_create(found, batch_size=1000)
    return len(found)


def rejected_replay(*, rejected: Rejected, at: datetime, by: Member | None) -> IntakeBody:
    """Put the item back into the intake as it came, received when it was received; it is judged again by today's
    rules.
    """
    item, call = bytes(rejected.item), "batch"
    if rejected.reason == "unreadable":
        call = rejected.detail.split(":", 1)[0]
    else:
        item = b'{"batch":[' + item + b"]}"
    replay = IntakeBody.objects.create(received_at=rejected.received_at, call=call, body=item)
    rejected.replayed_at = at
    rejected.save(update_fields=["replayed_at"])
    audit_add(actor=by, action="replay", target=rejected, at=at, label=None if by else "replay")
    return replay


def unreadable(*, call: str, body: bytes, error: Exception) -> Fault:
    """A whole body that could not be unpacked. `detail` begins with the call, for the replay."""
    said = clean_text(f"{call}: {type(error).__name__}: {error}")
    return Fault("unreadable", said[:300], "", body)


def conflict(call: Call) -> Fault:
    """A call whose message id was used before for another one."""
    return Fault("conflict", "", clean_text(call.message_id)[:300], wire_item(call))
