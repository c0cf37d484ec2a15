"""Where ids of this room hide outside of references, for a tenant that moves to another installation."""

from django.db import connection

from service.models import HelpPage
from tenants.scope import current_tenant_id
from tenants.transfer import Shifts


def answers_rename(_shifts: Shifts) -> None:
    """Who answered a survey is told apart by the contact's number, which has moved."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE service_surveyanswer SET person = 'c' || contact_id"
            " WHERE tenant_id = %s AND contact_id IS NOT NULL AND person ~ '^c[0-9]+$'",
            [current_tenant_id()],
        )


def help_page_forget(_shifts: Shifts) -> None:
    """The link of the help page opens one installation only; it is made anew when it is switched on."""
    HelpPage.objects.all().delete()
