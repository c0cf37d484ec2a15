"""The runner: services, preparation, then web, worker and beat until a signal ends all of it."""

import fcntl
import json
import os
import signal
import socket
import sys
import time
from contextlib import suppress
from pathlib import Path
from types import FrameType

from csplatform import console, embedded
from csplatform.demo import children, logs
from csplatform.embedded.services import Services
from csplatform.embedded.state import EmbeddedError, read_json
from csplatform.healthcheck import answers

_LOOK_EVERY_SECONDS = 0.25
_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class CannotStartError(RuntimeError):
    """The demo cannot run here; the message tells a person what to do."""


class Runner:
    """One run of the demo for one home and port."""

    def __init__(self, home: Path, port: int) -> None:
        self._home, self._port = home, port
        self._services: Services | None = None
        self._children: list[children.Child] = []
        self._deaths = children.Deaths()
        self._announced = False
        self._asked = False

    def run(self) -> int:
        """Run until a signal; the exit code. Everything started here is stopped before it returns."""
        for number in _SIGNALS:
            signal.signal(number, self._ask_to_stop)
        try:
            with _only_one(self._home):
                return self._run()
        except (CannotStartError, EmbeddedError) as error:
            console.complain(str(error))
            return 1

    def _ask_to_stop(self, _number: int, _frame: FrameType | None) -> None:
        """Only a mark, looked at between steps: an exception here could lose sight of a server just started."""
        self._asked = True

    def _run(self) -> int:
        try:
            if orphans := children.clear_orphans(self._home):
                console.step(f"Stopped {orphans} processes left by a run that was killed")
            _require_port(self._port)
            console.step("Postgres and Redis")
            self._services = embedded.ensure(self._home)
            self._prepare()
            if not self._asked:
                self._begin()
            return self._watch()
        finally:
            self._stop_all()

    def _environment(self) -> dict[str, str]:
        urls = self._services.urls if self._services else {}
        ours = {"CSPLATFORM_HOME": str(self._home), "PORT": str(self._port), "CSPLATFORM_DEMO": "1"}
        return {**os.environ, **urls, **ours, "PYTHONUNBUFFERED": "1"}

    def _prepare(self) -> None:
        """Run the steps before the first page; they write to this terminal themselves.

        Once a tenant is there the machine has a core to spare: the servers load beside the rest.
        """
        command = [sys.executable, "-m", "csplatform.demo.prepare"]
        steps = children.Child("demo", command, self._environment(), logged=False)
        self._children = [steps]
        steps.start()
        children.remember(self._home, self._children)
        while not self._asked and not steps.has_died():
            if len(self._children) == 1 and (self._home / "demo.json").exists():
                self._start_children(held=True)
            time.sleep(0.1)
        code = steps.process.returncode if steps.process else None
        children.stop([steps])
        self._children.remove(steps)
        if code and not self._asked:
            raise CannotStartError("The preparation failed; the lines above say why.")

    def _start_children(self, *, held: bool = False) -> None:
        for name, command in children.commands(self._port, self._home).items():
            child = children.Child(name, command, self._environment())
            child.start(held=held)
            self._children.append(child)
        children.remember(self._home, self._children)

    def _begin(self) -> None:
        """The servers' turn, those that are held and, where the preparation was too quick to hold any, all."""
        if not self._children:
            self._start_children()
        for child in self._children:
            child.begin()

    def _watch(self) -> int:
        while not self._asked:
            time.sleep(_LOOK_EVERY_SECONDS)
            if not self._revive_services():
                return 1
            for child in self._children:
                if child.has_died() and not self._restart(child):
                    return 1
            if not self._announced and answers(self._port):
                self._announce()
        return 0

    def _revive_services(self) -> bool:
        missing = self._services.missing() if self._services else []
        if self._services is None or not missing:
            return True
        logs.line("demo", f"{' and '.join(missing)} ended unexpectedly, starting again")
        if not self._deaths.another():
            console.complain(f"{missing[0]} keeps ending; see {self._home / 'logs'}. Stopping.")
            return False
        self._services.revive()
        return True

    def _restart(self, child: children.Child) -> bool:
        code = child.process.returncode if child.process else None
        logs.line(child.name, f"ended unexpectedly (code {code})")
        if not child.deaths.another():
            console.complain(f"{child.name} keeps ending; the lines above say why. Stopping.")
            return False
        children.stop([child])
        child.start()
        children.remember(self._home, self._children)
        return True

    def _announce(self) -> None:
        """The address and the logins, as the demo world wrote them down."""
        self._announced = True
        console.say()
        console.headline(f"Ready: http://localhost:{self._port}")
        for login in logins(read_json(self._home / "demo.json")):
            console.say(f"  {login}")
        console.say(f"  what it mails: http://localhost:{self._port}/demo/mail/")
        console.say(f"  logins and keys: {self._home / 'demo.json'}; Ctrl-C stops everything")
        console.say()

    def _stop_all(self) -> None:
        for number in _SIGNALS:
            signal.signal(number, signal.SIG_IGN)
        if self._children or self._services:
            console.step("Stopping")
        children.stop(self._children)
        (self._home / "children.json").unlink(missing_ok=True)
        if self._services:
            self._services.stop()


def logins(demo: dict[str, object]) -> list[str]:
    """One line per tenant and role of `demo.json` and one for the platform's staff, whatever else it holds."""
    lines = []
    tenants = demo.get("tenants", [])
    for tenant in tenants if isinstance(tenants, list) else []:
        for login in tenant.get("logins", []):
            place = f"{tenant.get('slug', '')} {login.get('role', '')}"
            lines.append(f"{place:<28} {login.get('email', '')}  {login.get('password', '')}")
    staff = demo.get("platform")
    if isinstance(staff, dict):
        lines.append(f"{'platform staff':<28} {staff.get('email', '')}  {staff.get('password', '')}")
    return lines


class _only_one:  # noqa: N801 - reads as a statement
    """Hold this home's runner lock; the kernel drops it when we die, however that is."""

    def __init__(self, home: Path) -> None:
        home.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._file = (home / "demo.lock").open("a+")

    def __enter__(self) -> None:
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            self._file.seek(0)
            who = json.loads(self._file.read() or "{}").get("pid", "unknown")
            raise CannotStartError(f"The demo of this home already runs (process {who}).") from error
        self._file.truncate(0)
        self._file.write(json.dumps({"pid": os.getpid()}))
        self._file.flush()

    def __exit__(self, *_error: object) -> None:
        with suppress(OSError):
            self._file.truncate(0)
        self._file.close()


def port_of(text: str) -> int:
    """The port that `PORT` names; CannotStartError when it is none."""
    if text.isascii() and text.isdigit() and 0 < int(text) < 65_536:
        return int(text)
    raise CannotStartError(f"PORT={text} is no port. Write a number from 1 to 65535: PORT=8001 make demo")


def _require_port(port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((children.bind_address(), port))
        except OSError as error:
            raise CannotStartError(
                f"Port {port} is taken ({error.strerror}). Choose another: PORT=8001 make demo"
            ) from error
