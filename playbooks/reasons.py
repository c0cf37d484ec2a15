"""Open alerts as reasons to call; silence is a kind of its own."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta

from django.core.exceptions import ValidationError
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import Account, Touch
from accounts.reasons import Asked, Reason, ReasonSource, Said, Words, row_id
from playbooks.models import Alert, AlertRule
from playbooks.rules import SILENT_DAYS
from playbooks.selectors import reason
from playbooks.services import alert_done, alert_reopen
from tenants.models import Member

# A rule that is not named here counts as `OTHER`.
URGENCY: Mapping[str, int] = {AlertRule.RED_BEFORE_RENEWAL: 90, AlertRule.USE_DOWN: 70, AlertRule.SILENT: 50}
OTHER = 50


def _loads(source: str, silent: bool) -> Callable[[Asked], Iterable[Reason]]:
    def load(asked: Asked) -> Iterable[Reason]:
        again = Q(state=Alert.State.SNOOZED, snoozed_until__lte=asked.today)
        found = Alert.objects.filter(Q(state=Alert.State.OPEN) | again, asked.meant("owner"))
        if silent:  # a touch of today ends the silence at once; the alert itself ends in the night
            heard = Touch.objects.filter(
                account=OuterRef("account"),
                two_way=True,
                on__range=(asked.today - timedelta(days=SILENT_DAYS), asked.today),
            )
            found = found.filter(~Exists(heard), rule=AlertRule.SILENT)
        else:
            found = found.exclude(rule=AlertRule.SILENT)
        for pk, account, rule, due in found.values_list("id", "account_id", "rule", "due_on"):
            yield Reason(account, source, f"alert:{pk}", URGENCY.get(rule, OTHER), due)

    return load


def say(reasons: Sequence[Reason], _asked: Asked) -> Words:
    """The alert's reason with its figures, and its owner."""
    ids = {row_id(one.key) for one in reasons}
    alerts = Alert.objects.filter(pk__in=ids).select_related("owner__user")
    return {
        (alert.account_id, f"alert:{alert.pk}"): Said(
            reason(alert),
            who=str(alert.owner or ""),
            label=alert.get_rule_display(),
            covers=("renewal",) if alert.rule == AlertRule.RED_BEFORE_RENEWAL else (),
        )
        for alert in alerts
    }


def _alert(account: Account, key: str) -> Alert:
    found = Alert.objects.filter(pk=row_id(key), account=account).first()
    if found is None:
        raise ValidationError(_("This alert is gone."))
    return found


def deal(account: Account, key: str, by: Member, at: datetime, on: date) -> str:
    """The alert is done, for everybody."""
    alert = _alert(account, key)
    alert_done(alert=alert, by=by, at=at, on=on)
    return _("Done for everybody: %(what)s") % {"what": reason(alert)}


def undeal(account: Account, key: str, by: Member, at: datetime, _on: date) -> str:
    """The alert is open again."""
    alert_reopen(alert=_alert(account, key), by=by, at=at)
    return _("Open again.")


SOURCES = (
    ReasonSource(
        "alert",
        gettext_lazy("Alert"),
        gettext_lazy("What the alert rules found: red before renewal (90), use is down (70), any other rule (50)."),
        _loads("alert", silent=False), say, {"done": deal, "undo": undeal},
    ),
    ReasonSource(
        "silent",
        gettext_lazy("Silent"),
        gettext_lazy("No two-way contact for more than 30 days (50)."),
        _loads("silent", silent=True), say, {"done": deal, "undo": undeal},
    ),
)  # fmt: skip
