"""How accounts, metrics and health look in the API."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from rest_framework import serializers

from accounts.cells import Cell, cells
from accounts.models import Account, Driver, LifecycleStage, Purpose, ServiceTier
from accounts.selectors.tiers import tier_list
from accounts.values import ValueRefused, plain_text
from common.plausible import When
from health.certainty import Span
from health.models import Band, Score
from health.selectors import explain, limited_points
from tenants.api_fields import currency, day
from tenants.models import Member, Role
from usage.activity import METRICS

CSM_ROLES = (Role.CSM, Role.MANAGER, Role.ADMIN)


def plain_value(value: Any) -> Any:
    """A custom field's value in JSON."""
    if isinstance(value, Member):
        return value.user.email
    return value if value is None else plain_text(value)


def custom_read(value: Mapping[str, Any], known: Mapping[str, Cell]) -> dict[str, Any]:
    """Custom values by key as services take them; refuses each unknown key and each value of another kind."""
    found: dict[str, Any] = {}
    faults: dict[str, list[str]] = {}
    for key, one in value.items():
        cell = known.get(key)
        try:
            if cell is None:
                faults[key] = [f"Unknown field. Known are: {', '.join(known) or 'none'}."]
            elif one is not None and (isinstance(one, bool) or not isinstance(one, str | int | float)):
                faults[key] = ["Send text, a number or null."]
            else:
                found[key] = cell.typed("" if one is None else str(one))
        except ValueRefused as error:
            faults[key] = [str(error)]
    if faults:
        raise serializers.ValidationError(faults)
    return found


class SetByHandSerializer(serializers.Serializer[Any]):
    """A band set by hand: it holds to before `until`."""

    band = serializers.ChoiceField(choices=Band.choices)
    until = serializers.DateField()
    reason = serializers.CharField()


class HealthSerializer(serializers.Serializer[Any]):
    """An account's health as of the day the pages show."""

    score = serializers.DecimalField(max_digits=7, decimal_places=4, allow_null=True)
    band = serializers.ChoiceField(choices=Band.choices)
    coverage = serializers.FloatField(allow_null=True)
    low = serializers.FloatField(allow_null=True, help_text="The lowest score that missing measures could still make.")
    high = serializers.FloatField(allow_null=True, help_text="The highest score that they could.")
    uncertain = serializers.BooleanField(allow_null=True, help_text="Whether low or high lies in another band.")
    as_of = serializers.DateField(allow_null=True)
    override = SetByHandSerializer(allow_null=True, help_text="The band as a person set it; `band` stays the computed.")


class AccountSerializer(serializers.ModelSerializer[Account]):
    """An account. `csm` is a member's e-mail; `custom` holds custom fields by key; health and tags are read only."""

    csm = serializers.SerializerMethodField()
    tier = serializers.CharField(source="tier.name", default=None, help_text="The service tier's name.")
    parent_external_id = serializers.CharField(
        source="parent.external_id", default=None, help_text="The account that it belongs to."
    )
    custom = serializers.SerializerMethodField()
    tags = serializers.SerializerMethodField()
    health = serializers.SerializerMethodField()

    class Meta:
        model = Account
        fields = (
            "id",
            "external_id",
            "name",
            "industry",
            "segment",
            "lifecycle_stage",
            "purpose",
            "driver",
            "tier",
            "csm",
            "parent_external_id",
            "arr",
            "currency",
            "seats",
            "contract_start",
            "renewal_date",
            "custom",
            "tags",
            "health",
        )

    def get_custom(self, account: Account) -> dict[str, Any]:
        """The custom fields by key; null where nothing is known, persons by e-mail, numbers as text."""
        held = self.context["custom"].get(account.pk, {})
        return {field.key: plain_value(held.get(field.pk)) for field in self.context["fields"]}

    def get_tags(self, account: Account) -> list[str]:
        """The names of the account's tags."""
        return list(self.context["tags"].get(account.pk, []))

    def get_csm(self, account: Account) -> str | None:
        """The e-mail of the account's CSM."""
        return account.csm.user.email if account.csm else None

    def get_health(self, account: Account) -> dict[str, Any]:
        """Score, band, coverage and the day they are of, and the band that a person set."""
        score: Score | None = self.context["scores"].get(account.pk)
        held = {
            "score": score.score if score else None,
            "band": score.band if score else Band.UNKNOWN,
            "coverage": score.coverage if score else None,
            **span_row(self.context["spans"].get(account.pk)),
            "as_of": self.context["as_of"],
            "override": self.context["overrides"].get(account.pk),
        }
        return dict(HealthSerializer(held).data)


