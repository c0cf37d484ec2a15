"""Where a home's services are, and its generated secret key."""

import json
import os
import secrets
from pathlib import Path


def service_urls(home: Path) -> dict[str, str]:
    """The addresses of the services started for `home`; empty when none were."""
    try:
        held = json.loads((home / "services.json").read_text())
    except (FileNotFoundError, PermissionError):
        return {}
    return {name: held[name] for name in held if name.endswith("_URL")}


def home_secret(home: Path) -> str:
    """The secret key of this home, generated on first use and readable by its owner only."""
    path = home / "secret-key"
    try:
        return path.read_text()
    except FileNotFoundError:
        home.mkdir(parents=True, exist_ok=True, mode=0o700)
        handle = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
        with os.fdopen(handle, "w") as file:
            file.write(secrets.token_urlsafe(50))
        return path.read_text()
