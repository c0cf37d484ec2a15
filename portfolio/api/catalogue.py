"""Products, their plans, and exchange rates over the API."""

from typing import Any

from django.utils.timezone import now
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models import ExchangeRate, Feature, Plan, Product
from accounts.selectors.contracts import product_list, rate_list
from accounts.services import plan_save, product_save, rates_set
from common.plausible import When
from portfolio.api.contracts import known_only, plain_id
from portfolio.api.serializers import by_place
from tenants.api_fields import currency, day
from tenants.api_views import ScopedAPIView

RATES_MOST = 5000


class FeatureKeys(serializers.ListField):
    """Features by key; a key that does not exist is refused with those that do."""

    child = serializers.CharField(max_length=60)

    def to_internal_value(self, data: Any) -> Any:
        """The features."""
        keys = super().to_internal_value(data)
        held = {feature.key: feature for feature in Feature.objects.all()}
        if unknown := sorted(set(keys) - set(held)):
            known = ", ".join(sorted(held)) or "none yet"
            raise serializers.ValidationError([f"No feature is called {', '.join(unknown)}. Known are: {known}."])
        return [held[key] for key in dict.fromkeys(keys)]

    def to_representation(self, data: Any) -> Any:
        """Their keys."""
        return sorted(feature.key for feature in data.all())


class PlanSerializer(serializers.Serializer[Any]):
    """A plan of a product, with the features it contains."""

    key = serializers.CharField(max_length=60, validators=[plain_id])
    name = serializers.CharField(max_length=120)
    features = FeatureKeys(required=False)

    def to_internal_value(self, data: Any) -> Any:
        """Known fields only."""
        known_only(self, data)
        return super().to_internal_value(data)


class ProductSerializer(PlanSerializer):
    """A product with its plans. Plans that a list leaves out stay."""

    plans = PlanSerializer(many=True, required=False)


class RateSerializer(serializers.Serializer[Any]):
    """From `date` on, one unit of `currency` is worth `rate` of the organisation's currency, until the next rate."""

    currency = currency()
    date = day(When.DUE, source="day")
    rate = serializers.DecimalField(max_digits=20, decimal_places=10)

    def validate_rate(self, value: Any) -> Any:
        """More than nothing."""
        if value <= 0:
            raise serializers.ValidationError("Send a rate above 0.")
        return value


class ProductList(ScopedAPIView):
    """`GET|POST /api/v1/products/`."""

    scopes = {"GET": "features:read", "POST": "features:write"}

    @extend_schema(responses=ProductSerializer(many=True))
    def get(self, request: Request) -> Response:
        """The catalogue: `{"results": […]}`."""
        products = [product for product, _sold in product_list()]
        return Response({"results": [ProductSerializer(product).data for product in products]})

    @extend_schema(request=ProductSerializer, responses=ProductSerializer)
    def post(self, request: Request) -> Response:
        """Create a product with its plans, or bring the one with this key to what was sent."""
        asked = ProductSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        at, label = now(), str(self.key)
        plans = asked.validated_data.pop("plans", [])
        held = Product.objects.filter(key=asked.validated_data["key"]).first()
        product = product_save(values=asked.validated_data, at=at, by=None, product=held, label=label)
        for values in plans:
            plan = Plan.objects.filter(product=product, key=values["key"]).first()
            plan_save(product=product, values=values, at=at, by=None, plan=plan, label=label)
        code = status.HTTP_200_OK if held else status.HTTP_201_CREATED
        return Response(ProductSerializer(product).data, status=code)


class RateList(ScopedAPIView):
    """`GET|POST /api/v1/exchange-rates/`."""

    scopes = {"GET": "accounts:read", "POST": "accounts:write"}

    @extend_schema(responses=RateSerializer(many=True))
    def get(self, request: Request) -> Response:
        """Every dated rate: `{"results": […]}`."""
        return Response({"results": RateSerializer(rate_list(), many=True).data})

    @extend_schema(request=RateSerializer(many=True), responses=RateSerializer(many=True))
    def post(self, request: Request) -> Response:
        """Set up to 5,000 rates, all or none. Twice is the same as once; the ARR of their contracts follows."""
        if not isinstance(request.data, list) or not 0 < len(request.data) <= RATES_MOST:
            raise serializers.ValidationError([f"Send a list of 1 to {RATES_MOST} rates."])
        asked = RateSerializer(data=request.data, many=True)
        asked.is_valid(raise_exception=True)
        own = [row["currency"] == self.tenant.currency for row in asked.validated_data]
        if any(own):
            said = f"{self.tenant.currency} is the organisation's own currency; its rate is 1. Send another one."
            raise serializers.ValidationError(by_place([{"currency": [said]} if one else {} for one in own]))
        done = rates_set(tenant=self.tenant, rows=asked.validated_data, at=now(), by=None, label=str(self.key))
        rates: list[ExchangeRate] = [rate for _what, rate in done]
        return Response({"results": RateSerializer(rates, many=True).data})