class AccountWriteSerializer(serializers.Serializer[Any]):
    """One row of an upsert: `external_id` and any of the fields; fields left out stay as they are."""

    external_id = serializers.CharField(max_length=200)
    name = serializers.CharField(max_length=200, required=False)
    industry = serializers.CharField(max_length=80, required=False, allow_blank=True)
    segment = serializers.CharField(max_length=80, required=False, allow_blank=True)
    lifecycle_stage = serializers.ChoiceField(choices=LifecycleStage.choices, required=False)
    purpose = serializers.ChoiceField(choices=Purpose.choices, required=False, allow_blank=True)
    driver = serializers.ChoiceField(choices=Driver.choices, required=False, allow_blank=True)
    tier = serializers.CharField(
        max_length=60, required=False, allow_null=True, help_text="A service tier's name; null for none."
    )
    csm = serializers.EmailField(required=False, allow_null=True)
    parent_external_id = serializers.CharField(
        max_length=200,
        required=False,
        allow_null=True,
        help_text="The account that it belongs to, also one of the same list; null for none.",
    )
    arr = serializers.DecimalField(max_digits=16, decimal_places=2, min_value=0, required=False, allow_null=True)
    currency = currency(required=False)
    seats = serializers.IntegerField(min_value=0, max_value=2_000_000_000, required=False, allow_null=True)
    contract_start = day(When.TERM, required=False, allow_null=True)
    renewal_date = day(When.TERM, required=False, allow_null=True)
    custom = serializers.DictField(required=False)

    def validate_custom(self, value: dict[str, Any]) -> dict[str, Any]:
        """Custom fields by key, null to empty one: numbers, dates as 2027-01-31, persons by e-mail."""
        return custom_read(value, self.context["cells"])

    def to_internal_value(self, data: Any) -> Any:
        """Refuse fields that do not exist: a typing mistake must not look like success."""
        if isinstance(data, dict) and (unknown := sorted(set(data) - set(self.fields))):
            raise serializers.ValidationError(
                {name: [f"Unknown field. Known are: {', '.join(self.fields)}."] for name in unknown}
            )
        return super().to_internal_value(data)

    def validate_external_id(self, value: str) -> str:
        """No control characters: Postgres cannot hold a NUL, and nobody can type one."""
        if any(ord(character) < 32 for character in value):
            raise serializers.ValidationError("Control characters are not accepted in an external id.")
        return value

    def validate_tier(self, value: str | None) -> ServiceTier | None:
        """The tier with this name."""
        tiers: dict[str, ServiceTier] = self.context["tiers"]
        if value is not None and value not in tiers:
            known = ", ".join(tiers) or "none yet"
            raise serializers.ValidationError(f"No service tier is called {value}. Known are: {known}.")
        return None if value is None else tiers[value]

    def validate_csm(self, value: str | None) -> Member | None:
        """The active member with this e-mail, who may own accounts."""
        if value is None:
            return None
        members: dict[str, Member] = self.context["csms"]
        if value.lower() not in members:
            raise serializers.ValidationError(f"No active CSM, manager or admin has the e-mail {value}.")
        return members[value.lower()]


def write_context() -> dict[str, Any]:
    """What a row of an upsert is checked against."""
    custom = {cell.custom.key: cell for cell in cells().values() if cell.custom}
    return {"csms": csms_by_email(), "cells": custom, "tiers": {tier.name: tier for tier in tier_list()}}


def by_place(faults: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Reasons by the place of their row in the list, as the framework tells those that it finds; rows inside rows too.

    Rows without a fault are left out.
    """
    found: dict[str, Any] = {}
    for place, fault in enumerate(faults):
        if fault:
            rows = {
                name
                for name, said in fault.items()
                if isinstance(said, list) and any(isinstance(s, dict) for s in said)
            }
            found[str(place)] = {name: by_place(said) if name in rows else said for name, said in fault.items()}
    return found


def csms_by_email() -> dict[str, Member]:
    """The active members who may own accounts, by e-mail."""
    members = Member.objects.filter(is_active=True, role__in=CSM_ROLES).select_related("user")
    return {member.user.email: member for member in members}


class PeriodSerializer(serializers.Serializer[Any]):
    """`?from=&to=`: both days included."""

    def get_fields(self) -> dict[str, Any]:
        """`from` is a word of Python, so the fields are named here."""
        return {"from": serializers.DateField(), "to": serializers.DateField()}

    def validate(self, attrs: dict[str, date]) -> dict[str, date]:
        """At most 800 days, the end not before the start."""
        if attrs["to"].year > 9000:
            raise serializers.ValidationError({"to": ["Lies too far in the future."]})
        if attrs["to"] < attrs["from"]:
            raise serializers.ValidationError({"to": ["Must not lie before from."]})
        if (attrs["to"] - attrs["from"]).days > 800:
            raise serializers.ValidationError({"to": ["Ask for at most 800 days at once."]})
        return attrs


def metric_row(metric: Any) -> dict[str, Any]:
    """A day's metrics under their names; null where not defined."""
    row: dict[str, Any] = {"date": metric.day.isoformat()}
    row.update({definition.key: getattr(metric, definition.key) for definition in METRICS})
    row["seats"] = metric.seats
    row["provisional"] = getattr(metric, "provisional", False)
    return row


def span_row(span: Span | None) -> dict[str, Any]:
    """Between which scores the truth must lie, and whether that crosses an edge of the bands; null without a day."""
    if span is None:
        return {"low": None, "high": None, "uncertain": None}
    return {"low": span.low, "high": span.high, "uncertain": span.uncertain}


def score_row(score: Any, span: Span) -> dict[str, Any]:
    """A day's score with what it was made of: contributions and what exceptions did sum to it."""
    shares = explain(version=score.version, raws=score.raws)
    return {
        "date": score.day.isoformat(),
        "score": None if score.score is None else float(score.score),
        "band": score.band,
        "coverage": score.coverage,
        "low": float(span.low),
        "high": float(span.high),
        "uncertain": span.uncertain,
        "scorecard": score.version.scorecard_id,
        "scorecard_version": score.version.number,
        "provisional": getattr(score, "provisional", False),
        "measures": [
            {
                "key": share.key,
                "raw": share.value,
                "score": share.subscore,
                "weight": share.weight,
                "contribution": share.contribution,
            }
            for share in shares
        ],
        "exceptions": round(limited_points(score, shares), 4),
    }
