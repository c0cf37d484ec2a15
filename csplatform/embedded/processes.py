"""Processes told apart safely: a number alone may have been given to another since it was written down."""

import os
import signal
from collections.abc import Iterable
from pathlib import Path

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
            try:
                process.send_signal(number)
            except psutil.NoSuchProcess:
                continue
        left = [process for process in psutil.wait_procs(left, timeout=seconds)[1] if not _is_dead(process)]
        if not left:
            return


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
