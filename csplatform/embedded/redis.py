"""One Redis of a home: a hint to workers, so it keeps nothing on disk."""

import json
import signal
import socket
import subprocess
import time
from contextlib import suppress
from pathlib import Path

import psutil
import redis

from csplatform.embedded import processes
from csplatform.embedded.place import Place, redis_program
from csplatform.embedded.state import EmbeddedError, read_json, write_private

_READY_SECONDS = 20
_TRIES = 5


class Redis:
    """The Redis of one place, on a loopback port that stays the same as long as it is free."""

    name = "redis"

    def __init__(self, place: Place, log: Path, passwords: dict[str, str]) -> None:
        self._place, self._log, self._password = place, log, passwords["redis"]
        self._remembered = place.base / "redis-port.json"

    def process(self) -> psutil.Process | None:
        """The running server, found by its working directory."""
        return processes.parent_of_all(processes.working_in(self._place.redis, "redis-server"))

    def start(self) -> psutil.Process:
        """Answer the running server, or start it and wait until it answers. Raises EmbeddedError."""
        server = self.process()
        if server is not None and self._answers():
            return server
        self.stop()
        self._place.directory(self._place.redis)
        for _ in range(_TRIES):
            self._choose_port()
            server = psutil.Process(self._launch().pid)
            if self._await_ready(server) and self.process() is not None:
                return server
            processes.end([server], [(signal.SIGTERM, 5.0), (signal.SIGKILL, 5.0)])
        raise EmbeddedError(f"Redis did not start. The end of {self._log}:\n{self._log.read_text()[-1500:]}")

    def stop(self) -> None:
        """End the server."""
        left = processes.working_in(self._place.redis, "redis-server")
        processes.end(left, [(signal.SIGTERM, 5.0), (signal.SIGKILL, 5.0)])

    def urls(self) -> dict[str, str]:
        """The one address."""
        return {"REDIS_URL": f"redis://:{self._password}@127.0.0.1:{self._port()}/0"}

    def _port(self) -> int:
        return int(read_json(self._remembered).get("port", 0))

    def _choose_port(self) -> None:
        """Keep the last port if it is free, so that clients of a restarted server find it; else another."""
        for port in (self._port(), 0):
            with socket.socket() as probe, suppress(OSError):
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                probe.bind(("127.0.0.1", port))
                write_private(self._remembered, json.dumps({"port": probe.getsockname()[1]}))
                return

    def _launch(self) -> "subprocess.Popen[bytes]":
        settings = {
            "bind": "127.0.0.1",
            "port": self._port(),
            "requirepass": self._password,
            "dir": json.dumps(str(self._place.redis), ensure_ascii=False),
            "save": '""',
            "appendonly": "no",
            "maxmemory": "256mb",
            "maxmemory-policy": "noeviction",
        }
        # By the standard input, so that no list of processes shows the password.
        lines = "".join(f"{name} {value}\n" for name, value in settings.items())
        command = [str(redis_program(self._place)), "-"]
        return processes.launch(command, account=self._place.account, log=self._log, given=lines.encode())

    def _await_ready(self, server: psutil.Process) -> bool:
        deadline = time.monotonic() + _READY_SECONDS
        while time.monotonic() < deadline:
            if self._answers():
                return True
            if not server.is_running() or server.status() == psutil.STATUS_ZOMBIE:
                return False
            time.sleep(0.05)
        return False

    def _answers(self) -> bool:
        client = redis.Redis.from_url(self.urls()["REDIS_URL"], socket_connect_timeout=1, socket_timeout=2)
        try:
            return bool(client.ping())
        except redis.RedisError:
            return False
        finally:
            client.close()
