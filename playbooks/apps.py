"""The app of playbooks."""

from typing import Any

from django.apps import AppConfig


def move_open_alerts(*, account: Any, csm: Any, **_kwargs: Any) -> None:
    """Signal receiver: open alerts follow the account to its new CSM."""
    from playbooks.services import alerts_move

    alerts_move(account=account, owner=csm)


class PlaybooksConfig(AppConfig):
    """Open work follows a reassigned account."""

    name = "playbooks"

    def ready(self) -> None:
        """Listen to reassignment; alerts are reasons to call."""
        from accounts.reasons import register
        from accounts.signals import account_reassigned
        from playbooks.reasons import SOURCES

        for source in SOURCES:
            register(source)
        account_reassigned.connect(move_open_alerts, dispatch_uid="playbooks.alerts")
