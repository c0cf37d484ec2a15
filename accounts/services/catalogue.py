"""Writes what is sold (products, plans), what single accounts may use, and exchange rates."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from accounts.models import (
    Account,
    ContractLine,
    Entitlement,
    ExchangeRate,
    Feature,
    Plan,
    PlanFeature,
    Product,
    ProductFeature,
)
from accounts.services.contracts import changed_fields
from accounts.services.terms import terms_refill
from accounts.signals import terms_changed
from common.plausible import When, demand
from operations.days import local_date
from tenants.models import Member, Tenant
from tenants.services import audit_add

ENTITLEMENT_FIELDS = ("feature", "granted", "start", "end", "note")


def product_save(
    *, values: Mapping[str, Any], at: datetime, by: Member | None, product: Product | None = None, label: str = ""
) -> Product:
    """A new product, or a changed one: `key`, `name`, and `features` (all of them, when given)."""
    creating = product is None
    product = product or Product(created_at=at)
    _sold_save(product, creating, values, ProductFeature, "product", at, by, label)
    return product


def plan_save(
    *,
    product: Product,
    values: Mapping[str, Any],
    at: datetime,
    by: Member | None,
    plan: Plan | None = None,
    label: str = "",
) -> Plan:
    """A new plan of the product, or a changed one: `key`, `name`, and `features` (all of them, when given).

    Which features accounts may use follows with the next night.
    """
    creating = plan is None
    plan = plan or Plan(product=product, created_at=at)
    _sold_save(plan, creating, values, PlanFeature, "plan", at, by, label)
    return plan


def _sold_save(
    row: Any, creating: bool, values: Mapping[str, Any], link: Any, noun: str, at: datetime, by: Any, label: str
) -> None:
    changes = changed_fields(row, values, ("key", "name"))
    same = type(row).objects.filter(key=row.key).exclude(pk=row.pk)
    if (same.filter(product_id=row.product_id) if noun == "plan" else same).exists():
        raise ValidationError({"key": _("This identifier is taken.")})
    row.full_clean(exclude=["tenant", "product"])
    row.save()
    if "features" in values:
        changes |= _features_set(row, values["features"], link, noun)
    if creating or changes:
        action = "create" if creating else "change"
        audit_add(actor=by, action=action, target=row, at=at, changes=changes, label=label or None)


def _features_set(row: Any, features: Iterable[Feature], link: Any, noun: str) -> dict[str, list[Any]]:
    wanted = {feature.pk: feature for feature in features}
    held = {one.feature_id: one.feature for one in link.objects.filter(**{noun: row}).select_related("feature")}
    if wanted.keys() == held.keys():
        return {}
    link.objects.filter(**{noun: row, "feature_id__in": held.keys() - wanted.keys()}).delete()
    link.objects.bulk_create([link(**{noun: row}, feature=wanted[pk]) for pk in wanted.keys() - held.keys()])
    names = [sorted(feature.name for feature in found.values()) for found in (held, wanted)]
    return {"features": names}


def product_delete(*, product: Product, at: datetime, by: Member) -> None:
    """Take a product out of the catalogue; raises ValidationError while contract lines sell it."""
    if ContractLine.objects.filter(product=product).exists():
        raise ValidationError(_("Contract lines sell this product, so it stays."))
    audit_add(actor=by, action="delete", target=product, at=at)
    product.delete()


def plan_delete(*, plan: Plan, at: datetime, by: Member) -> None:
    """Take a plan out of its product; raises ValidationError while contract lines have it."""
    if ContractLine.objects.filter(plan=plan).exists():
        raise ValidationError(_("Contract lines have this plan, so it stays."))
    audit_add(actor=by, action="delete", target=plan, at=at)
    plan.delete()


def entitlement_save(
    *,
    account: Account,
    values: Mapping[str, Any],
    at: datetime,
    by: Member | None,
    entitlement: Entitlement | None = None,
) -> Entitlement:
    """Let one account use a feature, or take one from it, for a time; past days follow as known now."""
    creating = entitlement is None
    entitlement = entitlement or Entitlement(account=account, created_at=at)
    before = entitlement.start
    changes = changed_fields(entitlement, values, ENTITLEMENT_FIELDS)
    demand({name: values[name] for name in changes}, {"start": When.TERM, "end": When.TERM}, at)
    if entitlement.end and entitlement.end < entitlement.start:
        raise ValidationError({"end": _("The end lies before the start.")})
    entitlement.full_clean(exclude=["tenant", "account", "feature"])
    entitlement.save()
    if creating or changes:
        action = "create" if creating else "change"
        audit_add(
            actor=by, action=action, target=entitlement, at=at, changes={"account": [None, account.name], **changes}
        )
        first = min(day for day in (before, entitlement.start) if day)
        terms_changed.send(sender=Account, firsts={account.pk: first})
    return entitlement


def entitlement_delete(*, entitlement: Entitlement, at: datetime, by: Member) -> None:
    """Take the exception back, as if it had never been."""
    account_id, start = entitlement.account_id, entitlement.start
    changes = {"account": [entitlement.account.name, None], "feature": [entitlement.feature.name, None]}
    audit_add(actor=by, action="delete", target=entitlement, at=at, changes=changes)
    entitlement.delete()
    terms_changed.send(sender=Account, firsts={account_id: start})


def rate_set(
    *, tenant: Tenant, currency: str, day: date, rate: Decimal, at: datetime, by: Member | None, label: str = ""
) -> tuple[str, ExchangeRate]:
    """From `day` on one unit of `currency` is worth `rate` of the tenant's; the ARR of its contracts follows.

    Returns "created", "changed" or "unchanged". Raises ValidationError for the tenant's own currency.
    """
    [done] = rates_set(
        tenant=tenant, rows=[{"currency": currency, "day": day, "rate": rate}], at=at, by=by, label=label
    )
    return done


def rates_set(
    *, tenant: Tenant, rows: Iterable[Mapping[str, Any]], at: datetime, by: Member | None, label: str = ""
) -> list[tuple[str, ExchangeRate]]:
    """Set many rates (`currency`, `day`, `rate`); twice is the same as once. See `rate_set`."""
    done: list[tuple[str, ExchangeRate]] = []
    for row in rows:
        if row["currency"] == tenant.currency:
            raise ValidationError({"currency": _("This is the organisation's own currency; its rate is 1.")})
        demand(row, {"day": When.DUE}, at)
        held = ExchangeRate.objects.filter(currency=row["currency"], day=row["day"]).first()
        found = held or ExchangeRate(currency=row["currency"], day=row["day"])
        changes = changed_fields(found, row, ("rate",))
        if changes:
            found.full_clean(exclude=["tenant"])
            found.save()
            action = "change" if held else "create"
            audit_add(actor=by, action=action, target=found, at=at, changes=changes, label=label or None)
        done.append(("unchanged" if not changes else "changed" if held else "created", found))
    _rates_follow(tenant, {rate.currency for what, rate in done if what != "unchanged"}, at)
    return done


def rate_delete(*, tenant: Tenant, rate: ExchangeRate, at: datetime, by: Member) -> None:
    """Take a rate back; the one before it holds on."""
    audit_add(actor=by, action="delete", target=rate, at=at, changes={"rate": [str(rate.rate), None]})
    rate.delete()
    _rates_follow(tenant, {rate.currency}, at)


def _rates_follow(tenant: Tenant, currencies: set[str], at: datetime) -> None:
    accounts = ContractLine.objects.filter(contract__currency__in=currencies).values_list("contract__account_id")
    if ids := sorted({pk for (pk,) in accounts}):
        terms_refill(tenant=tenant, today=local_date(tenant.timezone, at), account_ids=ids)
