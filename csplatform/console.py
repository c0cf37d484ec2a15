"""Words for a person at a terminal, in one place: the product itself never prints."""

import sys

_BOLD, _DIM, _RED, _RESET = "\033[1m", "\033[2m", "\033[31m", "\033[0m"


def say(text: str = "") -> None:
    """One line."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def step(text: str) -> None:
    """What begins now."""
    say(styled(f"• {text}", _DIM))


def headline(text: str) -> None:
    """What a person waits for."""
    say(styled(text, _BOLD))


def complain(text: str) -> None:
    """What went wrong, on the error stream."""
    sys.stdout.flush()
    sys.stderr.write(styled(text, _RED) + "\n")
    sys.stderr.flush()


def styled(text: str, style: str) -> str:
    """`text` in an ANSI style where the output is a terminal, plain elsewhere."""
    return f"{style}{text}{_RESET}" if sys.stdout.isatty() else text
