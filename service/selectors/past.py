"""Reads what was known of tickets and answers at the end of past days."""

from collections.abc import Sequence

from django.utils.translation import gettext_lazy as _

from accounts.past import PAIRS, Pair, Past, pair_columns
from service.models import SurveyAnswer

_COUNTED = f"""SELECT p.place, t.opened FROM {PAIRS} CROSS JOIN LATERAL (
        SELECT count(*) FILTER (WHERE opened_at >= p.until - interval '30 days') AS opened, count(*) AS ever
        FROM service_ticket WHERE tenant_id = %(tenant)s AND account_id = p.account_id AND opened_at < p.until
            AND (NOT %(guarded)s OR created_at < p.until)) t
    WHERE t.ever > 0 OR (SELECT min(CASE WHEN %(guarded)s THEN GREATEST(opened_at, created_at) ELSE opened_at END)
        FROM service_ticket WHERE tenant_id = %(tenant)s) < p.until"""  # noqa: S608 - the parts are of code
_SERVED = f"""SELECT p.place, t.opened, t.waiting, t.answered, t.solved, t.stars FROM {PAIRS} CROSS JOIN LATERAL (
        SELECT count(*) FILTER (WHERE opened_at >= p.until - interval '30 days') AS opened,
            count(*) FILTER (WHERE closed_at IS NULL OR closed_at >= p.until) AS waiting,
            percentile_cont(0.5) WITHIN GROUP (ORDER BY extract(epoch FROM first_response_at - opened_at) / 60)
                FILTER (WHERE opened_at >= p.until - interval '30 days' AND first_response_at < p.until) AS answered,
            count(*) FILTER (WHERE opened_at >= p.until - interval '30 days' AND closed_at < p.until)::float8
                / nullif(count(*) FILTER (WHERE opened_at >= p.until - interval '30 days'), 0) AS solved,
            avg(satisfaction) FILTER (WHERE opened_at >= p.until - interval '90 days' AND closed_at < p.until)::float8
                AS stars
        FROM service_ticket WHERE tenant_id = %(tenant)s AND account_id = p.account_id AND opened_at < p.until) t
    WHERE (SELECT min(opened_at) FROM service_ticket WHERE tenant_id = %(tenant)s) < p.until"""  # noqa: S608 - as above
_SERVED_KEYS = ("tickets_30", "tickets_open", "first_response_30", "resolution_rate_30", "satisfaction_90")


def service_past(pairs: Sequence[Pair], guarded: bool) -> Past:
    """Guarded only the tickets of 30 days, of those that had come in by then: when an answer, a closing or a rating
    came in is not kept. Else all, by their own times. Days are of 24 hours.
    """
    if guarded:
        return Past(pair_columns(_COUNTED, pairs, ("tickets_30",), guarded=True))
    return Past(pair_columns(_SERVED, pairs, _SERVED_KEYS))


_ANSWERED = f"""SELECT p.place, a.nps, a.csat FROM {PAIRS} CROSS JOIN LATERAL (
        SELECT 100.0 * (count(*) FILTER (WHERE kind = 'nps' AND score >= 9)
                - count(*) FILTER (WHERE kind = 'nps' AND score <= 6)) / nullif(count(*) FILTER (WHERE kind = 'nps'), 0)
                AS nps,
            avg(score) FILTER (WHERE kind = 'csat') AS csat
        FROM service_surveyanswer WHERE tenant_id = %(tenant)s AND account_id = p.account_id AND answered_at < p.until
            AND answered_at >= p.until - interval '90 days' AND (NOT %(guarded)s OR source = %(link)s)) a"""  # noqa: S608 - as above


def survey_past(pairs: Sequence[Pair], guarded: bool) -> Past:
    """NPS and CSAT of 90 days; guarded, of the answers given through a link, which came in when they were given."""
    keys = ("nps_90", "csat_90")
    found = pair_columns(_ANSWERED, pairs, keys, guarded=guarded, link=str(SurveyAnswer.Source.LINK))
    said = _("only answers given through a link: when the others came in is not kept")
    return Past(found, dict.fromkeys(keys, said) if guarded else {})
