"""The processes of the product: started in groups of their own, restarted when they die, found after a crash."""

import json
import os
import signal
import subprocess
import sys
import time
from collections import deque
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from csplatform.demo import logs
from csplatform.embedded import processes
from csplatform.embedded.state import read_json, write_private

_RESTARTS, _WITHIN_SECONDS = 5, 60.0
_STOP = [(signal.SIGTERM, 12.0), (signal.SIGKILL, 5.0)]


class Deaths:
    """When something of ours died: it is started again, unless that proves to be no help."""

    def __init__(self) -> None:
        self._times: deque[float] = deque(maxlen=_RESTARTS)

    def another(self) -> bool:
        """Note a death now; False when there were so many lately that there is no point in another start."""
        self._times.append(time.monotonic())
        return len(self._times) < _RESTARTS or self._times[-1] - self._times[0] > _WITHIN_SECONDS


@dataclass
class Child:
    """One process of the product, with whatever it starts itself."""

    name: str
    command: list[str]
    environment: dict[str, str]
    process: "subprocess.Popen[bytes] | None" = None
    started: float = 0.0
    logged: bool = True
    deaths: Deaths = field(default_factory=Deaths)

    def start(self, *, held: bool = False) -> None:
        """Start it in a group of its own: a Ctrl-C reaches the runner alone, which then stops all in order.

        `held`: it loads and waits for `begin`.
        """
        self.process = subprocess.Popen(  # noqa: S603 - our own programs and arguments
            _held(self.command) if held else self.command,
            stdin=subprocess.PIPE if held else subprocess.DEVNULL,
            stdout=subprocess.PIPE if self.logged else None,
            stderr=subprocess.STDOUT if self.logged else None,
            env=self.environment,
            start_new_session=True,
        )
        self.started = time.time()
        if self.logged:
            logs.follow(self.name, self.process)

    def begin(self) -> None:
        """Let one that was held go on."""
        if self.process and self.process.stdin:
            with suppress(BrokenPipeError), self.process.stdin as pipe:
                pipe.write(b"\n")

    def has_died(self) -> bool:
        """Whether it ended without being asked to."""
        return self.process is not None and self.process.poll() is not None

    def members(self) -> list[psutil.Process]:
        """Its living processes: itself and those of its group."""
        return processes.group_members(self.process.pid, self.started) if self.process else []


def commands(port: int, home: Path) -> dict[str, list[str]]:
    """How web, worker and beat are started; they say little, so that the stream stays readable."""
    about_root = "ignore::UserWarning:celery.platforms"
    celery = [sys.executable, "-W", about_root, "-m", "celery", "--quiet", "-A", "csplatform"]
    web = [sys.executable, "-m", "gunicorn", "csplatform.wsgi:application", "--bind", f"{bind_address()}:{port}"]
    web += ["--workers=2", "--worker-class=gthread", "--threads=4", "--graceful-timeout=5", "--timeout=60", "--preload"]
    lean = ["--without-gossip", "--without-mingle", "--without-heartbeat"]
    return {
        "web": [*web, "--log-level=warning", "--no-control-socket"],
        "worker": [*celery, "worker", "--concurrency=2", "--loglevel=INFO", *lean],
        "beat": [*celery, "beat", "--loglevel=WARNING", f"--schedule={home / 'beat-schedule'}", "--pidfile="],
    }


def _held(command: list[str]) -> list[str]:
    module = command.index("-m") + 1
    return [*command[:module], "csplatform.demo.held", *command[module:]]


def bind_address() -> str:
    """The address that web listens on: this machine alone unless BIND names another."""
    return os.environ.get("BIND") or "127.0.0.1"


def stop(children: list[Child]) -> None:
    """Stop all: the leaders are asked first and given time to finish; what is left of the groups is killed."""
    members = [process for child in children for process in child.members()]
    leaders = {child.process.pid for child in children if child.process}
    processes.end([process for process in members if process.pid in leaders], _STOP[:1])
    processes.end([process for child in children for process in child.members()], _STOP)
    for child in children:
        child.process = None


def remember(home: Path, children: list[Child]) -> None:
    """Write down which groups run, for the next start after a crash."""
    groups = [{"leader": child.process.pid, "started": child.started} for child in children if child.process]
    write_private(home / "children.json", json.dumps({"groups": groups}))


def clear_orphans(home: Path) -> int:
    """End what a killed runner left behind; how many processes that were."""
    groups = read_json(home / "children.json").get("groups", [])
    left = [p for group in groups for p in processes.group_members(group["leader"], group["started"])]
    processes.end(left, _STOP)
    (home / "children.json").unlink(missing_ok=True)
    return len(left)
