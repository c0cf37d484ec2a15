"""What a person keeps of Today: what they put aside, and when they last looked."""

from django.db import models

from accounts.models.account import Account
from tenants.fields import TenantForeignKey, TenantModel
from tenants.models import Member


class Aside(TenantModel):
    """A reason that a member does not want to see at an account before a day.

    `key` names the reason as its source does; a reason that changes has another key, so it shows again at once.
    `done`: dealt with, and not only put off.
    """

    member = TenantForeignKey(Member, models.CASCADE, related_name="+")
    account = TenantForeignKey(Account, models.CASCADE, related_name="+")
    key = models.CharField(max_length=80)
    until = models.DateField()
    done = models.BooleanField(default=False)
    at = models.DateTimeField()

    class Meta(TenantModel.Meta):
        constraints = [models.UniqueConstraint(fields=["tenant", "member", "account", "key"], name="aside_once")]

    def __str__(self) -> str:
        return f"{self.key} {self.until}"


class Look(TenantModel):
    """When a member last looked at Today. `since`: what is new is counted from here, for as long as the sitting lasts
    whose latest page was shown at `at`. None: nobody has looked before.
    """

    member = TenantForeignKey(Member, models.CASCADE, related_name="+")
    at = models.DateTimeField()
    since = models.DateTimeField(null=True)

    class Meta(TenantModel.Meta):
        constraints = [models.UniqueConstraint(fields=["tenant", "member"], name="look_once")]

    def __str__(self) -> str:
        return f"{self.member_id} {self.at:%Y-%m-%d %H:%M}"
