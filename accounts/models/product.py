"""The tenant's product: what is sold, and what is in it."""

from django.db import models

from tenants.fields import TenantForeignKey, TenantModel


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


class Product(TenantModel):
    """What a contract line sells. `key` is what other systems call it."""

    key = models.CharField(max_length=60)
    name = models.CharField(max_length=120)
    features = models.ManyToManyField(Feature, through="ProductFeature", related_name="products")
    created_at = models.DateTimeField()

    class Meta(TenantModel.Meta):
        constraints = [models.UniqueConstraint(fields=["tenant", "key"], name="product_key_once")]

    def __str__(self) -> str:
        return self.name


class ProductFeature(TenantModel):
    """A feature belongs to a product; it may belong to several."""

    product = TenantForeignKey(Product, models.CASCADE, related_name="+")
    feature = TenantForeignKey(Feature, models.CASCADE, related_name="+")

    class Meta(TenantModel.Meta):
        constraints = [models.UniqueConstraint(fields=["tenant", "product", "feature"], name="product_feature_once")]

    def __str__(self) -> str:
        return f"{self.product_id} {self.feature_id}"


class Plan(TenantModel):
    """An edition of a product: the features that an account may use while it has a line with this plan."""

    product = TenantForeignKey(Product, models.CASCADE, related_name="plans")
    key = models.CharField(max_length=60)
    name = models.CharField(max_length=120)
    features = models.ManyToManyField(Feature, through="PlanFeature", related_name="plans")
    created_at = models.DateTimeField()

    class Meta(TenantModel.Meta):
        constraints = [models.UniqueConstraint(fields=["tenant", "product", "key"], name="plan_key_once")]

    def __str__(self) -> str:
        return self.name


class PlanFeature(TenantModel):
    """A feature that a plan contains."""

    plan = TenantForeignKey(Plan, models.CASCADE, related_name="+")
    feature = TenantForeignKey(Feature, models.CASCADE, related_name="+")

    class Meta(TenantModel.Meta):
        constraints = [models.UniqueConstraint(fields=["tenant", "plan", "feature"], name="plan_feature_once")]

    def __str__(self) -> str:
        return f"{self.plan_id} {self.feature_id}"
