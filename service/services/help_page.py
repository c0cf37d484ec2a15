"""Writes the help page that customers read without a login, and what they say of articles."""

import secrets
from datetime import date, datetime

from django.db import connection

from service.models import HelpArticle, HelpPage
from tenants.models import Door, Member
from tenants.scope import current_tenant_id
from tenants.services import audit_add, door_make

ON, OFF, RENEW = "on", "off", "renew"


def help_page_set(*, action: str, at: datetime, by: Member) -> HelpPage:
    """Open the page, close it, or give it a new link (`renew`), after which the old one leads nowhere."""
    page = HelpPage.objects.select_for_update().first() or HelpPage(created_at=at)
    before = page.is_on
    if action != RENEW:  # a new link neither opens a closed page nor closes an open one
        page.is_on = action == ON
    if not page.token or action == RENEW:
        page.token = secrets.token_urlsafe(18)
    page.save()
    Door.objects.filter(kind=Door.Kind.HELP, tenant_id=current_tenant_id(), object_id=page.pk).delete()
    if page.is_on:
        door_make(kind=Door.Kind.HELP, token=page.token, target=page)
    changes = {"link": [None, "new"]} if action == RENEW else {"is_on": [before, page.is_on]}
    audit_add(actor=by, action="change", target=page, at=at, changes=changes)
    return page


def help_vote(*, article: HelpArticle, helped: bool, day: date) -> None:
    """Count a reader who says that an article helped, or did not; nothing of the reader is kept."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO service_helpvote (tenant_id, article_id, day, helped, count) VALUES (%s, %s, %s, %s, 1)"
            " ON CONFLICT (tenant_id, article_id, day, helped) DO UPDATE SET count = service_helpvote.count + 1",
            [current_tenant_id(), article.pk, day, helped],
        )
