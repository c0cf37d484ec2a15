"""What of customers' persons this room's tables hold."""

from renewals import models as own
from tenants.personal import declare


def declare_all() -> None:
    """Called when the app starts."""
    declare(own.RevenueSetting, why="what managers set up")
