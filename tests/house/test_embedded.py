"""The embedded Postgres and Redis: who may do what, and that no crash stops the next start."""

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import Any

import psutil
import psycopg2
import pytest
import redis

from csplatform import embedded
from csplatform.embedded import place
from csplatform.embedded.place import place_of
from csplatform.embedded.state import EmbeddedError
from tests.services import ROOT

_ENSURE = """
import sys, pathlib
from csplatform import embedded
from csplatform.embedded import place
services = embedded.ensure(pathlib.Path(sys.argv[1]), durable=False)
print(services.pids["postgres"], services.pids["redis"], services.responsible, flush=True)
sys.stdin.read()
"""


@pytest.fixture
def directory() -> Iterator[Path]:
    """A short directory that any account may walk through; what was started in it is stopped at the end."""
    path = Path(tempfile.mkdtemp(prefix="csp-test-"))
    path.chmod(0o711)
    yield path
    for held in path.rglob("place.json"):
        base = Path(json.loads(held.read_text())["base"])
        embedded.stop(held.parent)
        if not base.is_relative_to(path):
            shutil.rmtree(base)
    shutil.rmtree(path)


@pytest.fixture(autouse=True)
def _no_addresses(monkeypatch: pytest.MonkeyPatch) -> None:
    """The services of this test session must not be taken for services of somebody else."""
    for name in ("DATABASE_URL", "DATABASE_OWNER_URL", "DATABASE_BACKUP_URL", "REDIS_URL"):
        monkeypatch.delenv(name, raising=False)


def _query(url: str, sql: str) -> list[tuple[Any, ...]]:
    with closing(psycopg2.connect(url)) as connection, connection, connection.cursor() as cursor:
        cursor.execute(sql)
        return cursor.fetchall() if cursor.description else []


def _helper(home: Path) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-c", _ENSURE, str(home)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )


def _answer(helper: "subprocess.Popen[str]") -> list[str]:
    assert helper.stdout is not None
    line: str = helper.stdout.readline()
    return line.split()


def test_the_three_roles_can_do_what_they_are_for_and_nothing_more(directory: Path) -> None:
    services = embedded.ensure(directory / "home", durable=False)
    urls = embedded.service_urls(directory / "home")
    assert urls == services.urls
    rights = _query(
        urls["DATABASE_URL"],
        "SELECT rolname, rolsuper, rolbypassrls, rolcreatedb, rolcreaterole FROM pg_roles"
        " WHERE rolname LIKE 'csplatform%' ORDER BY 1",
    )
    assert rights == [
        ("csplatform_app", False, False, False, False),
        ("csplatform_backup", False, True, False, False),
        ("csplatform_owner", False, False, True, False),
    ]
    _query(urls["DATABASE_OWNER_URL"], "CREATE TABLE kept (word text); INSERT INTO kept VALUES ('one')")
    assert _query(urls["DATABASE_BACKUP_URL"], "SELECT word FROM kept") == [("one",)]
    with pytest.raises(psycopg2.errors.InsufficientPrivilege):
        _query(urls["DATABASE_BACKUP_URL"], "INSERT INTO kept VALUES ('two')")
    with pytest.raises(psycopg2.errors.InsufficientPrivilege):
        _query(urls["DATABASE_URL"], "CREATE TABLE mine (word text)")
    with pytest.raises(psycopg2.OperationalError, match="password authentication failed"):
        _query(urls["DATABASE_URL"].replace("csplatform_app:", "csplatform_app:wrong"), "SELECT 1")
    with pytest.raises(redis.AuthenticationError):
        redis.Redis.from_url(urls["REDIS_URL"].replace(":@", "@").replace("redis://:", "redis://:wrong")).ping()


def test_files_with_passwords_are_for_the_owner_only(directory: Path) -> None:
    home = directory / "home"
    embedded.ensure(home, durable=False)
    embedded.home_secret(home)
    for name in ("passwords.json", "services.json", "secret-key", "place.json"):
        assert (home / name).stat().st_mode & 0o077 == 0, name
    for path in (place_of(home).data, place_of(home).redis, home / "logs"):
        assert path.stat().st_mode & 0o077 == 0, path


def test_killing_the_starter_and_both_servers_does_not_stop_the_next_start(directory: Path) -> None:
    home = directory / "home"
    starter = _helper(home)
    postgres, store, responsible = _answer(starter)
    assert responsible == "True"
    urls = embedded.service_urls(home)
    _query(urls["DATABASE_OWNER_URL"], "CREATE TABLE kept (word text); INSERT INTO kept VALUES ('one')")
    for pid in (starter.pid, int(postgres), int(store)):
        os.kill(pid, signal.SIGKILL)
    starter.communicate()
    # The number in the stale file now belongs to a living process that is no Postgres.
    pid_file = place_of(home).data / "postmaster.pid"
    pid_file.write_text(f"{os.getpid()}\n" + "\n".join(pid_file.read_text().splitlines()[1:]) + "\n")

    services = embedded.ensure(home, durable=False)

    assert services.responsible
    assert services.urls == urls  # clients that live on find the restarted servers
    assert _query(urls["DATABASE_URL"], "SELECT 1") == [(1,)]
    assert _query(urls["DATABASE_BACKUP_URL"], "SELECT word FROM kept") == [("one",)]
    assert redis.Redis.from_url(urls["REDIS_URL"]).ping()


