"""Postgres and Redis for a home (`CSPLATFORM_HOME`): started, found again, stopped.

Settings import this package, so it stays light: the functions that need the supervisor load it.
"""

import json
import os
import secrets
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from csplatform.embedded.services import Services

SERVICES_FILE = "services.json"


def service_urls(home: Path) -> dict[str, str]:
    """The addresses of the services started for `home`; empty when none were.

    Keys: `DATABASE_URL`, `DATABASE_OWNER_URL`, `DATABASE_BACKUP_URL`, `REDIS_URL`. It does not look whether
    the services still run.
    """
    try:
        held = json.loads((home / SERVICES_FILE).read_text())
    except (FileNotFoundError, NotADirectoryError, PermissionError, ValueError):
        return {}
    return {name: held[name] for name in held if name.endswith("_URL")}


def home_secret(home: Path) -> str:
    """The secret key of this home, generated on first use and readable by its owner only.

    Processes that come first together agree on one key: it appears whole, by a link only one of them makes.
    """
    path = home / "secret-key"
    if not path.exists():
        home.mkdir(parents=True, exist_ok=True, mode=0o700)
        draft = home / f".secret-key-{os.getpid()}-{secrets.token_hex(4)}"
        handle = os.open(draft, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
        with os.fdopen(handle, "w") as file:
            file.write(secrets.token_urlsafe(50))
        try:
            os.link(draft, path)
        except FileExistsError:
            pass
        finally:
            draft.unlink()
    return path.read_text()


def ensure(home: Path, *, durable: bool = True) -> "Services":
    """Start what does not run yet of this home's Postgres and Redis and answer their handles.

    A service whose address is in the environment is left to its owner. Safe to call from several processes at
    once. `durable=False` skips fsync, for tests: it survives the death of any process, not of the machine.
    Raises `EmbeddedError` with a sentence for people when a service cannot be had.
    """
    from csplatform.embedded.services import ensure as start

    return start(home, durable=durable)


def stop(home: Path) -> bool:
    """Stop this home's services, whoever started them; False when none ran."""
    from csplatform.embedded.services import stop as stop_services

    return stop_services(home)


def running(home: Path) -> dict[str, int]:
    """The process ids of this home's services that run now, by name."""
    from csplatform.embedded.services import running as look

    return look(home)


def absence(home: Path) -> str:
    """What to tell a person whose command found no database; empty when this home's Postgres runs or is not used."""
    if os.environ.get("DATABASE_URL") or "postgres" in running(home):
        return ""
    return (
        f"No database runs for {home}. Start `make demo`, or the services alone with "
        "`python -m csplatform.embedded start`, or set DATABASE_URL. CSPLATFORM_HOME names another home."
    )
