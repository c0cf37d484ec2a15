"""What the database driver refuses, told apart from faults of ours."""

from django.db import DatabaseError


def is_nul_error(error: BaseException) -> bool:
    """Whether a text with the character NUL was sent, which Postgres cannot hold: the sender's fault, not ours."""
    return isinstance(error, ValueError) and "NUL (0x00)" in str(error)


# Unique violation, serialization failure, deadlock: of two transactions that did the same at once, the later one.
_AT_ONCE = frozenset({"23505", "40001", "40P01"})


def is_at_once(error: BaseException) -> bool:
    """Whether Postgres refused something only because another transaction did the same in the same moment."""
    return isinstance(error, DatabaseError) and getattr(error.__cause__, "pgcode", None) in _AT_ONCE
