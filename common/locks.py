"""Advisory locks, held until the transaction ends."""

from django.db import connection

ACCOUNT_IDS = 7_310_001  # external ids of a tenant's accounts are given out one transaction at a time
CONTRACT_IDS = 7_310_003  # and those of its contracts
PAYMENT_IDS = 7_310_050  # and those of its payments


def transaction_lock(kind: int, number: int) -> None:
    """Wait until no other transaction holds the lock of this kind for this number (a tenant's id)."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [kind, number % 2**31])
