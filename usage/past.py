"""Reads what the nights reported of use."""

from collections.abc import Sequence

from accounts.past import PAIRS, Pair, Past, pair_columns
from usage.activity import METRICS

KEYS = (*(metric.key for metric in METRICS), "users_28", "users_28_before", "users_ever")
_THEN = ", ".join(f"CASE WHEN r.account_id IS NULL THEN k.{key} ELSE r.{key} END" for key in KEYS)
_REPORTED = f"""SELECT p.place, {_THEN} FROM {PAIRS}
    JOIN usage_metric k ON k.tenant_id = %(tenant)s AND k.day = p.day AND k.account_id = p.account_id
        AND k.reported <> 0
    LEFT JOIN usage_reportedmetric r ON r.tenant_id = %(tenant)s AND r.day = p.day AND r.account_id = p.account_id"""  # noqa: S608 - names come from code
_NOW = f"""SELECT p.place, {", ".join(f"k.{key}" for key in KEYS)} FROM {PAIRS}
    JOIN usage_metric k ON k.tenant_id = %(tenant)s AND k.day = p.day AND k.account_id = p.account_id"""  # noqa: S608 - as above


def metrics_past(pairs: Sequence[Pair], guarded: bool) -> Past:
    """The metrics of past days: guarded, as the day's own night reported them; else as they are known now."""
    return Past(pair_columns(_REPORTED if guarded else _NOW, pairs, KEYS))
