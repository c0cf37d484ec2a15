"""Reads what was known of touches, people, pulses and fields at the end of past days."""

from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext_lazy as _

from accounts.past import PAIRS, Pair, Past, pair_columns

_TOUCHED = f"""SELECT p.place, p.day - COALESCE(t.two_way, CASE WHEN %(guarded)s THEN NULL ELSE a.contract_start END),
        p.day - t.any_way
    FROM {PAIRS} JOIN accounts_account a ON a.tenant_id = %(tenant)s AND a.id = p.account_id
    CROSS JOIN LATERAL (
        SELECT max("on") AS any_way, max("on") FILTER (WHERE two_way) AS two_way FROM accounts_touch
        WHERE tenant_id = %(tenant)s AND account_id = p.account_id AND "on" <= p.day
            AND (NOT %(guarded)s OR created_at < p.until)) t"""  # noqa: S608 - the parts are of code


def relation_past(pairs: Sequence[Pair], guarded: bool) -> Past:
    """Days silent and days since any contact, of touches logged by then. Guarded, silence is not defined before the
    first two-way touch: nobody keeps when a contract's start became known. Days to renewal are never read: a renewal
    date moves with the outcome.
    """
    found = pair_columns(_TOUCHED, pairs, ("days_silent", "days_since_contact"), guarded=guarded)
    found["days_silent"] = [None if days is None or days < 0 else days for days in found["days_silent"]]
    said = _(
        "counted from touches as they read now: when one was corrected, and when a contract's start became known, is"
        " not kept"
    )
    return Past(found, {"days_silent": said} if guarded else {})


_PEOPLE = f"""SELECT p.place, count(c.id), count(c.id) FILTER (WHERE c.states && ARRAY['against']::varchar[]),
        count(c.id) FILTER (WHERE c.states = ARRAY['convinced']::varchar[])
    FROM {PAIRS} LEFT JOIN LATERAL (
        SELECT o.id, (SELECT array_agg(DISTINCT v.state) FROM (
            SELECT DISTINCT ON (about) state FROM accounts_conviction
            WHERE tenant_id = %(tenant)s AND contact_id = o.id AND "on" <= p.day
                AND (NOT %(guarded)s OR created_at < p.until) ORDER BY about, "on" DESC, id DESC) v) AS states
        FROM accounts_contact o WHERE o.tenant_id = %(tenant)s AND o.account_id = p.account_id
            AND (NOT %(guarded)s OR o.created_at < p.until)
            AND (%(guarded)s OR o.left_on IS NULL OR o.left_on > p.day)) c ON true
    GROUP BY p.place"""  # noqa: S608 - the parts are of code


def people_past(pairs: Sequence[Pair], guarded: bool) -> Past:
    """People known, against and convinced, of contacts and convictions noted by then. Guarded, who has left still
    counts: when that became known is not kept. Roles and champions have no history at all, so they are not read.
    """
    keys = ("people_known", "people_against", "people_convinced")
    said = _("people who have left still count: when that became known is not kept")
    found = pair_columns(_PEOPLE, pairs, keys, guarded=guarded)
    return Past(found, dict.fromkeys(keys, said) if guarded else {})


_PULSED = f"""SELECT p.place, u.feeling, p.day - u."on" FROM {PAIRS} CROSS JOIN LATERAL (
        SELECT feeling, "on" FROM accounts_pulse
        WHERE tenant_id = %(tenant)s AND account_id = p.account_id AND "on" <= p.day
            AND (NOT %(guarded)s OR created_at < p.until)
        ORDER BY "on" DESC, id DESC LIMIT 1) u"""  # noqa: S608 - the parts are of code


def pulse_past(pairs: Sequence[Pair], guarded: bool) -> Past:
    """The latest pulse that was said by then, and its age."""
    return Past(pair_columns(_PULSED, pairs, ("pulse", "pulse_age"), guarded=guarded))


_FIELD = f"""SELECT p.place, h.value FROM {PAIRS} CROSS JOIN LATERAL (
        SELECT value FROM accounts_accountfieldhistory
        WHERE tenant_id = %(tenant)s AND field = %(field)s AND account_id = p.account_id AND at < p.until
        ORDER BY at DESC, id DESC LIMIT 1) h"""  # noqa: S608 - the parts are of code


def field_past(field: str, pairs: Sequence[Pair]) -> list[Any]:
    """What a tracked field held at the end of each day, as its history keeps it; None where it does not know."""
    return pair_columns(_FIELD, pairs, (field,), field=field)[field]
