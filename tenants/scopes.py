"""The scopes of API keys: what a program may read and write."""

from django.utils.translation import gettext_lazy as _

API_SCOPES = {
    "accounts:read": _("Read accounts, contracts, metrics and health"),
    "accounts:write": _("Create and change accounts, contracts and exchange rates"),
    "features:read": _("Read features and products"),
    "features:write": _("Create and change features and products"),
    "scorecard:read": _("Read the scorecard"),
    "scorecard:write": _("Publish the scorecard"),
}
