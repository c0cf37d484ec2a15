"""Writes of usage: intake, refills, metrics, feature rules, partitions."""

from usage.services.checks import metrics_check
from usage.services.features import feature_names_set, login_names_set
from usage.services.intake import body_keep
from usage.services.metrics import metrics_fill, metrics_refill_stale
from usage.services.people import person_link
from usage.services.rejected import rejected_replay
from usage.services.slices import slices_mark_all, slices_refill
from usage.services.unpack import bodies_unpack
from usage.services.upkeep import partitions_keep, zone_changed

__all__ = [
    "bodies_unpack",
    "body_keep",
    "feature_names_set",
    "login_names_set",
    "metrics_check",
    "metrics_fill",
    "metrics_refill_stale",
    "partitions_keep",
    "person_link",
    "rejected_replay",
    "slices_mark_all",
    "slices_refill",
    "zone_changed",
]
