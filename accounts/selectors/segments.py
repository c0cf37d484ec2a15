"""Reads segments: who is in them, now or as of a day."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import connection
from django.utils.translation import gettext as _

from accounts.facts import ROOMS
from accounts.models import SavedView, Segment, StageRule
from accounts.segments.catalogue import catalogue
from accounts.segments.compiler import Compiler
from accounts.segments.definition import DefinitionFault, Field, Group, parse
from accounts.segments.uses import Use
from accounts.selectors import visible_sql
from accounts.selectors.tiers import tier_list
from tenants.models import Member
from tenants.scope import current_tenant_id

SAMPLE = 6
_IN_QUERY = re.compile(r"(?:^|&)segment=(\d{1,18})(?=&|$)")


def segment_list() -> list[Segment]:
    """The tenant's segments by name."""
    return list(Segment.objects.filter(archived_at=None).select_related("owner__user").order_by("name"))


def segment_group(*, segment: Segment, fields: Mapping[str, Field] | None = None) -> Group:
    """A segment's checked definition; raises DefinitionFault when a field or choice it names is gone."""
    return parse(segment.definition, catalogue() if fields is None else fields)


def segment_account_ids(*, segment: Segment, day: date, zone: str) -> list[int]:
    """The live accounts in the segment as of a day, in order of their ids; raises DefinitionFault as above."""
    compiler = Compiler(day, zone)
    condition = compiler.group(segment_group(segment=segment))
    live = "a.tenant_id = %(tenant)s AND a.archived_at IS NULL"
    sql = f"SELECT a.id FROM accounts_account a WHERE {live} AND {condition} ORDER BY a.id"  # noqa: S608 - compiled from the catalogue, values are parameters
    with connection.cursor() as cursor:
        cursor.execute(sql, {**compiler.params, "tenant": current_tenant_id()})
        return [row[0] for row in cursor.fetchall()]


def saved_view_uses() -> dict[int, list[Use]]:
    """The saved views that ask for segments, by segment; those that somebody keeps to themselves are not named."""
    found: dict[int, list[Use]] = {}
    views = SavedView.objects.filter(query__contains="segment=").select_related("owner__user").order_by("name", "id")
    for view in views:
        names = {"view": view.name, "owner": view.owner}
        said = _("saved view “%(view)s” of %(owner)s") if view.is_shared else _("a saved view of %(owner)s")
        for pk in {int(text) for text in _IN_QUERY.findall(view.query)}:
            query = view.query if view.is_shared else ""
            found.setdefault(pk, []).append(Use(said % names, "portfolio", query=query))
    return found


def fields_not_below(group: Group, room: str) -> list[str]:
    """The labels of the fields in a definition that come from `room` or above: a scorecard's segment may have none."""
    least = ROOMS.index(room)
    return list(dict.fromkeys(str(c.field.label) for c in group.conditions() if ROOMS.index(c.field.room) >= least))


def names_field(part: Any, field_key: str) -> bool:
    """Whether a definition names a field."""
    if not isinstance(part, dict):
        return False
    if "field" in part:
        return bool(part["field"] == field_key)
    return any(names_field(one, field_key) for parts in part.values() if isinstance(parts, list) for one in parts)


def definitions_naming(*, field_key: str) -> list[str]:
    """The names of the segments, stages and service tiers whose conditions name a field."""
    named = [segment.name for segment in segment_list() if names_field(segment.definition, field_key)]
    named += [tier.name for tier in tier_list() if names_field(tier.rule, field_key)]
    rules = StageRule.objects.order_by("id")
    return named + [str(rule) for rule in rules if any(names_field(one, field_key) for one in (rule.entry, rule.exit))]


@dataclass(frozen=True)
class Preview:
    """How many accounts a definition finds of how many, some of their names, or why it cannot be read."""

    count: int = 0
    of: int = 0
    names: tuple[str, ...] = ()
    fault: DefinitionFault | None = None
    group: Group = Group(())


def segment_preview(
    *, document: Any, member: Member, day: date, zone: str, fields: Mapping[str, Field] | None = None
) -> Preview:
    """What a definition would find among the accounts that the member sees, in one query."""
    try:
        group = parse(document, catalogue() if fields is None else fields)
    except DefinitionFault as fault:
        return Preview(fault=fault)
    compiler = Compiler(day, zone)
    condition = compiler.group(group)
    seen = f"a.tenant_id = %(tenant)s AND {visible_sql(member, 'a')}"
    sql = f"""WITH found AS MATERIALIZED
        (SELECT a.id, a.name, a.arr FROM accounts_account a WHERE {seen} AND {condition})
        SELECT (SELECT count(*) FROM found), (SELECT count(*) FROM accounts_account a WHERE {seen}),
        ARRAY(SELECT name FROM found ORDER BY arr DESC NULLS LAST, id LIMIT {SAMPLE})"""  # noqa: S608 - as above
    with connection.cursor() as cursor:
        cursor.execute(sql, {**compiler.params, "tenant": current_tenant_id()})
        count, total, names = cursor.fetchone()
    return Preview(count, total, tuple(names), None, group)
