"""The app of playbooks."""

from typing import Any

from django.apps import AppConfig


def move_open_alerts(*, account: Any, csm: Any, **_kwargs: Any) -> None:
    """Signal receiver: open alerts follow the account to its new CSM."""
    from playbooks.services import alerts_move

    alerts_move(account=account, owner=csm)


class PlaybooksConfig(AppConfig):
    """Open work follows a reassigned account; rules say which segments they use."""

    name = "playbooks"

    def ready(self) -> None:
        """Listen to reassignment; alerts are reasons to call; name the segments in use."""
        from accounts.reasons import register
        from accounts.segments import uses
        from accounts.signals import account_reassigned
        from playbooks.models import AlertRule
        from playbooks.personal import declare_all
        from playbooks.reasons import SOURCES
        from playbooks.selectors import rule_uses
        from tenants.audit_words import register_values

        for source in SOURCES:
            register(source)
        uses.register("playbooks", rule_uses)
        declare_all()
        register_values("alert_rule", dict(AlertRule.choices))
        account_reassigned.connect(move_open_alerts, dispatch_uid="playbooks.alerts")
