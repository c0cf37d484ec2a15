"""What of customers' persons this room's tables hold."""

from playbooks import models as own
from tenants.personal import declare


def declare_all() -> None:
    """Called when the app starts."""
    declare(own.Alert, free=("outcome",), copies=("facts",), where="account__name")
    declare(own.RuleSetting)
