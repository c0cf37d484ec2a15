"""Real Postgres and Redis for a test session, and a database of its own for each of its workers.

The first process of a session starts them (or takes those named by DATABASE_URL, DATABASE_OWNER_URL,
DATABASE_BACKUP_URL and REDIS_URL) and tells its workers by the environment. One template database is
migrated once, by the owner, and copied for each worker. `CSPLATFORM_TEST_HOME` names a home to keep between
sessions, which saves the migrations.
"""

import atexit
import datetime
import hashlib
import os
import secrets
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import psycopg2
import pytest
from django.db.backends.base.base import BaseDatabaseWrapper

from csplatform import embedded, messages
from csplatform.embedded.processes import same_process
from csplatform.embedded.state import read_json

ROOT = Path(__file__).resolve().parent.parent
_DATABASES = ("DATABASE_URL", "DATABASE_OWNER_URL", "DATABASE_BACKUP_URL")
_SESSION, _BASE, _TEMPLATE = "CSPLATFORM_TEST_SESSION", "CSPLATFORM_TEST_BASE", "CSPLATFORM_TEST_TEMPLATE"
_HOMES = "csp-t-"
_LOCK = 7_310_118  # any number, the same in every session


def begin() -> None:
    """Set the environment so that settings, and every process a test starts, use this worker's services."""
    if _SESSION not in os.environ:
        _start_session()
    worker = os.environ.get("PYTEST_XDIST_WORKER", "main")
    for key in _DATABASES:
        os.environ[key] = _with_database(os.environ[key], f"test_{os.environ[_SESSION]}_{worker}")
    number = int("".join(filter(str.isdigit, worker)) or 0)
    os.environ["REDIS_URL"] = _with_database(os.environ["REDIS_URL"], str(number % 16))
    os.environ["CSPLATFORM_HOME"] = str(_worker_home(worker))
    os.environ["STATIC_ROOT"] = str(ROOT / "staticfiles")
    (ROOT / "staticfiles").mkdir(exist_ok=True)


def make_database() -> None:
    """Make this worker's database from the template, and the template first if it is not there yet."""
    name = _database(os.environ["DATABASE_OWNER_URL"])
    template = os.environ[_TEMPLATE]
    with _one_at_a_time():
        if not _databases_like(template):
            _make_template(template)
    _as_owner(f'DROP DATABASE IF EXISTS "{name}"')
    _as_owner(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
    _refuse_powerful_role()


def copy_database(suffix: str, *, of: str = "") -> dict[str, str]:
    """One more database for processes that commit (a live server); its three addresses, as environment variables.

    `of`: the suffix of another copy, to which nobody may be connected; otherwise the template.
    """
    own = _database(os.environ["DATABASE_OWNER_URL"])
    name, source = f"{own}_{suffix}", f"{own}_{of}" if of else os.environ[_TEMPLATE]
    drop_copy(suffix)
    _as_owner(f'CREATE DATABASE "{name}" TEMPLATE "{source}"')
    return {key: _with_database(os.environ[key], name) for key in _DATABASES}


@contextmanager
def empty_database(suffix: str) -> Iterator[BaseDatabaseWrapper]:
    """A database without tables, and the owner's connection, which works in it meanwhile; dropped at the end."""
    name = f"{_database(os.environ['DATABASE_OWNER_URL'])}_{suffix}"
    drop_copy(suffix)
    _as_owner(f'CREATE DATABASE "{name}" TEMPLATE template0')
    try:
        with _owner_in(name) as owner:
            yield owner
    finally:
        drop_copy(suffix)


@contextmanager
def _owner_in(database: str) -> Iterator[BaseDatabaseWrapper]:
    """Point the owner's connection to another database for a while."""
    from django.db import connections

    owner = connections["owner"]
    owner.close()
    name, owner.settings_dict["NAME"] = owner.settings_dict["NAME"], database
    try:
        yield owner
    finally:
        owner.close()
        owner.settings_dict["NAME"] = name


def drop_copy(suffix: str) -> None:
    """Drop what `copy_database` made, whoever is still connected."""
    _drop(f"{_database(os.environ['DATABASE_OWNER_URL'])}_{suffix}")


def run_as_owner(statements: Iterable[str]) -> None:
    """Run SQL in this worker's database as the owner, by a connection that test cases do not guard."""
    with closing(psycopg2.connect(os.environ["DATABASE_OWNER_URL"])) as link, link, link.cursor() as cursor:
        cursor.execute("SET LOCAL lock_timeout = '20s'")  # a transaction left open fails, it does not hang
        for statement in statements:
            cursor.execute(statement)


def _start_session() -> None:
    messages.compile_all()
    _sweep()
    kept = os.environ.get("CSPLATFORM_TEST_HOME")
    home = Path(kept or tempfile.mkdtemp(prefix=_HOMES)).resolve()
    home.mkdir(parents=True, exist_ok=True)
    os.environ.update(embedded.ensure(home, durable=False).urls)
    if missing := [key for key in (*_DATABASES, "REDIS_URL") if key not in os.environ]:
        raise pytest.UsageError(f"DATABASE_URL is set, so these must be too: {', '.join(missing)}")
    os.environ[_SESSION], os.environ[_BASE] = secrets.token_hex(4), str(home)
    os.environ[_TEMPLATE] = f"test_template_{_fingerprint()}"  # once: a session that runs past midnight keeps its own
    os.environ["SECRET_KEY"] = secrets.token_urlsafe(50)
    atexit.register(_end_session)
    os.environ["CSPLATFORM_TEST_MAINTENANCE"] = os.environ["DATABASE_OWNER_URL"]


def _end_session() -> None:
    """Stop what was started; in services of somebody else, drop this session's databases."""
    home = Path(os.environ[_BASE])
    if embedded.stop(home):
        if "CSPLATFORM_TEST_HOME" not in os.environ:
            shutil.rmtree(home, ignore_errors=True)
        return
    for name in _databases_like(f"test_{os.environ[_SESSION]}_%"):
        _drop(name)


def _sweep() -> None:
    """Remove what sessions that were killed left running."""
    for home in Path(tempfile.gettempdir()).glob(f"{_HOMES}*"):
        who = read_json(home / embedded.SERVICES_FILE).get("responsible") or {}
        mine = home.stat().st_uid == os.geteuid()
        if mine and who and same_process(who["pid"], who["started"]) is None:
            embedded.stop(home)
            shutil.rmtree(home, ignore_errors=True)


def _worker_home(worker: str) -> Path:
    """A home for what this worker's processes write; its services are named by the environment."""
    home = Path(os.environ[_BASE]) / f"worker-{worker}"
    home.mkdir(exist_ok=True, mode=0o700)
    return home


def _with_database(url: str, name: str) -> str:
    return urlsplit(url)._replace(path=f"/{name}").geturl()


def _database(url: str) -> str:
    return urlsplit(url).path.lstrip("/")


def _fingerprint() -> str:
    """Changes with whatever makes the schema; and daily, since partitions are made ahead of the day."""
    digest = hashlib.sha256(datetime.datetime.now(tz=datetime.UTC).date().isoformat().encode())
    patterns = ("*/migrations/*.py", "*/models.py", "*/models/*.py", "*/apps.py", "*/partitions.py")
    paths = {path for pattern in patterns for path in ROOT.glob(pattern)}
    for path in sorted(paths | {ROOT / "tenants/operations.py", ROOT / "tenants/grants.py"}):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:12]


