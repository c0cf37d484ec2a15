"""What the database driver refuses, told apart from faults of ours."""


def is_nul_error(error: BaseException) -> bool:
    """Whether a text with the character NUL was sent, which Postgres cannot hold: the sender's fault, not ours."""
    return isinstance(error, ValueError) and "NUL (0x00)" in str(error)
