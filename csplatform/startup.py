"""What a process makes sure of before it works."""

from typing import Any

from django.core.exceptions import ImproperlyConfigured


def refuse_powerful_role() -> None:
    """Connect once, which refuses a run-time role that policies do not bind (ImproperlyConfigured ends the process).

    A database that is away stops nothing: the first connection is checked whenever it comes.
    """
    from django.db import OperationalError, connection

    try:
        connection.ensure_connection()
    except OperationalError:
        return
    finally:
        connection.close()


def load_pages() -> None:
    """Import every page now: before web forks its workers, which share what is loaded, and not at a first request."""
    from django.urls import get_resolver

    _ = get_resolver().url_patterns


def end_with_powerful_role(**_signal: Any) -> None:
    """Receiver of Celery's `worker_init`, which swallows every exception but the end of the process."""
    try:
        refuse_powerful_role()
    except ImproperlyConfigured as error:
        raise SystemExit(str(error)) from error
