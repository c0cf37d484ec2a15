"""The demo runner: what it starts it stops, what dies it restarts, what a crash leaves it clears."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from csplatform import embedded
from csplatform.demo import children
from csplatform.demo.runner import CannotStartError, Runner, logins, port_of
from csplatform.embedded.processes import group_members
from tests.services import ROOT

_PATIENCE_SECONDS = 240  # a bound on hanging, not a measure: two cores may carry a whole test run beside it


@pytest.fixture
def home(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A home whose demo world counts as made; everything in it is stopped at the end."""
    for name in ("DATABASE_URL", "DATABASE_OWNER_URL", "DATABASE_BACKUP_URL", "REDIS_URL", "SECRET_KEY"):
        monkeypatch.delenv(name, raising=False)
    path = Path(tempfile.mkdtemp(prefix="csp-demo-"))
    path.chmod(0o711)
    (path / "demo.json").write_text(json.dumps({"tenants": [{"slug": slug} for slug in ("northwind", "yunfan")]}))
    yield path
    children.clear_orphans(path)
    embedded.stop(path)
    shutil.rmtree(path)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _start(home: Path, port: int) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-m", "csplatform.demo"],
        cwd=ROOT,
        env={**os.environ, "CSPLATFORM_HOME": str(home), "PORT": str(port)},
        stdout=(home / "out").open("a"),
        stderr=subprocess.STDOUT,
        text=True,
    )


def _until(condition: Callable[[], bool], home: Path) -> None:
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while not condition():
        assert time.monotonic() < deadline, (home / "out").read_text()[-3000:]
        time.sleep(0.1)


def _ready(home: Path, times: int) -> bool:
    return (home / "out").read_text().count("Ready: http://localhost:") >= times


def _answers(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://localhost:{port}/healthz", timeout=5) as answer:
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False


def _leaders(home: Path) -> list[psutil.Process]:
    groups = json.loads((home / "children.json").read_text())["groups"]
    return [p for group in groups for p in group_members(group["leader"], group["started"])]


@pytest.mark.fault
def test_the_demo_survives_kills_of_its_parts_and_of_itself_and_leaves_nothing_behind(home: Path) -> None:
    port = _free_port()
    runner = _start(home, port)
    _until(lambda: _ready(home, 1), home)
    assert _answers(port)

    web = _leaders(home)[0]
    os.killpg(web.pid, signal.SIGKILL)
    services = embedded.running(home)
    os.kill(services["postgres"], signal.SIGKILL)
    os.kill(services["redis"], signal.SIGKILL)
    _until(lambda: len(embedded.running(home)) == 2 and _answers(port), home)

    orphans = _leaders(home)
    runner.kill()
    runner.wait()
    assert any(process.is_running() for process in orphans)

    runner = _start(home, port)
    _until(lambda: _ready(home, 2), home)
    assert _answers(port)
    left = _leaders(home)
    runner.send_signal(signal.SIGTERM)
    assert runner.wait(timeout=_PATIENCE_SECONDS) == 0
    alive = [process for process in [*orphans, *left] if process.is_running() and process.status() != "zombie"]
    assert alive == []
    assert embedded.running(home) == {}
    assert embedded.service_urls(home) == {}


def test_a_taken_port_is_said_before_anything_is_started(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)}
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        assert Runner(home, taken.getsockname()[1]).run() == 1
    for number, handler in before.items():
        signal.signal(number, handler)
    assert "is taken" in capsys.readouterr().err
    assert embedded.running(home) == {}


@pytest.mark.parametrize("text", ["abc", "-1", "0", "65536", "8000x", "²"])
def test_what_is_no_port_is_said(text: str) -> None:
    with pytest.raises(CannotStartError, match="is no port"):
        port_of(text)
    assert port_of("8001") == 8001


def test_what_keeps_dying_is_given_up() -> None:
    deaths = children.Deaths()
    assert [deaths.another() for _ in range(5)] == [True, True, True, True, False]


def test_logins_are_told_per_tenant_and_role_and_for_the_platform_staff() -> None:
    demo: dict[str, object] = {
        "tenants": [{"slug": "northwind", "logins": [{"role": "csm", "email": "a@b.example", "password": "pw"}]}],
        "platform": {"email": "staff@b.example", "password": "secret"},
    }
    member, staff = logins(demo)
    assert member.split() == ["northwind", "csm", "a@b.example", "pw"]
    assert staff.split() == ["platform", "staff", "staff@b.example", "secret"]
