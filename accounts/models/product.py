"""The tenant's product."""

from django.db import models

from tenants.fields import TenantModel


class Feature(TenantModel):
    """A part of the tenant's product. Which events count as its use is the usage room's rule.

    `target_uses`: how many uses per active user in 30 days count as full depth (1 where none is set).
    """

    key = models.SlugField(max_length=60)
    name = models.CharField(max_length=120)
    core = models.BooleanField(default=False)
    entitled_by_default = models.BooleanField(default=True)
    target_uses = models.DecimalField(max_digits=8, decimal_places=2, null=True, blank=True)
    created_at = models.DateTimeField()

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["tenant", "key"], name="feature_key_once"),
            models.CheckConstraint(
                condition=models.Q(target_uses__gt=0) | models.Q(target_uses=None),
                name="feature_target_positive",
            ),
        ]

    def __str__(self) -> str:
        return self.name
