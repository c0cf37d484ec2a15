"""The service facts: what segments, columns, measures and alert rules may ask for."""

from django.utils.translation import gettext_lazy as _

from accounts.facts import Fact

SERVICE_FACTS = (
    Fact(
        key="tickets_open",
        label=_("Open tickets"),
        unit="count",
        room="service",
        definition=_("Tickets opened up to the day and not closed by its end."),
    ),
    Fact(
        key="tickets_30",
        label=_("Tickets in 30 days"),
        unit="count",
        room="service",
        definition=_("Tickets opened in the 30 days ending on the day."),
    ),
    Fact(
        key="first_response_30",
        label=_("First response"),
        unit="minutes",
        room="service",
        definition=_(
            "Median minutes to the first answer of the tickets opened in the 30 days ending on the day; not defined "
            "without an answer."
        ),
    ),
    Fact(
        key="resolution_rate_30",
        label=_("Resolution rate"),
        unit="ratio",
        room="service",
        definition=_(
            "Tickets opened in the 30 days ending on the day that were closed by its end ÷ all of them; not defined "
            "without any."
        ),
    ),
    Fact(
        key="satisfaction_90",
        label=_("Satisfaction"),
        unit="count",
        room="service",
        definition=_(
            "Mean of the answers, 1 to 5, on tickets opened in the 90 days ending on the day and closed by its end; "
            "not defined without an answer."
        ),
    ),
)

VOICE_FACTS = (
    Fact(
        key="requests_open",
        label=_("Open requests"),
        unit="count",
        room="service",
        definition=_("Requests of the account that are neither delivered nor declined, as noted now."),
        sql="""SELECT w.account_id, count(*) AS value FROM service_wish w
            JOIN service_request r ON r.tenant_id = w.tenant_id AND r.id = w.request_id
            WHERE w.tenant_id = %(tenant)s AND r.state IN ('new', 'reviewing', 'planned') GROUP BY 1""",
    ),
    Fact(
        key="rivals_seen",
        label=_("Rival products"),
        unit="count",
        room="service",
        definition=_("Rival products noted at the account that are not gone, as noted now."),
        sql="""SELECT account_id, count(*) AS value FROM service_rival
            WHERE tenant_id = %(tenant)s AND gone_on IS NULL GROUP BY 1""",
    ),
)

SURVEY_FACTS = (
    Fact(
        key="nps_90",
        label=_("NPS"),
        unit="points",
        room="service",
        definition=_(
            "Share of promoters (9, 10) − share of detractors (0 to 6), × 100, of the answers in the 90 days ending on "
            "the day; not defined without an answer."
        ),
    ),
    Fact(
        key="csat_90",
        label=_("CSAT"),
        unit="count",
        room="service",
        definition=_("Mean of the answers, 1 to 5, in the 90 days ending on the day; not defined without an answer."),
    ),
)
