"""Which end users a contact is."""

from django.db import models

from accounts.models import Contact
from tenants.fields import TenantForeignKey, TenantModel
from usage.models.events import EndUser


class PersonLink(TenantModel):
    """What a person said about whether a contact is an end user: they are (`same`) or are not.

    Without a word, a contact is the end users of their account who carry their e-mail address.
    """

    contact = TenantForeignKey(Contact, models.CASCADE, related_name="+")
    end_user = TenantForeignKey(EndUser, models.CASCADE, related_name="+")
    same = models.BooleanField()
    created_at = models.DateTimeField()

    class Meta(TenantModel.Meta):
        constraints = [models.UniqueConstraint(fields=["tenant", "contact", "end_user"], name="person_link_once")]

    def __str__(self) -> str:
        return f"{self.contact_id} {'is' if self.same else 'is not'} {self.end_user_id}"
