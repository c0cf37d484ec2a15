"""The search over accounts, people and touches while one types: a handful of statements, however large the tenant.

First the ids that the tokens name, each kind's cut where more would only be thrown away; then the few best of them
with what a line shows. Only where no word begins so, names are read for the letters within them.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from django.db import connection

from accounts.models import SearchToken
from accounts.selectors import LAST_SIGN, sees_all, visible_sql
from accounts.tokens import note_query, phrase_runs, plain_text, typed_text
from tenants.models import Member
from tenants.scope import current_tenant_id

MOST_NAMES = 200  # accounts and people whose names begin so: of more, accounts are walked by ARR, people by letters
NEWEST = 600  # touches with a word, the last written first; only where these do not suffice are all with it read


@dataclass(frozen=True)
class Hit:
    """Something found: `account_id` and `account` say where; `hint` is an account's external id, `on` a touch's day."""

    id: int
    text: str
    account_id: int
    account: str = ""
    hint: str = ""
    on: date | None = None


@dataclass(frozen=True)
class Found:
    """What the letters find: accounts by ARR, people by name, touches newest first."""

    accounts: tuple[Hit, ...] = ()
    people: tuple[Hit, ...] = ()
    touches: tuple[Hit, ...] = ()


@dataclass(frozen=True)
class _Word:
    """A token of a note to look up: `test` is the condition on it, `ranged` when it may go on."""

    test: str
    ranged: bool


@dataclass
class _Asked:
    """What was typed, as the parameters of every statement, and by whom."""

    member: Member
    params: dict[str, Any]
    words: list[_Word] = field(default_factory=list)

    def add(self, word: str, *, ranged: bool) -> None:
        """One more token of a note."""
        name = f"w{len(self.words)}"
        self.params[name] = word
        if not ranged:
            self.words.append(_Word(f"token = %({name})s", ranged))
            return
        self.params[f"{name}_end"] = word + LAST_SIGN
        self.words.append(_Word(f"token >= %({name})s AND token < %({name}_end)s", ranged))

    def rows(self, sql: str, **more: Any) -> list[tuple[Any, ...]]:
        """What a statement answers."""
        with connection.cursor() as cursor:
            cursor.execute(sql, {**self.params, **more})
            return list(cursor.fetchall())


def search(*, text: str, member: Member, accounts: int, people: int, touches: int) -> Found:
    """The first so many accounts, people and touches that the letters find where the member may look.

    A name is found by the beginning of any of its words, a note by whole words and the beginning of the last, Chinese
    by any run of signs. Where that finds no account, names that hold the letters anywhere; people so where it finds
    nothing at all.
    """
    typed = typed_text(text)
    if not typed:
        return Found()
    asked = _asked(text, typed, member)
    asked.params |= {"accounts": accounts, "people": people, "touches": touches}
    ids = _candidates(asked)
    found = Found(_accounts(asked, ids[0]), _people(asked, ids[1]), _touches(asked, ids[2:]))
    if not found.accounts:
        within = _NAMED.format(visible=visible_sql(member, "a"), meant=_WITHIN)
        found = replace(found, accounts=tuple(Hit(pk, name, pk, name, code) for pk, name, code in asked.rows(within)))
    if not any((found.accounts, found.people, found.touches)):
        within = _PEOPLE.format(visible=visible_sql(member, "a"), meant="strpos(lower(c.name), %(letters)s) > 0")
        found = replace(found, people=tuple(Hit(*row) for row in asked.rows(within)))
    return found


def touch_search(*, text: str, member: Member, limit: int) -> list[Hit]:
    """Only the touches that `search` finds."""
    asked = _asked(text, typed_text(text), member)
    asked.params["touches"] = limit
    return list(_touches(asked, _candidates(asked)[2:]))


def _asked(text: str, typed: str, member: Member) -> _Asked:
    whole, starts = note_query(text)
    asked = _Asked(member, {
        "tenant": current_tenant_id(), "q": typed, "q_end": typed + LAST_SIGN, "letters": plain_text(text).strip(),
        "runs": phrase_runs(text),
    })  # fmt: skip
    for word in whole:
        asked.add(word, ranged=False)
    for word in starts:
        asked.add(word, ranged=True)
    return asked


_TOKENS = "SELECT object_id FROM accounts_searchtoken WHERE tenant_id = %(tenant)s AND kind = '{kind}' AND {test}"
_HAS = """(SELECT true FROM accounts_searchtoken WHERE tenant_id = %(tenant)s AND object_id = {owner}.id
    AND kind = '{kind}' AND {test} LIMIT 1)"""
_BEGINS = "token >= %(q)s AND token < %(q_end)s"
_WITHIN = "(strpos(replace(a.name_key, ' ', ''), %(q)s) > 0 OR strpos(lower(a.external_id), %(q)s) > 0)"
_NAMED = """SELECT a.id, a.name, a.external_id FROM accounts_account a
    WHERE a.tenant_id = %(tenant)s AND {visible} AND {meant}
    ORDER BY a.arr DESC NULLS LAST, a.name_key, a.id LIMIT %(accounts)s"""
_PEOPLE = """SELECT c.id, c.name, a.id, a.name FROM accounts_contact c
    JOIN accounts_account a ON a.tenant_id = c.tenant_id AND a.id = c.account_id
    WHERE c.tenant_id = %(tenant)s AND {visible} AND {meant} ORDER BY c.name COLLATE "C", c.id LIMIT %(people)s"""
# Materialized in order: right after a large import the planner knows too little of a tenant, and would walk all of its
# people, or all touches by day. The accounts one by one: the first that hold come first, what follows is not asked.
_NAMED_PEOPLE = """WITH c AS MATERIALIZED (SELECT id, name, account_id FROM accounts_contact
        WHERE tenant_id = %(tenant)s AND id = ANY(%(ids)s) ORDER BY name COLLATE "C", id)
    SELECT c.id, c.name, a.id, a.name FROM c, LATERAL (SELECT a.id, a.name FROM accounts_account a
        WHERE a.tenant_id = %(tenant)s AND a.id = c.account_id AND {visible} LIMIT 1) a
    ORDER BY c.name COLLATE "C", c.id LIMIT %(people)s"""
_NOTES = """WITH t AS MATERIALIZED (SELECT id, note, account_id, "on" FROM accounts_touch
        WHERE tenant_id = %(tenant)s AND id = ANY(%(ids)s) ORDER BY "on" DESC, id DESC)
    SELECT t.id, t.note, a.id, a.name, '', t.on FROM t, LATERAL (SELECT a.id, a.name FROM accounts_account a
        WHERE a.tenant_id = %(tenant)s AND a.id = t.account_id AND {visible} LIMIT 1) a
    WHERE {meant} ORDER BY t.on DESC, t.id DESC LIMIT %(touches)s"""
# The words met first, then who may look; only what is left is put in order and cut.
_EVERY = """WITH named AS MATERIALIZED ({named})
    SELECT t.id, t.note, a.id, a.name, '', t.on FROM named JOIN accounts_touch t ON t.id = named.object_id
    JOIN accounts_account a ON a.tenant_id = t.tenant_id AND a.id = t.account_id
    WHERE t.tenant_id = %(tenant)s AND {visible} AND {meant} ORDER BY t.on DESC, t.id DESC LIMIT %(touches)s"""
_RUNS = """(SELECT bool_and(strpos(t.note, run) > 0 OR strpos(normalize(t.note, NFKC), run) > 0)
    FROM unnest(%(runs)s::text[]) run)"""


def _candidates(asked: _Asked) -> list[list[int]]:
    """Ids of accounts, of contacts, and of touches per word, each cut."""
    parts = [
        f"{_TOKENS.format(kind=kind, test=_BEGINS)} ORDER BY token, object_id LIMIT {MOST_NAMES}"
        for kind in (SearchToken.Kind.ACCOUNT, SearchToken.Kind.CONTACT)
    ]
    for word in asked.words:
        order = "token DESC, object_id DESC" if word.ranged else "object_id DESC"
        parts.append(f"{_TOKENS.format(kind=SearchToken.Kind.TOUCH, test=word.test)} ORDER BY {order} LIMIT {NEWEST}")
    return list(asked.rows("SELECT " + ", ".join(f"ARRAY({part})" for part in parts))[0])


def _has(owner: str, kind: str, test: str) -> str:
    """The condition that a row has such a token, asked of each row walked: for where too many ids are named."""
    return _HAS.format(owner=owner, kind=kind, test=test)


def _accounts(asked: _Asked, ids: Sequence[int]) -> tuple[Hit, ...]:
    if not ids:
        return ()
    meant = "a.id = ANY(%(ids)s)" if len(ids) < MOST_NAMES else _has("a", SearchToken.Kind.ACCOUNT, _BEGINS)
    sql = _NAMED.format(visible=visible_sql(asked.member, "a"), meant=meant)
    return tuple(Hit(pk, name, pk, name, code) for pk, name, code in asked.rows(sql, ids=ids))


def _people(asked: _Asked, ids: Sequence[int]) -> tuple[Hit, ...]:
    """Of very many people a member who sees all gets the first in the letters' order."""
    if not ids:
        return ()
    visible = visible_sql(asked.member, "a")
    if len(ids) < MOST_NAMES or sees_all(asked.member):
        sql = _NAMED_PEOPLE.format(visible=visible)
    else:
        sql = _PEOPLE.format(visible=visible, meant=_has("c", SearchToken.Kind.CONTACT, _BEGINS))
    return tuple(Hit(*row) for row in asked.rows(sql, ids=ids))


