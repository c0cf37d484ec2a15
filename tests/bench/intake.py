"""Accepted and durable events per CPU second over HTTP, against the same endpoint only decoding."""

import sys
import time
from base64 import b64encode
from http.client import HTTPConnection
from socket import socket
from subprocess import Popen

import psutil
from django.db import connection

from tests.bench.load import BATCH, bodies, figure, make_tenant, seconds
from tests.bench.results import Result

BATCHES = 400


def run() -> list[Result]:
    """At least 40 % of the events per CPU second of the web worker and its database session together."""
    made = make_tenant()
    sent = list(bodies(BATCHES, users=1000))
    rates = {kind: _served_rate(kind, made.write_key, sent) for kind in ("decode", "store")}
    return [
        Result("intake: accepted and durable ÷ only decoded", rates["store"] / rates["decode"], "ratio", 0.4),
        figure("intake: accepted and durable", rates["store"]),
        figure("intake: only decoded", rates["decode"]),
    ]


def _served_rate(kind: str, key: str, sent: list[bytes]) -> float:
    """Events per CPU second of one web worker (and its database session) that is sent these bodies."""
    port = _free_port()
    command = [sys.executable, "-m", "gunicorn", "--workers", "1", "--bind", f"127.0.0.1:{port}"]
    command += ["--log-level", "warning", "--keep-alive", "30", f"tests.bench.served:served('{kind}')"]
    with Popen(command) as server:  # noqa: S603 - our own web server, with words of ours
        try:
            client = _connected(port)
            for body in sent[:20]:
                _post(client, key, body)
            worker = psutil.Process(server.pid).children()[0]
            before = seconds(worker) + _other_sessions()
            for body in sent:
                _post(client, key, body)
            used = seconds(worker) + _other_sessions() - before
        finally:
            server.terminate()
    return len(sent) * BATCH / used


def _other_sessions() -> float:
    """CPU seconds of the database sessions other than ours that are open now: the web worker's."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        pids = [pid for (pid,) in cursor.fetchall()]
    return sum(seconds(psutil.Process(pid)) for pid in pids if psutil.pid_exists(pid))


def _free_port() -> int:
    with socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def _connected(port: int) -> HTTPConnection:
    client = HTTPConnection("127.0.0.1", port, timeout=30)
    for _ in range(200):
        try:
            client.connect()
        except ConnectionRefusedError:
            time.sleep(0.1)
        else:
            return client
    raise RuntimeError("the web server did not start")


def _post(client: HTTPConnection, key: str, body: bytes) -> None:
    token = b64encode(f"{key}:".encode()).decode()
    headers = {"Authorization": f"Basic {token}", "Content-Type": "application/json"}
    client.request("POST", "/v1/batch", body, headers)
    answer = client.getresponse()
    answer.read()
    if answer.status != 200:
        raise RuntimeError(f"the intake answered {answer.status}")
