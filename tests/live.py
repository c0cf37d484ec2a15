"""A live site for tests that come from outside: gunicorn on a free loopback port over a database of its own.

Everything is done through processes and HTTP, as a user would: nothing here touches the object-relational layer.
"""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from csplatform import messages
from csplatform.demo import children
from csplatform.healthcheck import answers
from tests import services

_START_SECONDS = 60.0


class LiveSite:
    """One site; `stop` ends its server and drops its database. `of`: the name of a site, not started, to copy."""

    def __init__(self, name: str, home: Path, *, of: str = "") -> None:
        self.name, self.home, self.port = name, home, _free_port()
        messages.compile_all()
        ours = {"PORT": str(self.port), "CSPLATFORM_HOME": str(home), "CSPLATFORM_DEMO": "1"}
        self.environment = {**os.environ, **services.copy_database(name, of=of), **ours, "PYTHONUNBUFFERED": "1"}
        self._server: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """Where it answers."""
        return f"http://localhost:{self.port}"

    def manage(self, *arguments: str) -> str:
        """Run a `manage.py` command beside the server; its output."""
        command = [sys.executable, str(services.ROOT / "manage.py"), *arguments]
        done = subprocess.run(
            command, env=self.environment, cwd=services.ROOT, capture_output=True, text=True, timeout=300, check=False
        )
        assert done.returncode == 0, f"manage.py {' '.join(arguments)}:\n{done.stdout[-2000:]}\n{done.stderr[-4000:]}"
        return done.stdout

    def tenant(self, slug: str) -> dict[str, Any]:
        """A new tenant, as `manage.py tenant_create` makes it."""
        words = ["--name", slug.title(), "--timezone", "UTC", "--language", "en", "--currency", "EUR"]
        found: dict[str, Any] = json.loads(
            self.manage("tenant_create", slug, *words, "--admin", f"admin@{slug}.example", "--json")
        )
        return found

    def start(self) -> None:
        """Start the server and wait until it answers."""
        command = children.commands(self.port, self.home)["web"]
        log = (self.home / "web.log").open("ab")
        self._server = subprocess.Popen(
            command, env=self.environment, cwd=services.ROOT, stdout=log, stderr=log, start_new_session=True
        )
        until = time.monotonic() + _START_SECONDS
        while not answers(self.port):
            assert self._server.poll() is None, f"the server ended:\n{self.log()}"
            assert time.monotonic() < until, f"the server does not answer:\n{self.log()}"
            time.sleep(0.1)

    def log(self) -> str:
        """The last of what the server wrote."""
        return (self.home / "web.log").read_text()[-4000:]

    def stop(self) -> None:
        """End the server with all its workers, and drop the database."""
        if self._server:
            os.killpg(self._server.pid, signal.SIGTERM)
            try:
                self._server.wait(15)
            except subprocess.TimeoutExpired:
                os.killpg(self._server.pid, signal.SIGKILL)
                self._server.wait(5)
        services.drop_copy(self.name)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