def _touches(asked: _Asked, ids: Sequence[Sequence[int]]) -> tuple[Hit, ...]:
    """Those with all words: the rarest word's touches, of which the other words are asked.

    Where even the rarest word is so common that its touches were cut, and too few of those hold, all touches with
    all words at the accounts in sight: none is passed over because newer ones share a word with it.
    """
    place = min(range(len(ids)), key=lambda at: len(ids[at]), default=None)
    if place is None or not ids[place]:
        return ()
    others = [word for at, word in enumerate(asked.words) if at != place]
    meant = [_has("t", SearchToken.Kind.TOUCH, word.test) for word in others]
    few = _NOTES.format(visible=visible_sql(asked.member, "a"), meant=" AND ".join(meant + _runs(asked)) or "true")
    found = tuple(Hit(*row) for row in asked.rows(few, ids=ids[place]))
    if len(ids[place]) < NEWEST or len(found) == asked.params["touches"]:
        return found
    named = [_TOKENS.format(kind=SearchToken.Kind.TOUCH, test=word.test) for word in asked.words]
    every = _EVERY.format(
        visible=visible_sql(asked.member, "a"),
        named=" INTERSECT ".join(named),
        meant=" AND ".join(_runs(asked)) or "true",
    )
    return tuple(Hit(*row) for row in asked.rows(every))


def _runs(asked: _Asked) -> list[str]:
    return [_RUNS] if asked.params["runs"] else []
