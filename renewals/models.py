"""What the room of renewals keeps."""

from decimal import Decimal

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models

from tenants.fields import TenantModel

FULL_MARGIN = Decimal(100)
GRACE_DAYS = 30


class RevenueSetting(TenantModel):
    """How revenue figures are made. One row per tenant; without one the margin is 100 % and says so.

    `gross_margin`: per cent, null until set. `grace_days`: how long after its end a line may still be decided.
    """

    gross_margin = models.DecimalField(
        max_digits=5, decimal_places=2, null=True, blank=True,
        validators=[MinValueValidator(Decimal("0.01")), MaxValueValidator(FULL_MARGIN)],
    )  # fmt: skip
    grace_days = models.PositiveSmallIntegerField(default=GRACE_DAYS, validators=[MaxValueValidator(365)])

    class Meta(TenantModel.Meta):
        constraints = [models.UniqueConstraint(fields=["tenant"], name="revenue_setting_once")]

    def __str__(self) -> str:
        return f"{self.gross_margin} %, {self.grace_days} d"
