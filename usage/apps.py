"""The app of usage."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from django.apps import AppConfig
from django.db import DEFAULT_DB_ALIAS
from django.db.models.signals import post_migrate
from django.utils.timezone import now

from operations.days import local_date
from tenants.scope import tenant_scope
from tenants.signals import timezone_changed

if TYPE_CHECKING:
    from tenants.models import Tenant


def after_migrate(*, using: str, **_kwargs: Any) -> None:
    """The owner has just migrated: make the partitions of the coming weeks."""
    from usage.partitions import partitions_ensure

    if using != DEFAULT_DB_ALIAS:
        partitions_ensure(today=now().date(), using=using)


def after_zone_change(*, tenant: "Tenant", at: datetime, **_kwargs: Any) -> None:
    """A tenant's days begin at other instants now: build them again."""
    from usage.services import zone_changed

    with tenant_scope(tenant):
        zone_changed(tenant=tenant, last=local_date(tenant.timezone, at))


def after_terms_changed(*, firsts: Mapping[int, date], **_kwargs: Any) -> None:
    """Contract lines say something else of past days: the figures that rest on them are computed again."""
    from usage.services.contracts import terms_mark_stale

    terms_mark_stale(firsts=firsts)


class UsageConfig(AppConfig):
    """Partitions follow every migration; the activity metrics are facts."""

    name = "usage"

    def ready(self) -> None:
        """Connect the partitions, register the facts, and say where ids hide in arrays."""
        from accounts.facts import Source, register
        from accounts.signals import terms_changed
        from imports.registry import register as offer
        from tenants.transfer import register_ids_array
        from usage.baselines import baseline_sources
        from usage.facts import ACTIVITY_FACTS, CONCENTRATION_FACTS
        from usage.importing import CountTarget
        from usage.past import metrics_past
        from usage.people import concentration_facts
        from usage.personal import declare_all
        from usage.selectors import metric_values

        declare_all()
        offer(CountTarget())
        register(Source(facts=ACTIVITY_FACTS, load=metric_values, past=metrics_past))
        register(Source(facts=CONCENTRATION_FACTS, load=concentration_facts))
        for source in baseline_sources():
            register(source)
        for table in ("usage_metric", "usage_reportedmetric"):
            register_ids_array(table, "features_unused", "accounts_feature")
        register_ids_array("usage_accountday", "names", "usage_eventname")
        terms_changed.connect(after_terms_changed, dispatch_uid="usage.terms")
        timezone_changed.connect(after_zone_change, dispatch_uid="usage.zone")
        post_migrate.connect(after_migrate, sender=self, dispatch_uid="usage.partitions")
