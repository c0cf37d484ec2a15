"""Processes told apart safely: a number alone may have been given to another since it was written down."""

import os
import signal
import subprocess
import time
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import TypedDict

import psutil

_SAME_START_SECONDS = 5  # the kernel's start times shift by this much when the clock is set


def same_process(pid: int, started: float) -> psutil.Process | None:
    """The living process `pid` if it is the one that started at `started` (seconds since the epoch)."""
    try:
        process = psutil.Process(pid)
        if abs(process.create_time() - started) > _SAME_START_SECONDS or _is_dead(process):
            return None
    except psutil.Error:
        return None
    return process


def working_in(directory: Path, name: str) -> list[psutil.Process]:
    """The living processes called `name` whose working directory is `directory`.

    Both servers change into their data directory, so this finds every process of a cluster, also the orphans
    of a killed parent, without believing any pid file.
    """
    wanted = str(directory.resolve())
    found = []
    for process in psutil.process_iter(["name"]):
        if process.info["name"] != name:
            continue
        try:
            if process.cwd() == wanted and not _is_dead(process):
                found.append(process)
        except psutil.Error:
            continue
    return found


def parent_of_all(processes: Iterable[psutil.Process]) -> psutil.Process | None:
    """The one process whose own parent is not among them; None for none or for orphans without a head."""
    by_pid = {process.pid: process for process in processes}
    heads = [process for process in by_pid.values() if _parent_pid(process) not in by_pid]
    return heads[0] if len(heads) == 1 else None


def group_members(leader: int, started: float) -> list[psutil.Process]:
    """The living processes of the group `leader`, none older than it: what a dead runner's child left."""
    found = []
    for process in psutil.process_iter():
        try:
            if os.getpgid(process.pid) != leader or _is_dead(process):
                continue
            if process.create_time() >= started - _SAME_START_SECONDS:
                found.append(process)
        except (ProcessLookupError, psutil.Error):
            continue
    return found


def end(processes: Iterable[psutil.Process], steps: Iterable[tuple[signal.Signals, float]]) -> None:
    """Send each step's signal to those still alive and wait up to its seconds for them to go."""
    left = list(processes)
    for number, seconds in steps:
        for process in left:
            with suppress(psutil.NoSuchProcess):
                process.send_signal(number)
        left = _still_alive(left, time.monotonic() + seconds)


def _still_alive(processes: list[psutil.Process], deadline: float) -> list[psutil.Process]:
    """Those alive at the deadline; at once when all are gone. Ours are reaped, others may linger."""
    left = processes
    while left and time.monotonic() < deadline:
        left = [process for process in psutil.wait_procs(left, timeout=0.05)[1] if not _is_dead(process)]
    return left


class Identity(TypedDict):
    """What `subprocess` needs to start a program as another account; all None for our own."""

    user: int | None
    group: int | None
    extra_groups: list[int] | None


def identity(account: int | None) -> Identity:
    """The arguments that start a program as `account` and nothing more."""
    return {"user": account, "group": account, "extra_groups": None if account is None else []}


def launch(command: list[str], *, account: int | None, log: Path, given: bytes = b"") -> "subprocess.Popen[bytes]":
    """Start a server as `account` in a session of its own, so that a Ctrl-C meant for us does not reach it.

    `given` is what it reads from its standard input; `log` takes what it writes, from the beginning.
    """
    with log.open("wb") as output:
        child = subprocess.Popen(  # noqa: S603 - our own programs and arguments
            command,
            stdin=subprocess.PIPE,
            stdout=output,
            stderr=output,
            cwd="/",
            env={"LC_ALL": "C", "PATH": "/usr/bin:/bin"},
            start_new_session=True,
            **identity(account),
        )
    if child.stdin is not None:
        with suppress(BrokenPipeError), child.stdin as pipe:
            pipe.write(given)
    return child


def command(process: psutil.Process) -> list[str]:
    """The process's command line; empty when it has gone."""
    try:
        return process.cmdline()
    except psutil.Error:
        return []


def _is_dead(process: psutil.Process) -> bool:
    try:
        return process.status() in (psutil.STATUS_ZOMBIE, psutil.STATUS_DEAD)
    except psutil.NoSuchProcess:
        return True


def _parent_pid(process: psutil.Process) -> int:
    try:
        return process.ppid()
    except psutil.NoSuchProcess:
        return 0
