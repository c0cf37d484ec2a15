"""Words of the sign-in library whose Chinese ours replaces: its own leaves "Email" standing among Chinese words.

Nothing calls this file. The words stand here so that our catalogue, which is asked first, holds them.
"""

from django.utils.translation import gettext_noop as _

ADOPTED = (
    _("Email Addresses"),
    _("The following email addresses are associated with your account:"),
    _("Primary"),
    _("Make Primary"),
    _("Re-send Verification"),
    _("Add Email Address"),
    _("Add Email"),
    _("Do you really want to remove the selected email address?"),
)
