"""Tells the workers that something came in. Only a hint: it may be lost, and it must never delay or fail an answer."""

import logging
import os
from queue import Full, Queue
from threading import Lock, Thread
from time import monotonic

from celery import current_app

logger = logging.getLogger(__name__)
TASK = "pipeline.tasks.refresh_tenant"
SECONDS_BETWEEN = 1.0
SECONDS_AFTER_FAILURE = 30.0


class Hints:
    """Sends hints from a thread of its own, at most one a second per tenant, none for a while after a failure."""

    def __init__(self) -> None:
        self._queue: Queue[int] = Queue(maxsize=100)
        self._last: dict[int, float] = {}
        self._quiet_until = 0.0
        self._pid = 0
        self._lock = Lock()

    def give(self, tenant_id: int) -> None:
        """Hint that the tenant has something to unpack; returns at once."""
        moment = monotonic()
        if moment < self._quiet_until or moment - self._last.get(tenant_id, -SECONDS_BETWEEN) < SECONDS_BETWEEN:
            return
        self._last[tenant_id] = moment
        self._start()
        try:
            self._queue.put_nowait(tenant_id)
        except Full:
            return

    def _start(self) -> None:
        """One thread per process; after a fork the child needs its own."""
        with self._lock:
            if self._pid != os.getpid():
                self._pid = os.getpid()
                self._queue = Queue(maxsize=100)
                Thread(target=self._run, name="intake-hints", daemon=True).start()

    def _run(self) -> None:
        while True:
            tenant_id = self._queue.get()
            try:
                current_app.send_task(TASK, [tenant_id], retry=False, ignore_result=True)
            except Exception as error:
                self._quiet_until = monotonic() + SECONDS_AFTER_FAILURE
                logger.warning(
                    "no hint to the workers (%s); they look for themselves every minute", type(error).__name__
                )


hints = Hints()
