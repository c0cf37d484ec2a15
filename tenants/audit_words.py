"""What the audit trail calls acts and things, for people."""

from django.utils.translation import gettext_lazy as _

ACTIONS = {
    "create": _("created"),
    "change": _("changed"),
    "delete": _("deleted"),
    "add": _("added"),
    "restore": _("brought back"),
    "invite": _("invited"),
    "revoke": _("withdrew"),
    "publish": _("published"),
    "drop draft": _("discarded the draft of"),
    "log": _("logged"),
    "done": _("marked as done"),
    "snooze": _("snoozed"),
    "reopen": _("reopened"),
    "release": _("released to intake"),
    "archive": _("archived"),
    "replay": _("replayed"),
}
NOUNS = {
    "tenant": _("organisation"),
    "member": _("member"),
    "invitation": _("invitation"),
    "key": _("key"),
    "account": _("account"),
    "contact": _("contact"),
    "touch": _("touch"),
    "feature": _("feature"),
    "savedview": _("saved view"),
    "scorecard": _("scorecard"),
    "scorecardversion": _("scorecard version"),
    "alert": _("alert"),
    "rejected": _("rejected item"),
    "run": _("import"),
}
