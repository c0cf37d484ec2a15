"""Daily figures kept twice: as known now, and as their night reported them.

A figure's row says how the two relate (`reported`): 0 never reported, 1 the same, 2 changed since. The first change
to a reported row moves the old figures to a second table, which is never written again.
"""

from collections.abc import Sequence

from django.db.backends.utils import CursorWrapper

NEVER, SAME, KEPT = 0, 1, 2


def fold_fresh(
    cursor: CursorWrapper,
    *,
    table: str,
    kept_table: str,
    fresh: str,
    columns: Sequence[str],
    closing: bool,
    provisional: bool,
    tenant_id: int,
) -> int:
    """Fold figures computed anew into `table`; returns how many rows were written.

    `fresh` names a temporary table with account_id, day and `columns`. `closing`: this is the night that closes the
    days, so rows never reported count as reported from now on.
    """
    figures = ", ".join(columns)
    differs = f"({', '.join(f'held.{c}' for c in columns)}) IS DISTINCT FROM ({', '.join(f'new.{c}' for c in columns)})"
    cursor.execute(
        f"""INSERT INTO {kept_table} (tenant_id, account_id, day, {figures})
        SELECT held.tenant_id, held.account_id, held.day, {", ".join(f"held.{c}" for c in columns)}
        FROM {table} held JOIN {fresh} new USING (account_id, day)
        WHERE held.tenant_id = %s AND held.reported = {SAME} AND {differs}
        ON CONFLICT DO NOTHING""",  # noqa: S608 - names of tables and columns come from code, never from a person
        [tenant_id],
    )
    changed = " OR ".join(f"held.{c} IS DISTINCT FROM excluded.{c}" for c in columns)
    cursor.execute(
        f"""INSERT INTO {table} AS held (tenant_id, account_id, day, {figures}, reported, provisional)
        SELECT %s, account_id, day, {figures}, %s, %s FROM {fresh} ORDER BY day, account_id
        ON CONFLICT (tenant_id, day, account_id) DO UPDATE SET
            {", ".join(f"{c} = excluded.{c}" for c in columns)},
            provisional = excluded.provisional,
            reported = CASE WHEN held.reported = {KEPT} THEN {KEPT}
                            WHEN held.reported = {SAME} THEN CASE WHEN {changed} THEN {KEPT} ELSE {SAME} END
                            ELSE excluded.reported END""",  # noqa: S608 - as above
        [tenant_id, SAME if closing else NEVER, provisional],
    )
    return int(cursor.rowcount)
