"""What the rooms above may listen to."""

from django.dispatch import Signal

# Sent inside the transaction and scope of a new tenant, with `tenant` and `at`: each room sets up what it needs.
tenant_created = Signal()

# A tenant's days begin at other instants from now on. Sent inside the transaction, with `tenant` and `at`.
timezone_changed = Signal()
