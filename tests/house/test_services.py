"""The test session itself: its role is bound by policies, its database is empty and its own."""

import os
import subprocess
import sys

import pytest
from django.conf import settings
from django.db import ProgrammingError, connection, connections
from django.test.utils import CaptureQueriesContext

from tests.services import ROOT


@pytest.mark.django_db
def test_tests_run_as_a_role_that_cannot_bypass_policies() -> None:
    with CaptureQueriesContext(connection), connection.cursor() as cursor:
        cursor.execute("SELECT rolsuper, rolbypassrls FROM pg_roles WHERE rolname = current_user")
        assert cursor.fetchone() == (False, False)
    with pytest.raises(ProgrammingError, match="permission denied"), connection.cursor() as cursor:
        cursor.execute("CREATE TABLE mine (word text)")


@pytest.mark.django_db(databases=["default", "owner"])
def test_both_roles_meet_in_the_same_database_of_this_worker() -> None:
    names = []
    for alias in ("default", "owner"):
        with connections[alias].cursor() as cursor:
            cursor.execute("SELECT current_database(), current_user")
            names.append(cursor.fetchone())
    assert {database for database, _ in names} == {settings.DATABASES["default"]["NAME"]}
    assert len({user for _, user in names}) == 2
    assert os.environ.get("PYTEST_XDIST_WORKER", "main") in str(settings.DATABASES["default"]["NAME"])


@pytest.mark.parametrize("_once_more", [1, 2])
@pytest.mark.django_db(transaction=True)
def test_what_a_test_commits_is_gone_in_the_next(_once_more: int) -> None:
    from django.contrib.sessions.models import Session
    from django.utils import timezone

    assert not Session.objects.exists()
    Session.objects.create(session_key="left", session_data="", expire_date=timezone.now())


@pytest.mark.django_db(transaction=True)
def test_a_command_in_a_process_of_its_own_uses_this_database() -> None:
    script = "from django.db import connection as c; c.ensure_connection(); print(c.connection.info.dbname)"
    ran = subprocess.run(
        [sys.executable, "manage.py", "shell", "-v0", "-c", script],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    assert ran.stdout.strip() == settings.DATABASES["default"]["NAME"]
