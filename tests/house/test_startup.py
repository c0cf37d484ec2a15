"""No process works with a database role that row-level security does not bind."""

import os
import subprocess
import sys

import pytest

from tests import services


@pytest.fixture
def as_owner(django_db_setup: None) -> dict[str, str]:
    """The environment of an installation whose run-time address names the owner of the tables."""
    return {**os.environ, "DATABASE_URL": os.environ["DATABASE_OWNER_URL"], "PYTHONDONTWRITEBYTECODE": "1"}


def run(environment: dict[str, str], *command: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, *command],
        env=environment,
        cwd=services.ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


COMMANDS = {
    "web": ("-m", "gunicorn", "csplatform.wsgi:application", "--bind=127.0.0.1:0", "--no-control-socket"),
    "worker": ("-m", "celery", "-A", "csplatform", "worker", "--concurrency=1", "--without-gossip"),
    "nightly": ("manage.py", "nightly", "--tenant", "any"),
}


@pytest.mark.parametrize("name", COMMANDS)
def test_a_process_that_would_run_as_the_owner_ends_and_says_why(name: str, as_owner: dict[str, str]) -> None:
    done = run(as_owner, *COMMANDS[name])
    assert done.returncode != 0
    assert "owns tables: tenants would not be kept apart" in done.stdout + done.stderr


def test_the_run_time_role_is_taken(django_db_setup: None) -> None:
    done = run(dict(os.environ), "-c", "import csplatform.wsgi; print('started')")
    assert done.stdout.strip().endswith("started"), done.stderr


def test_a_database_that_is_away_does_not_keep_web_from_starting() -> None:
    away = {**os.environ, "DATABASE_URL": "postgresql://nobody@127.0.0.1:1/away"}
    assert run(away, "-c", "import csplatform.wsgi; print('started')").stdout.strip().endswith("started")
