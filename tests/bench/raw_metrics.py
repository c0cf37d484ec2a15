"""The metrics as one would write them without derived tables: a statement each over the raw events."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any, LiteralString

from tenants.models import Tenant
from usage.activity import DAY, MONTH, WEEK, epoch_of
from usage.services.words import used_in, window_masks, windows_inside


def parameters(tenant: Tenant, day: date) -> dict[str, Any]:
    """Keys that bound the windows ending on `day`, and the parts of day words."""

    def key(back: int) -> str:
        on = day - timedelta(days=back)
        ms = int(datetime(on.year, on.month, on.day, tzinfo=UTC).timestamp() * 1000)
        return f"{ms:012x}" + "0" * 20

    epoch, place = epoch_of(day)
    keys = {f"k{back}": key(back) for back in (-1, 0, 6, 27, 29, 55)}
    return {"t": tenant.pk, **keys, "epoch": epoch, **window_masks(place, day=DAY, week=WEEK, month=MONTH)}


_FROM = (
    "FROM usage_event e JOIN usage_group g ON g.id = e.group_id AND g.tenant_id = e.tenant_id WHERE e.tenant_id = %(t)s"
)
_TO_DAY = f"{_FROM} AND e.key < %(k-1)s::uuid"
_MS = "('x' || left(replace(e.key::text, '-', ''), 12))::bit(48)::bigint"
_FEATURE_USES = """
SELECT g.account_id, f.feature_id, count(*) AS uses FROM usage_event e
JOIN usage_group g ON g.id = e.group_id AND g.tenant_id = e.tenant_id
JOIN usage_eventname n ON n.id = e.name_id AND n.tenant_id = e.tenant_id
JOIN usage_featurename f ON f.event_name = n.name AND f.tenant_id = e.tenant_id
WHERE e.tenant_id = %(t)s AND e.key < %(k-1)s::uuid AND e.key >= %(k29)s::uuid GROUP BY 1, 2"""


def _users(since: str) -> str:
    return f"SELECT g.account_id, count(DISTINCT e.end_user_id) {_TO_DAY} AND e.key >= %({since})s::uuid GROUP BY 1"


STATEMENTS = {
    "dau": _users("k0"),
    "wau": _users("k6"),
    "mau": _users("k29"),
    "stickiness": f"""SELECT account_id, sum(users) / 30.0 FROM (
        SELECT g.account_id, {_MS} / 86400000 AS day, count(DISTINCT e.end_user_id) AS users
        {_TO_DAY} AND e.key >= %(k29)s::uuid GROUP BY 1, 2) days GROUP BY 1""",
    "activation_rate": f"SELECT g.account_id, count(DISTINCT e.end_user_id) {_TO_DAY} GROUP BY 1",
    "login_ratio": f"""SELECT g.account_id, count(DISTINCT e.end_user_id) {_TO_DAY} AND e.key >= %(k6)s::uuid
        AND e.name_id IN (SELECT n.id FROM usage_eventname n JOIN usage_loginname l ON l.event_name = n.name)
        GROUP BY 1""",
    "minutes_online": f"""SELECT account_id, sum(CASE WHEN gap <= 1800000 THEN gap ELSE 0 END) / 60000.0 FROM (
        SELECT g.account_id, {_MS} - lag({_MS}) OVER (PARTITION BY g.account_id, e.end_user_id ORDER BY e.key) AS gap
        {_TO_DAY} AND e.key >= %(k0)s::uuid) gaps GROUP BY 1""",
    "breadth": f"""SELECT account_id, count(*) FILTER (WHERE c.core) FROM ({_FEATURE_USES}) u
        JOIN accounts_feature c ON c.id = u.feature_id GROUP BY 1""",
    "depth": f"""SELECT u.account_id, avg(least(1, u.uses / m.mau::float / c.target_uses)) FROM ({_FEATURE_USES}) u
        JOIN accounts_feature c ON c.id = u.feature_id AND c.core JOIN (
        SELECT g.account_id, count(DISTINCT e.end_user_id) AS mau {_TO_DAY} AND e.key >= %(k29)s::uuid GROUP BY 1) m
        ON m.account_id = u.account_id GROUP BY 1""",
    "application_gap": f"SELECT account_id, 9 - count(*) FROM ({_FEATURE_USES}) u GROUP BY 1",
    "usage_trend": f"""SELECT g.account_id, count(DISTINCT e.end_user_id) FILTER (WHERE e.key >= %(k27)s::uuid),
        count(DISTINCT e.end_user_id) FILTER (WHERE e.key < %(k27)s::uuid)
        {_TO_DAY} AND e.key >= %(k55)s::uuid GROUP BY 1""",
}


def from_words(masks: Mapping[str, int]) -> str:
    """The night's own way to DAU, WAU and MAU, from the words of the day's epoch."""
    inside = windows_inside(masks)

    def users(window: LiteralString) -> str:
        return f"count(*) FILTER (WHERE {used_in('used', 'used_before', window, inside=window in inside)})"

    return f"""SELECT account_id, {users("day")}, {users("week")}, {users("month")}
    FROM usage_useractivity WHERE tenant_id = %(t)s AND epoch = %(epoch)s GROUP BY 1"""


LENGTHEN = tuple(
    sql.replace("BACK", str(back)).replace("EPOCHS", str(back // 60))
    for back in (120, 240, 360)
    for sql in (
        """INSERT INTO usage_useractivity (tenant_id, epoch, account_id, end_user_id, known, used, logged_in,
            used_before, logged_before)
        SELECT tenant_id, epoch - EPOCHS, account_id, end_user_id, known, used, logged_in, used_before, logged_before
        FROM usage_useractivity
        WHERE tenant_id = %(t)s AND epoch > (SELECT max(epoch) FROM usage_useractivity WHERE tenant_id = %(t)s) - 2
        ON CONFLICT DO NOTHING""",
        """INSERT INTO usage_openepoch (tenant_id, epoch)
        SELECT tenant_id, epoch - EPOCHS FROM usage_openepoch WHERE tenant_id = %(t)s ON CONFLICT DO NOTHING""",
        """INSERT INTO usage_accountday (tenant_id, day, account_id, events, minutes, names, uses, totals)
        SELECT tenant_id, day - BACK, account_id, events, minutes, names, uses, totals FROM usage_accountday
        WHERE tenant_id = %(t)s AND day > (SELECT max(day) FROM usage_accountday WHERE tenant_id = %(t)s) - 90
        ON CONFLICT DO NOTHING""",
    )
)

UNDO_NIGHT = (
    """UPDATE usage_useractivity SET known = known & ~%(bit)s, used = used & ~%(bit)s, logged_in = logged_in & ~%(bit)s
    WHERE tenant_id = %(t)s AND epoch = %(epoch)s AND known & %(bit)s <> 0""",
    "DELETE FROM usage_useractivity WHERE tenant_id = %(t)s AND epoch = %(epoch)s AND known = 0 AND used_before = 0",
    "DELETE FROM usage_accountuser WHERE tenant_id = %(t)s AND first_known = %(day)s",
    *(
        f"DELETE FROM {table} WHERE tenant_id = %(t)s AND day = %(day)s"
        for table in ("usage_accountday", "usage_metric", "health_score", "usage_mark")
    ),
    """INSERT INTO usage_mark (tenant_id, group_id, day) SELECT %(t)s, id, %(day)s FROM usage_group
    WHERE tenant_id = %(t)s""",
)
