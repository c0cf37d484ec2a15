"""From a checked definition to SQL: a condition on the accounts as `a`, for the portfolio and every other list.

Values are parameters; all else comes from the catalogue. Each condition on something outside the account is one
set of ids, read by a range of a key that begins with the tenant.
"""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from accounts.models.contracts import OWN_SINCE
from accounts.segments.definition import CHANGES, Condition, Field, Group
from operations.days import day_bounds

NUMBER = {"gt": ">", "ge": ">=", "lt": "<", "le": "<=", "eq": "="}
_HISTORY = """SELECT DISTINCT ON (account_id) account_id, value::numeric AS value FROM accounts_accountfieldhistory
    WHERE tenant_id = %(tenant)s AND field = {name} AND at < {until} ORDER BY account_id, at DESC, id DESC"""
# Once contract lines decide a figure it is what they come to on the day; before that, what the field's history says,
# or, older still, what the field held when the first line came.
_TERM = """SELECT a.id AS account_id, CASE WHEN term.since > {own} OR past.account_id IS NULL THEN term.{column}
        ELSE past.value END AS value FROM accounts_account a
    LEFT JOIN (SELECT DISTINCT ON (account_id) account_id, since, {column} FROM accounts_accountterm
        WHERE tenant_id = %(tenant)s AND since <= {day}::date ORDER BY account_id, since DESC) term
        ON term.account_id = a.id
    LEFT JOIN ({history}) past ON past.account_id = a.id WHERE a.tenant_id = %(tenant)s"""
_CHANGE = {"rose": "n.value - t.value", "fell": "t.value - n.value", "changed": "abs(n.value - t.value)"}


@dataclass
class Compiler:
    """Compiles for a day. `zone`: the tenant's. `reported`: figures as the nights said. `until`: what fields held
    then; None for what they hold now.

    The caller's SQL has `%(tenant)s` and `%(day)s` among its parameters; `params` are the rest.
    """

    day: date
    zone: str
    reported: bool = False
    until: datetime | None = None
    prefix: str = "seg"
    params: dict[str, Any] = field(default_factory=dict)

    def group(self, group: Group) -> str:
        """The condition of a group."""
        parts = [self.group(part) if isinstance(part, Group) else self.condition(part) for part in group.parts]
        return "(" + (" OR " if group.any else " AND ").join(parts) + ")" if parts else "true"

    def condition(self, one: Condition) -> str:
        """One condition; true or false, never unknown, so that "or" and "not" read as they are said."""
        if one.op in CHANGES:
            return self._change(one)
        known = one.field
        if known.column:
            return self._own(one, known.column)
        no, yes = self._negated(one)
        found = f"(SELECT account_id FROM ({self.source(known)}) f WHERE {yes})"  # noqa: S608 - parts are of the catalogue
        return f"a.id {'NOT IN' if no else 'IN'} {found}"

    def _own(self, one: Condition, column: str) -> str:
        no, yes = self._negated(one, column)
        return f"(({yes}) IS NOT TRUE)" if no else f"(({yes}) IS TRUE)"

    def _negated(self, one: Condition, value: str = "value") -> tuple[bool, str]:
        """Whether it says "not", and the condition without it."""
        if one.op in ("empty", "filled"):
            filled = f"{value} <> ''" if one.field.kind == "text" else f"{value} IS NOT NULL"
            return one.op == "empty", filled
        return one.op in ("is_not", "not_contains"), self._test(one, value)

    def _test(self, one: Condition, value: str) -> str:
        if one.op in ("is", "is_not"):
            return f"{value} = ANY({self._param(list(one.values))}::text[])"
        if one.field.kind == "text":
            return f"strpos(lower({value}), lower({self._param(one.values[0])})) > 0"
        if one.op == "between":
            return f"{value} BETWEEN {self._param(one.values[0])} AND {self._param(one.values[1])}"
        if one.field.kind == "number":
            return f"{value} {NUMBER[one.op]} {self._param(one.values[0])}"
        return self._dates(one, value)

    def _dates(self, one: Condition, value: str) -> str:
        if one.op in ("before", "after"):
            return f"{value} {'<' if one.op == 'before' else '>'} {self._param(one.values[0])}"
        span, day = timedelta(days=one.values[0]), self._param(self.day)
        ahead, back = self._param(self.day + span), self._param(self.day - span)
        return {
            "within_next": f"{value} BETWEEN {day} AND {ahead}",
            "more_ahead": f"{value} > {ahead}",
            "within_last": f"{value} BETWEEN {back} AND {day}",
            "more_ago": f"{value} < {back}",
        }[one.op]

    def _change(self, one: Condition) -> str:
        now, then = self.source(one.field, dated=True), self.source(one.field, back=one.days, dated=True)
        return (
            f"a.id IN (SELECT n.account_id FROM ({now}) n JOIN ({then}) t ON t.account_id = n.account_id"  # noqa: S608 - parts are of the catalogue
            f" WHERE {_CHANGE[one.op]} > {self._param(one.values[0])})"
        )

    def source(self, known: Field, back: int = 0, dated: bool = False) -> str:
        """A SELECT of `account_id` and `value` as of so many days back; `dated` reads a field's history."""
        if known.history and dated:
            history = _HISTORY.format(name=self._param(known.history), until=self._until(back))
            return self._term(known.term, back, history) if known.term else history
        if known.column:
            value = known.column.replace("a.", "", 1)
            return f"SELECT id AS account_id, {value} AS value FROM accounts_account WHERE tenant_id = %(tenant)s"  # noqa: S608 - a column of the catalogue
        sql = known.sql_reported if self.reported and known.sql_reported else known.sql
        return sql.replace("{day}", f"{self._param(self.day - timedelta(days=back))}::date")

    def _term(self, column: str, back: int, history: str) -> str:
        own, day = self._param(OWN_SINCE), self._param(self.day - timedelta(days=back))
        return _TERM.format(own=own, column=column, day=day, history=history)

    def _until(self, back: int) -> str:
        if back == 0:
            return "'infinity'::timestamptz" if self.until is None else self._param(self.until)
        return self._param(day_bounds(self.zone, self.day - timedelta(days=back))[1])

    def _param(self, value: Any) -> str:
        name = f"{self.prefix}_{len(self.params)}"
        self.params[name] = value
        return f"%({name})s"
