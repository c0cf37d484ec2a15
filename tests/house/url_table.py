"""The table of every address: who gets which answer. Read by test_urls, which holds it against the real routes.

A line is a URL name, a method, an audience (who is answered how) and what to send. Audiences are spelled out once
below: they are the whole policy of who may open what.
"""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from health.definition import STARTING_DOCUMENT as CARD

# The order in which an audience's answers are written.
ACTORS = (
    "anonymous",
    "stranger",  # the admin of another tenant
    "deactivated",
    "viewer",
    "contributor",
    "csm",  # looks after the account; the tenant shows CSMs only their own
    "csm_outside",  # looks after another account
    "manager",
    "admin",
)
SOON = (datetime.now(UTC).date() + timedelta(days=30)).isoformat()
OK = 0  # the line's own good answer

AUDIENCES: dict[str, tuple[int, ...]] = {
    #               anon. stra. deac. view. cont. csm  out  mana. admin
    "read":        (302, 404, 404, OK, OK, OK, OK, OK, OK),
    "read one":    (302, 404, 404, OK, OK, OK, 404, OK, OK),
    "work":        (302, 404, 404, 403, 403, OK, OK, OK, OK),
    "work on one": (302, 404, 404, 403, 403, OK, 404, OK, OK),
    "fill on one": (302, 404, 404, 403, OK, OK, 404, OK, OK),
    "theirs or worker's": (302, 404, 404, 403, 403, OK, 404, OK, OK),
    "manage":      (302, 404, 404, 403, 403, 403, 403, OK, OK),
    "administer":  (302, 404, 404, 403, 403, 403, 403, 403, OK),
    "csm's own":   (302, 404, 404, 404, 404, OK, 404, 404, 404),
    "csm's change": (302, 404, 404, 403, 403, OK, 404, OK, OK),
    "theirs or manager's": (302, 404, 404, 403, 403, OK, 403, OK, OK),
    "method":      (405, 405, 405, 405, 405, 405, 405, 405, 405),
}  # fmt: skip


@dataclass(frozen=True)
class Line:
    """One address and method. `args` names keys of the test's world; `key` arguments are looked up there."""

    name: str
    method: str
    audience: str
    args: tuple[str, ...] = ()
    send: dict[str, Any] = field(default_factory=dict)
    ok: int = 200
    foreign: bool = False  # also asked with each id of the other tenant: always 404

    def __str__(self) -> str:
        return f"{self.method} {self.name}"


def _post(name: str, audience: str, /, *args: str, ok: int = 302, **send: Any) -> list[Line]:
    """An address that only takes a POST."""
    return [
        Line(name, "POST", audience, args, send, ok, foreign=bool(args) and args != ("day",)),
        Line(name, "GET", "method", args),
    ]


def _form(name: str, audience: str, /, *args: str, ok: int = 302, **send: Any) -> list[Line]:
    """A page with a form that posts to the page's own address."""
    return [
        Line(name, "GET", audience, args, foreign=bool(args)),
        Line(name, "POST", audience, args, send, ok, foreign=bool(args)),
    ]


def _cell() -> list[Line]:
    """One field of one account: the form, and a change of it."""
    args, send = ("account", "cell"), {"value": "Steel", "was": ""}
    return [
        Line("account_cell", "GET", "work on one", args, foreign=True),
        Line("account_cell", "POST", "work on one", args, send, 204, foreign=True),
    ]


def _page(name: str, audience: str, *args: str) -> list[Line]:
    """A page that is only read."""
    return [Line(name, "GET", audience, args, foreign=bool(args)), Line(name, "POST", "method", args)]


ACCOUNT: dict[str, Any] = {
    "name": "New",
    "external_id": "new-1",
    "currency": "EUR",
    "lifecycle_stage": "training",
    "version": "1",
}
TOUCH: dict[str, Any] = {"note": "Spoke", "kind": "call", "on": "2026-03-09"}

