"""Writes which end users a contact is."""

from datetime import datetime

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from accounts.models import Contact
from tenants.models import Member
from tenants.services import audit_add
from usage.models import AccountUser, EndUser, PersonLink


def person_link(*, contact: Contact, end_user: EndUser, same: bool, at: datetime, by: Member) -> None:
    """Say that a contact is an end user of their account, or is not; it overrules what the e-mail address says.

    An end user is one contact: saying so takes them from another. Raises ValidationError for a user never seen there.
    """
    if not AccountUser.objects.filter(account_id=contact.account_id, end_user=end_user).exists():
        raise ValidationError(_("This user has not been seen at the account."))
    if same:
        PersonLink.objects.filter(end_user=end_user, same=True).exclude(contact=contact).delete()
    PersonLink.objects.update_or_create(
        contact=contact, end_user=end_user, defaults={"same": same}, create_defaults={"same": same, "created_at": at}
    )
    name = str(end_user)
    audit_add(
        actor=by, action="change", target=contact, at=at, changes={"end_user": [None, name] if same else [name, None]}
    )
