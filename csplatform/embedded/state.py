"""What a home remembers, in files for its owner only: generated passwords, where its data lies, what runs."""

import fcntl
import json
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

PASSWORDS = ("superuser", "owner", "app", "backup", "redis")


class EmbeddedError(RuntimeError):
    """A service cannot be had here; the message tells a person what to do."""


def write_private(path: Path, text: str) -> None:
    """Replace `path` by `text` at once, readable by its owner only: a reader sees the old or the new."""
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    handle = os.open(draft, os.O_CREAT | os.O_TRUNC | os.O_WRONLY, 0o600)
    with os.fdopen(handle, "w") as file:
        file.write(text)
    draft.replace(path)


def read_json(path: Path) -> dict[str, Any]:
    """The object kept in `path`; empty when there is none or it is unreadable."""
    try:
        held = json.loads(path.read_text())
    except (OSError, ValueError):
        return {}
    return held if isinstance(held, dict) else {}


@contextmanager
def locked(home: Path, name: str = "services.lock") -> Iterator[None]:
    """One process at a time for this home; the kernel drops the lock when its holder dies."""
    with (home / name).open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def passwords(home: Path) -> dict[str, str]:
    """The generated passwords of this home, by role; made on first use. Call it under the lock."""
    path = home / "passwords.json"
    held: dict[str, str] = read_json(path)
    missing = [role for role in PASSWORDS if role not in held]
    if missing:
        held.update({role: secrets.token_urlsafe(24) for role in missing})
        write_private(path, json.dumps(held, indent=2))
    return held