CONTRACT: dict[str, Any] = {"external_id": "new-contract", "currency": "EUR", "version": "1"}
LINE: dict[str, Any] = {
    "external_id": "9",
    "product": "product",
    "amount": "1200",
    "billing_months": "12",
    "start": "2026-01-01",
    "version": "1",
}

TENANT_LINES: list[Line] = [
    *_page("today", "read"),
    *_post("today_seen", "read"),
    *_page("today_row", "read one", "account"),
    *_post("today_do", "work on one", "account", "today_act"),
    *_page("portfolio", "read"),
    Line("portfolio_export", "GET", "read"),
    Line("portfolio_export", "POST", "read"),
    *_page("portfolio_bulk", "read"),
    *_page("portfolio_columns", "read"),
    *_page("portfolio_filters", "read"),
    *_page("portfolio_row", "read one", "account"),
    *_page("portfolio_peek", "read one", "account"),
    *_page("account", "read one", "account"),
    Line("account_history", "GET", "read one", ("account", "kind"), foreign=True),
    Line("account_history", "POST", "method", ("account", "kind")),
    *_page("palette", "read"),
    *_form("account_new", "work", **ACCOUNT),
    *_form("account_edit", "work on one", "account", **{**ACCOUNT, "version": "2"}),  # its first line was one more
    *_post("account_archive", "manage", "account"),
    *_post("account_restore", "manage", "archived"),
    *_form("contact_new", "work on one", "account", name="Somebody"),
    *_form("contact_edit", "work on one", "account", "contact", name="Somebody"),
    *_post("contact_remove", "work on one", "account", "contact"),
    *_form("conviction_new", "work on one", "account", "contact", about="solution", state="convinced", on="2026-03-09"),
    *_form("touch_new", "work on one", "account", **TOUCH),
    *_page("contracts", "read one", "account"),
    *_form("contract_new", "work on one", "account", **CONTRACT, **{f"line-{n}": v for n, v in LINE.items()}),
    *_form("contract_edit", "work on one", "account", "contract", **CONTRACT),
    *_post("contract_remove", "work on one", "account", "contract"),
    *_form("line_new", "work on one", "account", "contract", **LINE),
    *_form("line_edit", "work on one", "account", "contract", "line", **LINE),
    *_post("line_remove", "work on one", "account", "line"),
    *_form("line_outcome", "work on one", "account", "line", outcome="renewed", version="1"),
    *_form("entitlement_new", "work on one", "account", feature="feature", granted="1", start="2026-01-01"),
    *_form(
        "entitlement_edit", "work on one", "account", "entitlement", feature="feature", granted="", start="2026-01-01"
    ),
    *_post("entitlement_remove", "work on one", "account", "entitlement"),
    *_page("products", "read"),
    *_form("product_new", "administer", name="Suite", key="new"),
    *_form("product_edit", "administer", "product", name="Suite", key="new"),
    *_post("product_remove", "administer", "spare_product"),
    *_form("plan_new", "administer", "product", name="Pro", key="new"),
    *_form("plan_edit", "administer", "product", "plan", name="Pro", key="new"),
    *_post("plan_remove", "administer", "product", "plan"),
    Line("rates", "GET", "read"),
    Line("rates", "POST", "read"),
    *_post("rate_add", "administer", currency="GBP", day="2026-01-01", rate="1.2"),
    *_post("rate_remove", "administer", "rate"),
    *_form("touch_edit", "work on one", "account", "touch", **TOUCH),
    *_post("touch_remove", "work on one", "account", "touch"),
    *_form("mail_upload", "work on one", "account", ok=200),
    *_page("step_when", "work"),
    *_post("step_set", "work on one", "step"),
    *_page("events", "read"),
    *_form("event_new", "work", kind="salon", name="Salon", on="2026-03-09"),
    *_page("event", "read", "event"),
    *_form("event_edit", "work", "event", kind="salon", name="Salon", on="2026-03-09"),
    *_post("event_invite", "work", "event"),
    *_post("invitee_set", "work on one", "event", "invitee", act="withdraw"),
    *_post("person_link", "work on one", "account", "end_user", contact="contact"),
    *_page("account_timeline", "read one", "account"),
    *_page("account_charts", "read one", "account"),
    *_page("account_compare", "read one", "account"),
    *_page("handovers", "read"),
    *_page("handover_report", "read"),
    *_page("handover_report_csv", "read"),
    *_post("fit_threshold", "manage", threshold="40"),
    *_page("handover", "read one", "account"),
    *_page("handover_part", "read one", "account"),
    *_post("handover_new", "work on one", "account"),
    *_post("handover_do", "fill on one", "account", ok=200, act="complete"),
    Line("handover_cell", "GET", "fill on one", ("account", "need_part", "need", "need_key"), foreign=True),
    Line(
        "handover_cell",
        "POST",
        "fill on one",
        ("account", "need_part", "need", "need_key"),
        {"value": "9", "was": "5"},
        302,
        foreign=True,
    ),
    *_post("handover_row", "fill on one", "account", "need_part", text="Another"),
    *_post("handover_row_remove", "fill on one", "account", "need_part", "need"),
    *_page("requests", "read"),
    *_form("request_new", "work", title="Dark mode"),
    *_page("request", "read", "request"),
    *_form("request_edit", "work", "request", title="Dark mode"),
    *_post("request_state", "work", "request", state="planned", answer="In spring"),
    *_post("request_told", "work", "request", kind="mail", on="2026-03-09"),
    *_post("request_join", "work", "request", into="twin"),
    *_post("request_wish", "work", "request", pick="account"),
    *_page("account_voice", "read one", "account"),
    *_page("account_gap", "read one", "account"),
    *_form("wish_new", "work on one", "account", title="Dark mode", since="2026-03-09"),
    *_post("wish_drop", "work on one", "account", "wish"),
    *_form("rival_new", "work on one", "account", name="Rival"),
    *_form("rival_edit", "work on one", "account", "rival", name="Rival"),
    *_post("rival_remove", "work on one", "account", "rival"),
    *_page("cases", "read"),
    *_form("case_new", "work", title_en="Case", result_en="More"),
    *_page("case", "read", "case"),
    *_form("case_edit", "work", "case", title_en="Case", result_en="More"),
    *_post("case_remove", "work", "case"),
    *_page("account_pulse", "read one", "account"),
    *_post("pulse_say", "work on one", "account", feeling="good", reason="value"),
    *_page("account_files", "read one", "account"),
    *_post("file_add", "fill on one", "account"),
    *_page("file_get", "read one", "account", "kept_file"),
    *_post("file_remove", "theirs or worker's", "account", "kept_file"),
    *_page("articles", "read"),
    *_form("article_new", "work", title_en="How", text_en="So"),
    *_page("article", "read", "article"),
    *_form("article_edit", "work", "article", title_en="How", text_en="So"),
    *_post("article_remove", "work", "article"),
    *_post("help_page_set", "administer", action="on"),
    *_page("surveys", "read"),
    *_page("surveys_csv", "read"),
    *_page("account_surveys", "read one", "account"),
    *_form("survey_new", "work on one", "account", ok=200, kind="nps", contact="contact", language="en"),
    *_page("levels", "read"),
    *_page("levels_csv", "read"),
    *_post("accounts_assign", "manage", pick="account", csm="csm"),
    *_cell(),
    *_post("accounts_bulk", "work", pick="account", tag="VIP"),
    *_post("accounts_paste", "work", ok=200, field="industry", pick="account", text="Steel"),
    *_post("bulk_undo", "csm's change", "bulk"),
    *_page("segments", "read"),
    *_form("segment_new", "work", ok=200),
    *_post("segment_count", "work", ok=200, definition="{}"),
    *_form("segment_edit", "theirs or manager's", "segment", ok=200),
    *_post("segment_remove", "theirs or manager's", "segment"),
    *_post("segment_back", "theirs or manager's", "segment_gone"),
    *_page("lifecycle", "read"),
    *_page("lifecycle_csv", "read"),
    *_page("alert_rules", "read"),
    *_form("alert_rule_edit", "administer", "rule", segment=""),
    *_page("stages", "read"),
    *_post("stages_run", "administer"),
    *_form("stage_edit", "administer", "stage", name="Ours", confirmed="1", version="1"),
    *_form("stage_condition", "administer", "stage", "which", definition="{}", ok=200),
    *_post("stage_count", "administer", "stage", "which", ok=200),
    *_post("proposal_set", "work on one", "proposal", act="accept"),
    *_page("capacity", "work"),
    *_page("capacity_csv", "work"),
    *_form("capacity_move", "manage", pick="account", to="csm"),
    *_post("capacity_sides", "manage", ok=200, pick="account", to="csm"),
    *_form("capacity_targets", "manage"),
    *_page("owed", "read"),
    *_page("owed_csv", "read"),
    *_page("tiers", "read"),
    *_form("tier_new", "administer", name="New"),
    *_form("tier_edit", "administer", "tier", name="New", version="1"),
    *_form("tier_rule", "administer", "tier"),
    *_post("tier_do", "administer", "tier", act="up"),
    *_form("tiers_suggested", "work"),
    *_form("account_tier", "work on one", "account", purpose="platform"),
    *_form("fields", "administer", ok=200),
    *_form("field_edit", "administer", "field", ok=200),
    *_post("field_do", "administer", "field", act="up"),
    *_post("view_edit", "csm's own", "view", name="Mine"),
    *_post("view_restore", "read"),
    Line("accounts_archived", "GET", "manage"),
    Line("accounts_archived", "POST", "manage"),
    *_post("view_save", "read", name="Mine", query="csm=me"),
    *_post("view_delete", "csm's own", "view"),
    *_form("import", "manage", ok=200),
    *_page("import_run", "manage", "run"),
    *_page("import_progress", "manage", "run"),
    Line("import_columns", "GET", "method", ("run",)),
    Line("import_columns", "POST", "manage", ("run",), {"col-0": "external_id"}, 302, foreign=True),
    *_post("import_accept", "manage", "run_ready", all="1"),
    *_post("import_go", "manage", "run_ready"),
    *_post("import_again", "manage", "run"),
    *_post("import_undo", "manage", "run"),
    *_post("import_discard", "manage", "run"),
    *_page("import_refused", "manage", "run", "file_kind"),
    *_page("features", "read"),
    *_form("feature_new", "administer", name="Reports", key="new", event_names="Report made"),
    *_form("feature_edit", "administer", "feature", name="Reports", event_names="Report made"),
    *_post("logins_change", "administer", names="Signed in"),
    *_page("intake", "administer"),
    *_post("rejected_again", "administer", reason="no_type"),
    *_page("retention", "read"),
    *_page("retention_csv", "read"),
    *_page("retention_rows", "read"),
    *_page("retention_rows_csv", "read"),
    *_page("retention_lines", "read one", "account"),
    *_page("retention_rivals", "read"),
    *_page("retention_cohorts", "read"),
    *_post("revenue_settings", "manage", gross_margin="80", grace_days="30"),
    *_page("service", "read"),
    *_page("service_csv", "read"),
    *_page("account_tickets", "read one", "account"),
    *_page("scorecard", "read"),
    *_form("scorecard_new", "administer", name="Small customers", starter="daily"),
    *_post("scorecard_second", "administer"),
    *_page("scorecard_card", "read", "card"),
    *_page("scorecard_compare", "read", "card"),
    *_page("scorecard_lint", "read", "card"),
    *_post("scorecard_preview", "administer", "card"),
    *_post("scorecard_publish", "administer", "card"),
    *_post("scorecard_discard", "administer", "card"),
    *_post("scorecard_scope", "administer", "card", name="Health"),
    *_post("scorecard_move", "administer", "card", up="1"),
    *_post("scorecard_remove", "administer", "card"),
    *_post("scorecard_bring_back", "administer", "card_gone"),
    *_post("scorecard_version_back", "administer", "card", "version"),
    *_post("scorecard_version_off", "administer", "card", "version"),
    *_page("scorecard_backtest", "read", "card"),
    *_post("scorecard_backtest_start", "administer", "card"),
    *_page("scorecard_backtest_progress", "read", "backtest"),
    *_page("scorecard_rescored", "read", "card"),
    *_post("scorecard_rescore", "administer", "card"),
    *_page("scorecard_rescore_progress", "read", "rescoring"),
    *_post("scorecard_rescore_remove", "administer", "rescoring"),
    *_page("scorecard_draft", "read", "draft"),
    *_post("scorecard_draft_say", "work", "draft", text="Why?"),
    *_post("scorecard_draft_decide", "administer", "draft", text="Not yet"),
    *_post("scorecard_draft_take_up", "administer", "draft"),
    *_page("account_group", "read one", "account"),
    *_page("heat", "read"),
    *_page("overrides", "work"),
    *_form("account_override", "csm's change", "account", ok=200),
    *_post("override_stop", "csm's change", "override"),
    *_post("alert_done", "work on one", "alert"),
    *_post("alert_snooze", "work on one", "alert", days="3"),
    *_post("alert_undo", "work on one", "alert"),
    *_page("nights", "manage"),
    *_post("night_again", "administer", "day"),
    *_form("members", "administer", email="new@example.com", role="csm"),
    *_post("member_edit", "administer", "member", role="viewer", is_active="on"),
    *_post("invitation_withdraw", "administer", "invitation"),
    *_form("keys", "administer", ok=200, kind="write", name="Server"),
    *_post("key_withdraw", "administer", "key"),
    *_form("personal_data", "administer", ok=200, q="c-one"),
    *_post("personal_data_export", "administer", ok=200, q="c-one"),
    *_post("personal_data_erase", "administer", ok=200, q="c-one", reason="Asked", confirm="other"),
    *_post("personal_data_allow", "administer", ok=200, q="c-one", reason="Asked"),
    *_page("audit", "manage"),
    *_form("tenant_settings", "administer", name="Ours", timezone="UTC", language="en", currency="EUR"),
]

