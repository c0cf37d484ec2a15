"""One Postgres cluster of a home: made, started, found again after a crash, stopped."""

import shutil
import signal
import subprocess
import time
from contextlib import closing, suppress
from pathlib import Path
from urllib.parse import quote

import psutil
import psycopg2

from csplatform.embedded import processes
from csplatform.embedded.place import Place, forget_socket_directory, postgres_programs, socket_directory
from csplatform.embedded.state import EmbeddedError

DATABASE = "csplatform"
OWNER, APP, BACKUP = "csplatform_owner", "csplatform_app", "csplatform_backup"
_MAJOR = "18"
_READY_SECONDS = 180  # a large log after a crash takes a while to be worked off
_SETTINGS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "shared_buffers": "256MB",
    "max_connections": "100",
    "max_wal_size": "2GB",
    "min_wal_size": "128MB",
    "checkpoint_timeout": "10min",
    "jit": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_checkpoints": "off",
}
_NOT_DURABLE = {"fsync": "off", "full_page_writes": "off", "wal_level": "minimal", "max_wal_senders": "0"}


class Postgres:
    """The cluster of one place. Reached by a socket only, so it needs no port and nobody else can knock."""

    name = "postgres"

    def __init__(self, place: Place, log: Path, passwords: dict[str, str], *, durable: bool) -> None:
        self._place, self._log, self._passwords, self._durable = place, log, passwords, durable

    def process(self) -> psutil.Process | None:
        """The running server, found by its data directory; children, orphans too, rename themselves."""
        return processes.parent_of_all(p for p in self._processes() if "-D" in processes.command(p))

    def start(self) -> psutil.Process:
        """Answer the running server, or start it and wait until it can be used. Raises EmbeddedError."""
        server = self.process()
        self._sockets = socket_directory(self._place)
        if server is None:
            self._clear_after_crash()
            self._make_cluster()
            server = psutil.Process(self._launch().pid)
        self._await_ready(server)
        self._make_roles()
        return server

    def stop(self) -> None:
        """End the server: without new work first, then at once, then by force."""
        steps = [(signal.SIGINT, 30.0), (signal.SIGQUIT, 10.0)]
        if server := self.process():
            processes.end([server], steps)
        processes.end(self._processes(), [(signal.SIGKILL, 10.0)])
        forget_socket_directory(self._place)

    def urls(self) -> dict[str, str]:
        """The three addresses: run time, owner, backup."""
        return {
            "DATABASE_URL": self._url(APP, "app"),
            "DATABASE_OWNER_URL": self._url(OWNER, "owner"),
            "DATABASE_BACKUP_URL": self._url(BACKUP, "backup"),
        }

    def _url(self, role: str, key: str) -> str:
        host = quote(str(socket_directory(self._place)), safe="")
        return f"postgresql://{role}:{quote(self._passwords[key], safe='')}@{host}/{DATABASE}"

    def _processes(self) -> list[psutil.Process]:
        return processes.working_in(self._place.data, "postgres")

    def _clear_after_crash(self) -> None:
        """Nothing heads this cluster: end orphans of a killed server, then drop the pid files it left."""
        processes.end(self._processes(), [(signal.SIGQUIT, 3.0), (signal.SIGKILL, 10.0)])
        for left in (self._place.data / "postmaster.pid", *self._sockets.glob(".s.PGSQL.*")):
            left.unlink(missing_ok=True)

    def _make_cluster(self) -> None:
        """Make the data directory in one step, so that a killed initdb leaves nothing half made."""
        if self._place.data.exists():
            self._check_version()
            return
        draft, password = self._place.base / "postgres.new", self._place.base / "initdb-password"
        shutil.rmtree(draft, ignore_errors=True)
        self._place.directory(draft)
        password.write_text("")
        password.chmod(0o600)
        if self._place.account is not None:
            shutil.chown(password, self._place.account, self._place.account)
        password.write_text(self._passwords["superuser"])
        try:
            self._initdb(draft, password)
        finally:
            password.unlink()
        draft.rename(self._place.data)

    def _initdb(self, target: Path, password: Path) -> None:
        command = [
            str(postgres_programs(self._place) / "initdb"),
            f"--pgdata={target}",
            "--username=postgres",
            f"--pwfile={password}",
            "--auth=scram-sha-256",
            "--encoding=UTF8",
            "--locale=C",
            "--locale-provider=builtin",
            "--builtin-locale=C.UTF-8",
            *([] if self._durable else ["--no-sync"]),
        ]
        made = subprocess.run(  # noqa: S603 - our own program and arguments
            command,
            capture_output=True,
            text=True,
            cwd="/",
            env={"LC_ALL": "C"},
            **processes.identity(self._place.account),
        )
        if made.returncode:
            raise EmbeddedError(f"Postgres could not make its data directory: {made.stderr.strip()[-800:]}")

    def _check_version(self) -> None:
        found = (self._place.data / "PG_VERSION").read_text().strip()
        if found != _MAJOR:
            raise EmbeddedError(
                f"The data below {self._place.data} is of Postgres {found}; this version needs {_MAJOR}."
            )

    def _launch(self) -> "subprocess.Popen[bytes]":
        settings = {
            **_SETTINGS,
            **({} if self._durable else _NOT_DURABLE),
            "unix_socket_directories": str(self._sockets),
        }
        flags = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        program = postgres_programs(self._place) / "postgres"
        command = [str(program), "-D", str(self._place.data), *flags]
        return processes.launch(command, account=self._place.account, log=self._log)

    def _await_ready(self, server: psutil.Process) -> None:
        deadline = time.monotonic() + _READY_SECONDS
        while time.monotonic() < deadline:
            with suppress(psycopg2.OperationalError), closing(self._superuser("postgres")):
                if self.process() is not None:
                    return
            if not server.is_running() or server.status() == psutil.STATUS_ZOMBIE:
                break
            time.sleep(0.05)
        raise EmbeddedError(f"Postgres did not start. The end of {self._log}:\n{self._log.read_text()[-1500:]}")

    def _superuser(self, database: str) -> "psycopg2.extensions.connection":
        connection = psycopg2.connect(
            host=str(self._sockets),
            user="postgres",
            password=self._passwords["superuser"],
            dbname=database,
            connect_timeout=5,
        )
        connection.autocommit = True
        return connection

    def _make_roles(self) -> None:
        """Bring the three roles and the database to what they must be; the same again on every start."""
        roles = {
            OWNER: ("owner", "NOSUPERUSER CREATEDB NOBYPASSRLS"),
            APP: ("app", "NOSUPERUSER NOCREATEDB NOBYPASSRLS"),
            BACKUP: ("backup", "NOSUPERUSER NOCREATEDB BYPASSRLS"),
        }
        with closing(self._superuser("postgres")) as connection, connection.cursor() as cursor:
            cursor.execute("SELECT rolname FROM pg_roles")
            held = {name for (name,) in cursor.fetchall()}
            for role, (key, rights) in roles.items():
                verb = "ALTER" if role in held else "CREATE"
                # Names and rights are the constants above; the password is passed as a value.
                cursor.execute(f"{verb} ROLE {role} LOGIN NOCREATEROLE {rights} PASSWORD %s", [self._passwords[key]])
            cursor.execute(f"GRANT pg_read_all_data TO {BACKUP}")
            cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE])
            if cursor.fetchone() is None:
                cursor.execute(f"CREATE DATABASE {DATABASE} OWNER {OWNER}")
