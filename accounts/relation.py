"""The relationship facts and their definitions."""

from django.utils.translation import gettext_lazy as _

from accounts.facts import Fact
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

STAGE_FACTS = (
    Fact(
        key="days_in_stage",
        label=_("Days in stage"),
        unit="days",
        room="accounts",
        definition=_("Days since the account came into the stage in which it is now; not known for days before that."),
        sql="""SELECT id AS account_id, {day} - stage_since AS value FROM accounts_account
            WHERE tenant_id = %(tenant)s AND stage_since <= {day}""",
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