OF_ONE: dict[str, Any] = {"external_id": "new", "account_external_id": "one"}

# Addresses of the API with the scope each method needs; any other key, also one with every other scope, is refused.
API_LINES: list[Line] = [
    Line("api-accounts", "GET", "accounts:read"),
    Line("api-accounts-bulk", "POST", "accounts:write", send={"rows": [{"external_id": "one", "name": "One"}]}),
    Line("api-account", "GET", "accounts:read", ("account",), foreign=True),
    Line("api-account", "PATCH", "accounts:write", ("account",), {"industry": "School"}, foreign=True),
    Line("api-account-metrics", "GET", "accounts:read", ("account",), foreign=True),
    Line("api-account-health", "GET", "accounts:read", ("account",), foreign=True),
    Line("api-imports", "GET", "accounts:read"),
    Line("api-tickets", "GET", "tickets:read"),
    Line(
        "api-tickets-bulk",
        "POST",
        "tickets:write",
        send={"rows": [{"external_id": "t", "account_external_id": "one", "subject": "Help"}]},
    ),
    Line("api-contracts", "GET", "accounts:read"),
    Line(
        "api-contracts-bulk",
        "POST",
        "accounts:write",
        send={"rows": [{"external_id": "c1", "account_external_id": "one", "currency": "EUR"}]},
    ),
    Line("api-lifecycle", "GET", "accounts:read"),
    Line("api-lifecycle-funnel", "GET", "accounts:read"),
    Line("api-lifecycle-stage", "PATCH", "accounts:write", ("stage",), {"name": "Ours"}),
    Line("api-payments", "GET", "accounts:read"),
    Line(
        "api-payments-bulk",
        "POST",
        "accounts:write",
        send={"rows": [{"external_id": "p", "account_external_id": "one", "amount": "5.00", "paid_on": "2026-03-09"}]},
    ),
    Line("api-capacity", "GET", "accounts:read"),
    Line("api-retention", "GET", "accounts:read"),
    Line("api-csm-targets", "POST", "accounts:write", send={"csm": "nobody@example.com", "year": 2026}, ok=400),
    Line("api-tiers", "GET", "accounts:read"),
    Line("api-owed", "GET", "accounts:read"),
    Line("api-today", "GET", "accounts:read"),
    Line("api-stage-moves", "GET", "accounts:read"),
    Line("api-stage-move", "POST", "accounts:write", ("proposal",), {"decision": "accept"}, foreign=True),
    Line("api-products", "GET", "features:read"),
    Line("api-products", "POST", "features:write", send={"key": "new-product", "name": "New"}, ok=201),
    Line("api-rates", "GET", "accounts:read"),
    Line(
        "api-rates", "POST", "accounts:write", send={"rows": [{"currency": "GBP", "date": "2026-01-01", "rate": "1.2"}]}
    ),
    Line("api-contacts", "GET", "contacts:read"),
    Line(
        "api-contacts",
        "POST",
        "contacts:write",
        send={"external_id": "c", "account_external_id": "one", "name": "C"},
        ok=201,
    ),
    Line("api-contacts-bulk", "POST", "contacts:write", send={"rows": [{"external_id": "c-one", "name": "Ann"}]}),
    Line("api-touches", "GET", "touches:read"),
    Line("api-touches", "POST", "touches:write", send={**OF_ONE, **TOUCH}, ok=201),
    Line("api-touches-bulk", "POST", "touches:write", send={"rows": [{"external_id": "t-one", "note": "Spoke"}]}),
    Line("api-handovers", "GET", "handovers:read"),
    Line("api-handovers-bulk", "POST", "handovers:write", send={"rows": [{"account_external_id": "one"}]}),
    Line("api-features", "GET", "features:read"),
    Line("api-features", "POST", "features:write", send={"key": "new", "name": "New"}, ok=201),
    Line("api-features", "PATCH", "features:write", send={"key": "reports", "name": "New"}),
    Line("api-feature", "GET", "features:read", ("feature_key",), foreign=True),
    Line("api-feature", "PATCH", "features:write", ("feature_key",), {"name": "New"}, foreign=True),
    Line("api-requests", "GET", "requests:read"),
    Line(
        "api-requests", "POST", "requests:write", send={"external_id": "r", "title": "R", "accounts": ["one"]}, ok=201
    ),
    Line("api-requests-bulk", "POST", "requests:write", send={"rows": [{"external_id": "r", "title": "R"}]}),
    Line("api-cases", "GET", "cases:read"),
    Line("api-cases", "POST", "cases:write", send={"external_id": "c", "title_en": "C", "result_en": "R"}, ok=201),
    Line(
        "api-cases-bulk",
        "POST",
        "cases:write",
        send={"rows": [{"external_id": "c", "title_zh": "案例", "result_zh": "提升"}]},
    ),
    Line("api-articles", "GET", "help:read"),
    Line(
        "api-articles-bulk",
        "POST",
        "help:write",
        send={"rows": [{"external_id": "h", "title_en": "How", "text_en": "So"}]},
    ),
    Line("api-answers", "GET", "surveys:read"),
    Line(
        "api-answers-bulk",
        "POST",
        "surveys:write",
        send={"rows": [{"account_external_id": "one", "kind": "nps", "score": 9, "person": "Ann"}]},
    ),
    Line("api-persons-find", "POST", "persons:erase", send={"contact_external_id": "c-one"}),
    Line("api-persons-export", "POST", "persons:erase", send={"contact_external_id": "c-one"}),
    Line("api-persons-erase", "POST", "persons:erase", send={"contact_external_id": "c-one", "reason": "Asked"}),
    Line("api-account-rollup", "GET", "accounts:read", ("account",), foreign=True),
    Line("api-overrides", "GET", "accounts:read"),
    Line(
        "api-overrides",
        "POST",
        "accounts:write",
        send={"account_external_id": "one", "band": "amber", "reason": "A new sponsor", "until": SOON},
        ok=201,
    ),
    Line("api-override", "POST", "accounts:write", ("override",), {"ended": True}, foreign=True),
    Line("api-scorecards", "GET", "scorecard:read"),
    Line("api-scorecard-versions", "GET", "scorecard:read", ("card",), foreign=True),
    Line("api-scorecard-drafts", "GET", "scorecard:read", ("card",), foreign=True),
    Line("api-scorecard-drafts", "POST", "scorecard:write", ("card",), {"scorecard": CARD}, ok=201, foreign=True),
    Line("api-scorecard-linter", "GET", "scorecard:read", ("card",), foreign=True),
    Line("api-scorecard-preview", "POST", "scorecard:read", ("card",), {"scorecard": CARD}, foreign=True),
    Line("api-scorecard-backtest", "GET", "scorecard:read", ("card",), foreign=True),
    Line("api-scorecard-backtest", "POST", "scorecard:write", ("card",), {"scorecard": CARD}, foreign=True),
    Line("api-scorecard-rescore", "GET", "scorecard:read", ("card",), foreign=True),
    Line("api-scorecard-rescore", "POST", "scorecard:write", ("card",), foreign=True),
    Line("api-scorecard-rescore-remove", "POST", "scorecard:write", ("card",), ok=204, foreign=True),
    Line("api-backtest", "GET", "scorecard:read", ("backtest",), foreign=True),
    Line("api-scorecard-draft-publish", "POST", "scorecard:write", ("draft",), {"reason": "Try"}, foreign=True),
    Line("api-scorecard", "GET", "scorecard:read"),
    Line("api-scorecard", "PUT", "scorecard:write", ok=400),
    Line(
        "api-scorecards-evaluate",
        "POST",
        "scorecard:read",
        send={
            "scorecard": {
                "minimum_coverage": 0.5,
                "bands": {"green": 75, "amber": 50},
                "groups": [{"key": "g", "weight": 1, "measures": [{"key": "m", "weight": 1, "breakpoints": [[0, 0]]}]}],
            },
            "rows": [{"m": 1}],
        },
    ),
]

