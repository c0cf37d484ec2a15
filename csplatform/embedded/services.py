"""A home's services as a whole: which are ours to run, who answers for them, where they are."""

import json
import os
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from csplatform.embedded import SERVICES_FILE, processes
from csplatform.embedded.place import Place, place_of
from csplatform.embedded.postgres import Postgres
from csplatform.embedded.redis import Redis
from csplatform.embedded.state import EmbeddedError, locked, passwords, read_json, write_private

Server = Postgres | Redis


@dataclass
class Services:
    """The services that a call of `ensure` found or started."""

    home: Path
    urls: dict[str, str]
    servers: dict[str, Server]
    responsible: bool
    durable: bool = True
    pids: dict[str, int] = field(default_factory=dict)

    def stop(self) -> None:
        """Stop what this process answers for; services that another living process started stay."""
        if self.responsible:
            stop(self.home)

    def missing(self) -> list[str]:
        """The names of the services that have died."""
        return [name for name, server in self.servers.items() if server.process() is None]

    def revive(self) -> None:
        """Start again what has died; addresses stay as they were."""
        renewed = ensure(self.home, durable=self.durable)
        self.urls, self.pids = renewed.urls, renewed.pids


def ensure(home: Path, *, durable: bool = True) -> Services:
    """See `csplatform.embedded.ensure`."""
    home.mkdir(parents=True, exist_ok=True, mode=0o700)
    with locked(home):
        servers = _servers(home, durable=durable)
        responsible = _is_responsible(home, servers)
        started = {name: server.start() for name, server in servers.items()}
        urls = {key: value for server in servers.values() for key, value in server.urls().items()}
        held: dict[str, object] = {**urls, "processes": {name: _identity(p) for name, p in started.items()}}
        held["responsible"] = _identity(psutil.Process()) if responsible else _responsible(home)
        write_private(home / SERVICES_FILE, json.dumps(held, indent=2))
    pids = {name: process.pid for name, process in started.items()}
    return Services(home, urls, servers, responsible, durable, pids)


def stop(home: Path) -> bool:
    """See `csplatform.embedded.stop`."""
    if not (home / "place.json").exists():
        return False
    with locked(home):
        servers = _servers(home, durable=True, everything=True)
        ran = [server for server in servers.values() if server.process() is not None]
        for server in servers.values():
            server.stop()
        (home / SERVICES_FILE).unlink(missing_ok=True)
    return bool(ran)


def running(home: Path) -> dict[str, int]:
    """See `csplatform.embedded.running`."""
    if not (home / "place.json").exists():
        return {}
    servers = _servers(home, durable=True, everything=True)
    found = {name: server.process() for name, server in servers.items()}
    return {name: process.pid for name, process in found.items() if process is not None}


def detach(home: Path) -> None:
    """Nobody answers for the services any longer: they run until `stop`."""
    with locked(home):
        held = read_json(home / SERVICES_FILE)
        held["responsible"] = None
        write_private(home / SERVICES_FILE, json.dumps(held, indent=2))


def _servers(home: Path, *, durable: bool, everything: bool = False) -> dict[str, Server]:
    """The servers that are ours: those whose address the environment does not give."""
    logs = home / "logs"
    logs.mkdir(exist_ok=True, mode=0o700)
    place: Place = place_of(home)
    secret = passwords(home)
    servers: dict[str, Server] = {}
    if everything or not _given("DATABASE_URL", home):
        servers["postgres"] = Postgres(place, logs / "postgres.log", secret, durable=durable)
    if everything or not _given("REDIS_URL", home):
        servers["redis"] = Redis(place, logs / "redis.log", secret)
    return servers


def _given(name: str, home: Path) -> bool:
    """Whether the environment names somebody else's service (a child of ours inherits our addresses)."""
    value = os.environ.get(name)
    return bool(value) and value != read_json(home / SERVICES_FILE).get(name)


def _identity(process: psutil.Process) -> dict[str, float]:
    return {"pid": process.pid, "started": process.create_time()}


def _responsible(home: Path) -> dict[str, float] | None:
    held = read_json(home / SERVICES_FILE).get("responsible")
    return held if isinstance(held, dict) else None


def _is_responsible(home: Path, servers: dict[str, Server]) -> bool:
    """Whether this process answers for the services: it starts them, did so, or whoever did is dead."""
    if not any(server.process() for server in servers.values()):
        return True
    who = _responsible(home)
    if who is None:
        return False
    living = processes.same_process(int(who["pid"]), float(who["started"]))
    return living is None or living.pid == os.getpid()


__all__ = ["EmbeddedError", "Services", "detach", "ensure", "running", "stop"]