def test_servers_whose_starter_was_killed_are_taken_over_and_stopped(directory: Path) -> None:
    home = directory / "home"
    starter = _helper(home)
    pids = [int(word) for word in _answer(starter)[:2]]
    starter.kill()
    starter.communicate()
    services = embedded.ensure(home, durable=False)
    assert [services.pids["postgres"], services.pids["redis"]] == pids
    services.stop()
    assert not any(psutil.pid_exists(pid) and psutil.Process(pid).status() != "zombie" for pid in pids)
    assert embedded.running(home) == {}
    assert embedded.service_urls(home) == {}


def test_two_that_start_at_once_share_one_server_and_only_one_answers_for_it(directory: Path) -> None:
    home = directory / "home"
    starters = [_helper(home), _helper(home)]
    answers = [_answer(starter) for starter in starters]
    assert answers[0][:2] == answers[1][:2]
    assert sorted(answer[2] for answer in answers) == ["False", "True"]
    for starter in starters:
        starter.communicate()


def test_two_homes_run_side_by_side_whatever_their_paths(directory: Path) -> None:
    homes = [directory / "one", directory / ("A long path in capitals and 中文 " * 3) / ("b" * 60)]
    for home in homes:
        home.parent.mkdir(exist_ok=True, mode=0o711)
    with ThreadPoolExecutor() as pool:
        first, second = pool.map(lambda home: embedded.ensure(home, durable=False), homes)
    assert set(first.pids.values()).isdisjoint(second.pids.values())
    for services in (first, second):
        assert _query(services.urls["DATABASE_URL"], "SELECT current_user") == [("csplatform_app",)]
    second.stop()
    assert set(embedded.running(homes[0])) == {"postgres", "redis"}


def test_a_killed_server_is_noticed_and_revived_at_the_same_address(directory: Path) -> None:
    services = embedded.ensure(directory / "home", durable=False)
    assert services.missing() == []
    urls = services.urls
    for pid in services.pids.values():
        os.kill(pid, signal.SIGKILL)
    psutil.wait_procs([psutil.Process(pid) for pid in services.pids.values() if psutil.pid_exists(pid)], timeout=5)
    assert sorted(services.missing()) == ["postgres", "redis"]
    services.revive()
    assert services.missing() == []
    assert services.urls == urls
    assert _query(urls["DATABASE_URL"], "SELECT 1") == [(1,)]


@pytest.mark.skipif(os.geteuid() != 0, reason="only root drops to another account")
def test_root_runs_the_servers_as_another_account_that_reaches_neither_home_nor_packages(
    directory: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    really = place._may
    monkeypatch.setattr(
        place, "_may", lambda who, right, path: "site-packages" not in str(path) and really(who, right, path)
    )
    closed = directory / "closed"
    closed.mkdir(mode=0o700)
    services = embedded.ensure(closed / "home", durable=False)
    users = {psutil.Process(pid).uids().effective for pid in services.pids.values()}
    assert 0 not in users
    assert closed.stat().st_mode & 0o777 == 0o700
    base = place_of(closed / "home").base
    assert not base.is_relative_to(closed)
    assert all(Path(psutil.Process(pid).exe()).is_relative_to(base) for pid in services.pids.values())
    again = embedded.ensure(closed / "home", durable=False)
    assert again.pids == services.pids


def test_a_service_named_by_the_environment_is_left_alone(directory: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://somebody@elsewhere/else")
    services = embedded.ensure(directory / "home", durable=False)
    assert set(services.pids) == {"redis"}
    assert set(embedded.service_urls(directory / "home")) == {"REDIS_URL"}


def test_without_a_wheel_the_message_says_what_to_do(directory: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("csplatform.embedded.place.find_spec", lambda _name: None)
    monkeypatch.setenv("PATH", str(directory))
    with pytest.raises(EmbeddedError, match="DATABASE_OWNER_URL"):
        embedded.ensure(directory / "home", durable=False)
    monkeypatch.setenv("DATABASE_URL", "postgresql://somebody@elsewhere/else")
    with pytest.raises(EmbeddedError, match="redis-server so that it is on PATH, or set REDIS_URL"):
        embedded.ensure(directory / "home", durable=False)


def test_processes_that_come_first_together_agree_on_one_secret(
    directory: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CSPLATFORM_HOME", str(directory / "home"))
    script = "from csplatform import embedded, settings; print(embedded.home_secret(settings.HOME))"
    command = [sys.executable, "-c", script]
    started = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(4)]
    answers = {helper.communicate()[0].strip() for helper in started}
    assert len(answers) == 1
    assert len(answers.pop()) >= 50


def test_a_command_beside_no_demo_says_that_no_database_runs(directory: Path) -> None:
    ran = subprocess.run(
        [sys.executable, "manage.py", "showmigrations"],
        cwd=ROOT,
        env={**os.environ, "CSPLATFORM_HOME": str(directory / "home")},
        capture_output=True,
        text=True,
    )
    assert ran.returncode == 1
    assert ran.stderr.startswith("No database runs for")
    assert "csplatform.embedded start" in ran.stderr


def test_a_home_where_nothing_was_started_has_no_addresses(directory: Path) -> None:
    assert embedded.service_urls(directory / "home") == {}
    assert embedded.running(directory / "home") == {}
    assert not embedded.stop(directory / "home")
