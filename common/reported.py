"""Daily figures kept twice: as known now, and as their night reported them.

A figure's row says how the two relate (`reported`): 0 never reported, 1 the same, 2 changed since. The first change
to a reported row moves the old figures to a second table, which is never written again.
"""

from collections.abc import Sequence
from datetime import date

from django.db.backends.utils import CursorWrapper

NEVER, SAME, KEPT = 0, 1, 2


def fold_fresh(
    cursor: CursorWrapper,
    *,
    table: str,
    kept_table: str,
    fresh: str,
    columns: Sequence[str],
    days: tuple[date, date],
    closing: bool,
    provisional: bool,
    tenant_id: int,
    beside: Sequence[str] = (),
) -> list[tuple[int, date]]:
    """Fold figures computed anew into `table`; returns the accounts and days whose row is new or different.

    `fresh` names a temporary table with account_id, day and `columns`; `days` its first and last day. `closing`: this
    is the night that closes the days, so rows never reported count as reported from now on. `beside`: columns that
    follow from the others: where they alone differ they are written, and what was reported is still the same.
    """
    written = ", ".join((*columns, *beside))
    held, new = (", ".join(f"{row}.{c}" for c in columns) for row in ("held", "new"))
    params: dict[str, int | date] = {"tenant": tenant_id, "first": days[0], "last": days[1], "provisional": provisional}
    cursor.execute(
        f"""INSERT INTO {kept_table} (tenant_id, account_id, day, {written})
        SELECT held.tenant_id, held.account_id, held.day, {", ".join(f"held.{c}" for c in (*columns, *beside))}
        FROM {table} held JOIN {fresh} new USING (account_id, day)
        WHERE held.tenant_id = %(tenant)s AND held.day BETWEEN %(first)s AND %(last)s AND held.reported = {SAME}
          AND ({held}) IS DISTINCT FROM ({new})
        ON CONFLICT DO NOTHING""",  # noqa: S608 - names of tables and columns come from code, never from a person
        params,
    )
    fresh_columns = ", ".join(f"excluded.{c}" for c in columns)
    differs = f"({held}) IS DISTINCT FROM ({fresh_columns})"
    apart = "".join(f" OR held.{c} IS DISTINCT FROM excluded.{c}" for c in beside)
    cursor.execute(
        f"""INSERT INTO {table} AS held (tenant_id, account_id, day, {written}, reported, provisional)
        SELECT %(tenant)s, account_id, day, {written}, {SAME if closing else NEVER}, %(provisional)s
        FROM {fresh} ORDER BY day, account_id
        ON CONFLICT (tenant_id, day, account_id) DO UPDATE SET
            ({written}) = ROW ({", ".join(f"excluded.{c}" for c in (*columns, *beside))}),
            provisional = excluded.provisional,
            reported = CASE WHEN held.reported = {SAME} AND {differs} THEN {KEPT}
                            WHEN held.reported <> {NEVER} THEN held.reported ELSE excluded.reported END
        WHERE {differs}{apart} OR held.provisional <> excluded.provisional
           OR (held.reported = {NEVER} AND excluded.reported <> {NEVER})
        RETURNING account_id, day""",  # noqa: S608 - as above
        params,
    )
    return list(cursor.fetchall())
