"""The relationship facts and their definitions."""

from django.utils.translation import gettext_lazy as _

from accounts.facts import Fact
from accounts.models import Pulse
from accounts.selectors.tiers import OWED_TO_ALL

_DAYS = "SELECT account_id, value FROM ({found}) days WHERE value IS NOT NULL AND value >= 0"
_TOUCHED = """SELECT t.account_id, max(t."on") AS touched FROM accounts_touch t
    WHERE t.tenant_id = %(tenant)s AND t."on" <= {{day}} {way} GROUP BY 1"""
_SILENT = f"""SELECT w.id AS account_id, {{day}} - COALESCE(t.touched, w.contract_start) AS value
    FROM accounts_account w LEFT JOIN ({_TOUCHED.format(way="AND t.two_way")}) t ON t.account_id = w.id
    WHERE w.tenant_id = %(tenant)s"""  # noqa: S608 - all parts are of this module
_CONTACTED = f"SELECT account_id, {{day}} - touched AS value FROM ({_TOUCHED.format(way='')}) t"  # noqa: S608 - as above
_RENEWAL = """SELECT id AS account_id, renewal_date - {day} AS value FROM accounts_account
    WHERE tenant_id = %(tenant)s AND renewal_date IS NOT NULL"""

FIT_SQL = """SELECT h.account_id, sum(n.weight * n.match)::float8 / nullif(100 * sum(n.weight), 0) AS value
    FROM accounts_handover h JOIN accounts_need n ON n.tenant_id = h.tenant_id AND n.handover_id = h.id
    WHERE h.tenant_id = %(tenant)s AND n.match IS NOT NULL GROUP BY 1"""
PROMISED_SQL = """SELECT h.account_id, count(*) AS value FROM accounts_handover h
    JOIN accounts_promise p ON p.tenant_id = h.tenant_id AND p.handover_id = h.id
    WHERE h.tenant_id = %(tenant)s AND p.state IN ('open', 'planned') GROUP BY 1"""

RELATION_FACTS = (
    Fact(
        key="days_silent",
        label=_("Days silent"),
        unit="days",
        room="accounts",
        definition=_(
            "Days since the last two-way touch (meeting, visit, call, or a message or mail that the customer "
            "answered), else since contract start."
        ),
        sql=_DAYS.replace("{found}", _SILENT),
    ),
    Fact(
        key="days_since_contact",
        label=_("Days since any contact"),
        unit="days",
        room="accounts",
        definition=_("Days since the last touch of any kind, answered or not."),
        sql=_CONTACTED,
    ),
    Fact(
        key="days_to_renewal",
        label=_("Days to renewal"),
        unit="days",
        room="accounts",
        definition=_("Days from the day shown to the renewal date; negative once it has passed."),
        sql=_RENEWAL,
        fixed=True,
    ),
)

PEOPLE_FACTS = (
    Fact("people_known", _("People known"), "count", "accounts", _("Contacts who have not left by the day.")),
    Fact(
        "decision_makers_known",
        _("Decision makers known"),
        "count",
        "accounts",
        _("Contacts with the role of decision maker who have not left by the day."),
    ),
    Fact(
        "champions_known",
        _("Champions known"),
        "count",
        "accounts",
        _("Contacts marked as champion who have not left by the day."),
    ),
    Fact(
        "people_against",
        _("People against"),
        "count",
        "accounts",
        _("Contacts whose latest conviction up to the day is “against” in any matter."),
    ),
    Fact(
        "people_convinced",
        _("People convinced"),
        "count",
        "accounts",
        _("Contacts whose latest convictions up to the day are “convinced” in every matter that was noted."),
    ),
)

_PULSED = """SELECT DISTINCT ON (account_id) account_id, {value} AS value FROM accounts_pulse
    WHERE tenant_id = %(tenant)s AND "on" <= {{day}} ORDER BY account_id, "on" DESC, id DESC"""
PULSE_FACTS = (
    Fact(
        key="pulse",
        label=_("CSM's pulse"),
        unit="word",
        room="accounts",
        definition=_("How the CSM said it goes with the account: the latest one up to the day."),
        sql=_PULSED.format(value="feeling"),
        choices=tuple((str(value), label) for value, label in Pulse.Feeling.choices),
        age="pulse_age",
    ),
    Fact(
        key="pulse_age",
        label=_("Days since the CSM's pulse"),
        unit="days",
        room="accounts",
        definition=_("Days since the CSM last said how it goes with the account; not defined before the first time."),
        sql=_PULSED.format(value='{{day}} - "on"'),
    ),
)

STAGE_FACTS = (
    Fact(
        key="days_in_stage",
        label=_("Days in stage"),
        unit="days",
        room="accounts",
        definition=_("Days since the account came into the stage in which it is now; not known for days before that."),
        sql="""SELECT id AS account_id, {day} - stage_since AS value FROM accounts_account
            WHERE tenant_id = %(tenant)s AND stage_since <= {day}""",
        fixed=True,
    ),
)

_OWED = "SELECT account_id, {value} AS value FROM ({owed}) o WHERE due IS NOT NULL GROUP BY 1"
TIER_FACTS = (
    Fact(
        key="days_behind_tier",
        label=_("Days behind its tier"),
        unit="days",
        room="accounts",
        definition=_(
            "By how many days what the account's service tier owes it is overdue, by the duty furthest behind; 0 where "
            "nothing is. Not defined for accounts whose tier owes nothing."
        ),
        sql=_OWED.replace("{value}", "GREATEST(max({day} - due), 0)").replace("{owed}", OWED_TO_ALL),
    ),
    Fact(
        key="touches_owed",
        label=_("Touches owed"),
        unit="count",
        room="accounts",
        definition=_("How many of the duties of the account's service tier are overdue."),
        sql=_OWED.replace("{value}", "count(*) FILTER (WHERE {day} > due)").replace("{owed}", OWED_TO_ALL),
    ),
)
FIT_FACTS = (
    Fact(
        "fit_score",
        _("Fit"),
        "ratio",
        "accounts",
        _(
            "How far the product meets the needs of the hand-over, by their weight: sum of weight × match ÷ sum of "
            "weight over the judged needs, as filled in now; not defined without a judged need."
        ),
        sql=FIT_SQL,
    ),
    Fact(
        "promises_open",
        _("Promises to keep"),
        "count",
        "accounts",
        _("Promises of the hand-over that are in plan or not judged yet, as filled in now."),
        sql=PROMISED_SQL,
    ),
)