def _make_template(template: str) -> None:
    """Migrate into a draft and rename it: a template that exists is complete."""
    from django.core.management import call_command

    for old in _databases_like("test_template_%"):
        _as_owner(f'DROP DATABASE IF EXISTS "{old}"')
    draft = f"test_draft_{os.environ[_SESSION]}"
    _as_owner(f'DROP DATABASE IF EXISTS "{draft}"')
    _as_owner(f'CREATE DATABASE "{draft}" TEMPLATE template0')
    with _owner_in(draft):
        call_command("migrate", database="owner", verbosity=0, interactive=False)
    _as_owner(f'ALTER DATABASE "{draft}" RENAME TO "{template}"')


@contextmanager
def _one_at_a_time() -> Iterator[None]:
    with closing(_maintenance()) as connection, connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [_LOCK])
        yield


def _maintenance() -> "psycopg2.extensions.connection":
    connection = psycopg2.connect(os.environ["CSPLATFORM_TEST_MAINTENANCE"])
    connection.autocommit = True
    return connection


def _as_owner(sql: str) -> None:
    with closing(_maintenance()) as connection, connection.cursor() as cursor:
        cursor.execute(sql)


def _drop(name: str) -> None:
    """Without FORCE, which only a superuser may do while autovacuum looks at the database; the plain form sends that
    away by itself and waits for those told to go.
    """
    _as_owner(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}' AND usename <> ''")
    _as_owner(f'DROP DATABASE IF EXISTS "{name}"')


def _databases_like(pattern: str) -> list[str]:
    with closing(_maintenance()) as connection, connection.cursor() as cursor:
        cursor.execute("SELECT datname FROM pg_database WHERE datname LIKE %s", [pattern])
        return [name for (name,) in cursor.fetchall()]


def _refuse_powerful_role() -> None:
    """Tests as a role that row-level security does not bind would prove nothing."""
    sql = "SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = current_user"
    owned = "SELECT count(*) FROM pg_class WHERE pg_get_userbyid(relowner) = current_user"
    with closing(psycopg2.connect(os.environ["DATABASE_URL"])) as connection, connection.cursor() as cursor:
        cursor.execute(f"SELECT ({sql}), ({owned})")
        powerful, tables = cursor.fetchone() or (True, 0)
    if powerful or tables:
        pytest.exit("The run-time role of DATABASE_URL can bypass row-level security. Tests need one that cannot.", 3)
