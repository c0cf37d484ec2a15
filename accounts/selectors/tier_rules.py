"""Reads which service tier the tenant's rules suggest."""

from dataclasses import dataclass
from datetime import date

from django.db import connection

from accounts.segments.catalogue import catalogue
from accounts.segments.compiler import Compiler
from accounts.segments.definition import DefinitionFault, parse
from accounts.selectors.tiers import tier_list
from tenants.scope import current_tenant_id


@dataclass(frozen=True)
class Suggestion:
    """The tier that the rules suggest for an account, and the one that it has."""

    account_id: int
    tier_id: int
    held_id: int | None


def suggestions(
    *, day: date, zone: str, visible: str = "a.archived_at IS NULL", account_id: int | None = None
) -> list[Suggestion]:
    """Accounts for which the rules suggest another tier than they have: the first tier whose rule holds.

    A rule that cannot be read (any more) suggests nothing. `visible`: a condition on the accounts as `a`.
    """
    ruled = [tier for tier in tier_list() if tier.rule]
    fields = catalogue() if ruled else {}
    compiler, cases = Compiler(day, zone, prefix="tier"), []
    for tier in ruled:
        try:
            cases.append(f"WHEN {compiler.group(parse(tier.rule, fields))} THEN {int(tier.pk)}")
        except DefinitionFault:
            continue
    if not cases:
        return []
    only = f"AND a.id = {int(account_id)}" if account_id is not None else ""
    sql = f"""SELECT id, suggested, tier_id FROM (SELECT a.id, a.tier_id, a.arr, CASE {" ".join(cases)} END AS suggested
        FROM accounts_account a WHERE a.tenant_id = %(tenant)s AND {visible} {only}) a
        WHERE suggested IS NOT NULL AND suggested IS DISTINCT FROM tier_id ORDER BY arr DESC NULLS LAST, id"""  # noqa: S608 - compiled from the catalogue
    with connection.cursor() as cursor:
        cursor.execute(sql, {**compiler.params, "tenant": current_tenant_id()})
        return [Suggestion(*row) for row in cursor.fetchall()]
