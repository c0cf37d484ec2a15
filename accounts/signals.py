"""What rooms above listen to. Sent inside the transaction of the change."""

from django.dispatch import Signal

# An account has another CSM now: `account`, `csm` (Member or None). Rooms above move their open work.
account_reassigned = Signal()

# What contract lines say of past days is different now: `firsts`, the first such day per account id. Rooms above mark
# what rests on seats and entitlements.
terms_changed = Signal()