# Addresses outside any tenant: (answer to a signed-out GET, answer to a signed-in one, why that is right).
OUTSIDE: dict[str, tuple[int, int, str]] = {
    "healthz": (200, 200, "monitors ask without a key; it holds dates and states, no customer data"),
    "api-schema": (200, 200, "the description of the API is public"),
    "api-docs": (200, 200, "the description of the API is public"),
    "styleguide": (200, 200, "invented figures only"),
    "home": (302, 302, "goes to sign-in or to the only tenant"),
    "person": (302, 200, "one's own name and language"),
    "set_language": (405, 405, "takes only a POST; sets one's own language"),
    "join": (404, 404, "a wrong or used link tells nothing; the right one is tried in a test of its own"),
    "survey": (404, 404, "a wrong or expired link tells nothing; the right one is tried in a test of its own"),
    "public_help": (404, 404, "a wrong or closed link tells nothing; the right one is tried in a test of its own"),
    "public_article": (404, 404, "a wrong or closed link tells nothing; the right one is tried in a test of its own"),
    "public_vote": (405, 405, "takes only a POST; counts a yes or a no"),
    "platform": (302, 403, "platform staff only"),
    "demo_mail": (404, 404, "only in a demo"),
    "tracking": (405, 405, "takes only a POST, with a write key"),
}
