"""Fields of the API that keep the one rule for days and currencies, so that a refusal names its field and row."""

from collections.abc import Callable
from datetime import date, datetime
from typing import Any

from django.utils.timezone import now
from rest_framework import serializers

from common.plausible import When, currency_fault, day_fault


def plausible(when: When) -> Callable[[date | datetime], None]:
    """A validator: refuses days and instants that are not believed."""

    def judge(value: date | datetime) -> None:
        if fault := day_fault(value, when, now().date()):
            raise serializers.ValidationError(fault)

    return judge


def day(when: When, **more: Any) -> serializers.DateField:
    """A day, as YYYY-MM-DD."""
    return serializers.DateField(validators=[plausible(when)], **more)


def instant(**more: Any) -> serializers.DateTimeField:
    """An instant that has been."""
    return serializers.DateTimeField(validators=[plausible(When.PAST)], **more)


def _known(code: str) -> None:
    if fault := currency_fault(code):
        raise serializers.ValidationError(fault)


def currency(**more: Any) -> serializers.CharField:
    """A currency of ISO 4217."""
    return serializers.CharField(max_length=20, validators=[_known], **more)
