"""A whole installation that is killed at random while clients send: its own Postgres, Redis, web and worker."""

import base64
import http.client
import json
import os
import random
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psutil

from csplatform import embedded
from tests.services import ROOT

BATCH = 20
ACCOUNTS = 12
USERS = 8
NAMES = ("Report Viewed", "Plan Opened", "Order Sent")
_SERVICES = ("DATABASE_URL", "DATABASE_OWNER_URL", "DATABASE_BACKUP_URL", "REDIS_URL", "SECRET_KEY")


def free_port() -> int:
    """A loopback port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Installation:
    """Everything an installation runs, in a home of its own. `kill` ends a part of it without a chance to clean up."""

    def __init__(self) -> None:
        self.home = Path(tempfile.mkdtemp(prefix="csp-f-"))
        self.home.chmod(0o711)
        self.port = free_port()
        self.env = {key: value for key, value in os.environ.items() if key not in _SERVICES}
        self.env |= {
            "CSPLATFORM_HOME": str(self.home),
            "PORT": str(self.port),
            "DJANGO_SETTINGS_MODULE": "csplatform.settings",
        }
        self.processes: dict[str, subprocess.Popen[bytes]] = {}
        self.faults: dict[str, int] = {}
        self.services("start")

    def services(self, what: str) -> None:
        """Start or stop Postgres and Redis of the home, in a process that sees none of the test's own services."""
        command = [sys.executable, "-m", "csplatform.embedded", what]
        subprocess.run(command, cwd=ROOT, env=self.env, capture_output=True, timeout=120, check=True)

    def manage(self, *arguments: str) -> str:
        """The output of a management command, which must succeed."""
        command = [sys.executable, "manage.py", *arguments]
        done = subprocess.run(command, cwd=ROOT, env=self.env, capture_output=True, text=True, check=False, timeout=300)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def start(self, name: str) -> None:
        """Start web or worker."""
        python = [sys.executable, "-m"]
        commands = {
            "web": [*python, "gunicorn", "csplatform.wsgi:application", "-b", f"127.0.0.1:{self.port}", "-w", "2",
                    "--preload", "-k", "gthread", "--threads", "4", "--log-level", "critical"],
            "worker": [*python, "celery", "-A", "csplatform", "worker", "-c", "2", "-l", "CRITICAL",
                       "--without-gossip", "--without-mingle"],
        }  # fmt: skip
        with (self.home / f"{name}.log").open("ab") as log:
            self.processes[name] = subprocess.Popen(
                commands[name], cwd=ROOT, env=self.env, stdout=log, stderr=log, start_new_session=True
            )

    def children(self, name: str) -> list[int]:
        """The process ids below web or worker."""
        try:
            return [child.pid for child in psutil.Process(self.processes[name].pid).children(recursive=True)]
        except psutil.NoSuchProcess:
            return []

    def kill(self, fault: str, rnd: random.Random) -> None:
        """One fault: a child or all of web or worker, Redis, or Postgres, by SIGKILL; what died is started again."""
        self.faults[fault] = self.faults.get(fault, 0) + 1
        if fault in ("web child", "worker child"):
            if pids := self.children(fault.split()[0]):
                _kill([rnd.choice(pids)])
        elif fault in ("web", "worker"):
            _kill([*self.children(fault), self.processes[fault].pid])
            self.processes[fault].wait()
            self.start(fault)
        else:
            _kill([embedded.running(self.home)[fault]])
            time.sleep(rnd.uniform(0, 0.5))
            self.services("start")

    def stop(self) -> None:
        """End everything and remove the home."""
        for name, process in self.processes.items():
            _kill([*self.children(name), process.pid])
            process.wait()
        self.services("stop")
        shutil.rmtree(self.home, ignore_errors=True)


def _kill(pids: list[int]) -> None:
    for pid in pids:
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            continue


@dataclass
class Load:
    """Clients that send batches and resend each until it is answered with 200, now and then once more."""

    port: int
    keys: dict[str, str]
    until: float
    sent: dict[tuple[str, str], tuple[str, str, str]] = field(default_factory=dict)
    refused: dict[int, int] = field(default_factory=dict)
    resent: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def run(self, clients: int = 4) -> list[threading.Thread]:
        """Start the clients."""
        threads = [threading.Thread(target=self._client, args=(number,)) for number in range(clients)]
        for thread in threads:
            thread.start()
        return threads

    def _client(self, number: int) -> None:
        rnd = random.Random(number)
        while time.time() < self.until:
            slug = rnd.choice(sorted(self.keys))
            events = [self._event(rnd) for _ in range(BATCH)]
            with self.lock:
                for event in events:
                    place = (event["context"]["groupId"], event["timestamp"][:10], event["event"])
                    self.sent[(slug, event["messageId"])] = place
            body = json.dumps({"batch": events, "sentAt": datetime.now(UTC).isoformat()}).encode()
            for _ in range(2 if rnd.random() < 0.05 else 1):
                self._deliver(slug, body)
            time.sleep(0.02)

    @staticmethod
    def _event(rnd: random.Random) -> dict[str, Any]:
        at = datetime.now(UTC) - timedelta(hours=rnd.choice([0, 1, 5, 30, 200]), seconds=rnd.random() * 60)
        return {
            "type": "track",
            "messageId": f"m-{rnd.getrandbits(96):x}",
            "userId": f"user-{rnd.randrange(USERS)}",
            "event": rnd.choice(NAMES),
            "timestamp": at.isoformat(timespec="milliseconds"),
            "context": {"groupId": f"account-{rnd.randrange(ACCOUNTS)}"},
        }

    def _deliver(self, slug: str, body: bytes) -> None:
        """Send until 200; a lost answer is sent again, as SDKs do. Gives up after five minutes."""
        token = base64.b64encode(f"{self.keys[slug]}:".encode()).decode()
        for _ in range(1500):
            try:
                connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)
                connection.request("POST", "/v1/batch", body, {"Authorization": f"Basic {token}"})
                status = connection.getresponse().status
                connection.close()
            except OSError:
                status = 0
            except http.client.HTTPException:
                status = 0
            if status == 200:
                return
            self.refused[status] = self.refused.get(status, 0) + 1
            self.resent += 1
            time.sleep(0.2)
        raise AssertionError("no 200 for five minutes")
