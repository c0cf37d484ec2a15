"""Files kept at an account: the signed contract, a plan, what sales was given."""

from django.db import models

from accounts.models.account import Account
from operations.models import File
from tenants.fields import TenantForeignKey, TenantModel


class AccountFile(TenantModel):
    """A file of an account. `in_handover`: it came with the hand-over from sales."""

    account = TenantForeignKey(Account, models.CASCADE, related_name="files")
    file = TenantForeignKey(File, models.CASCADE, related_name="+")
    in_handover = models.BooleanField(default=False)
    created_at = models.DateTimeField()

    class Meta(TenantModel.Meta):
        constraints = [models.UniqueConstraint(fields=["tenant", "file"], name="account_file_once")]
        indexes = [models.Index(fields=["tenant", "account", "-created_at"], name="account_file_by_account")]

    def __str__(self) -> str:
        return str(self.file)
