"""The scopes of API keys: what a program may read and write."""

from django.utils.translation import gettext_lazy as _

API_SCOPES = {
    "accounts:read": _("Read accounts, contracts, metrics and health"),
    "accounts:write": _("Create and change accounts, contracts and exchange rates"),
    "contacts:read": _("Read contacts"),
    "contacts:write": _("Create and change contacts"),
    "touches:read": _("Read touches and next steps"),
    "touches:write": _("Create and change touches"),
    "handovers:read": _("Read hand-overs"),
    "handovers:write": _("Start and fill in hand-overs"),
    "features:read": _("Read features and products"),
    "features:write": _("Create and change features and products"),
    "tickets:read": _("Read tickets"),
    "tickets:write": _("Create and change tickets"),
    "requests:read": _("Read requests"),
    "requests:write": _("Create and change requests"),
    "cases:read": _("Read success cases"),
    "cases:write": _("Create and change success cases"),
    "help:read": _("Read help articles"),
    "help:write": _("Create and change help articles"),
    "surveys:read": _("Read answers to surveys"),
    "surveys:write": _("Add answers to surveys"),
    "persons:erase": _("Find, export and erase persons"),
    "scorecard:read": _("Read the scorecard"),
    "scorecard:write": _("Publish the scorecard"),
}
