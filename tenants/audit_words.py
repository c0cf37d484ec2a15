"""What the audit trail calls acts, things, fields and values, for people."""

import ast
from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from django.conf import settings
from django.utils.translation import get_language_info, gettext
from django.utils.translation import gettext_lazy as _

from common import formats

ACTIONS = {
    "create": _("created"),
    "change": _("changed"),
    "delete": _("deleted"),
    "add": _("added"),
    "restore": _("brought back"),
    "invite": _("invited"),
    "revoke": _("withdrew"),
    "publish": _("published"),
    "drop draft": _("discarded the draft of"),
    "log": _("logged"),
    "done": _("marked as done"),
    "snooze": _("snoozed"),
    "reopen": _("reopened"),
    "release": _("released to intake"),
    "archive": _("archived"),
    "replay": _("replayed"),
    "decline": _("declined a move of"),
    "import": _("imported"),
    "undo": _("undid"),
    "erase": _("erased"),
    "export": _("exported"),
    "allow": _("let in again"),
    "end": _("ended"),
    "ask": _("asked a second admin to publish"),
    "withdraw": _("called off"),
    "reorder": _("moved in the order"),
    "rescore": _("scored the past again under"),
    "remove rescored": _("removed the past scored under"),
}
NOUNS = {
    "tenant": _("organisation"),
    "member": _("member"),
    "invitation": _("invitation"),
    "key": _("key"),
    "erasure": _("person"),
    "account": _("account"),
    "contact": _("contact"),
    "touch": _("touch"),
    "nextstep": _("next step"),
    "customerevent": _("event"),
    "feature": _("feature"),
    "savedview": _("saved view"),
    "segment": _("segment"),
    "customfield": _("custom field"),
    "scorecard": _("scorecard"),
    "scorecardversion": _("scorecard version"),
    "alert": _("alert"),
    "rulesetting": _("alert rule"),
    "rejected": _("rejected item"),
    "import": _("import"),
    "ticket": _("ticket"),
    "loginname": _("login events"),
    "contract": _("contract"),
    "contractline": _("contract line"),
    "product": _("product"),
    "plan": _("plan"),
    "entitlement": _("entitlement"),
    "exchangerate": _("exchange rate"),
    "stagerule": _("stage"),
    "servicetier": _("service tier"),
    "payment": _("payment"),
    "csmtarget": _("target"),
    "handover": _("hand-over"),
    "promise": _("promise"),
    "need": _("need"),
    "learner": _("group of learners"),
    "fitsetting": _("threshold of the fit"),
    "accountfile": _("file"),
    "helparticle": _("help article"),
    "helppage": _("help page for customers"),
    "surveyinvite": _("question to a customer"),
    "surveyanswer": _("answer of a customer"),
    "request": _("request"),
    "rival": _("rival product"),
    "successcase": _("success case"),
    "override": _("band set by hand"),
}
# What an import and its undoing sign as, followed by the name of the file.
_FILES = {"import: ": _("import of %(file)s"), "undo: ": _("undoing the import of %(file)s")}
ACTORS = {
    "system": _("the system"),
    "platform": _("the platform"),
    "intake": _("the intake"),
    "replay": _("the replay"),
    "lifecycle": _("the lifecycle rules"),
}
# What a change is called: the field's own name, or one that some service gives it.
FIELDS = {
    "name": _("name"),
    "label": _("label"),
    "kind": _("type"),
    "choices": _("choices"),
    "required": _("must be filled in"),
    "position": _("position"),
    "tags": _("tags"),
    "external_id": _("external id"),
    "industry": _("industry"),
    "segment": _("segment (field)"),
    "looks_at": _("looks at"),
    "lifecycle_stage": _("stage"),
    "csm": _("CSM"),
    "parent": _("parent account"),
    "seats": _("seats"),
    "contract_start": _("contract start"),
    "renewal_date": _("renewal date"),
    "arr": _("ARR"),
    "currency": _("currency"),
    "role": _("role"),
    "roles": _("roles"),
    "title": _("title"),
    "reports_to": _("reports to"),
    "influence": _("influence"),
    "champion": _("champion"),
    "email": _("e-mail"),
    "phone": _("phone"),
    "left_on": _("left on"),
    "about": _("convinced of"),
    "conviction": _("conviction"),
    "evidence": _("evidence"),
    "on": _("day"),
    "note": _("note"),
    "level": _("level"),
    "answered": _("the customer answered"),
    "contacts": _("people"),
    "due_on": _("due on"),
    "invited": _("people invited"),
    "end_user": _("end user"),
    "is_active": _("active"),
    "timezone": _("time zone"),
    "language": _("language"),
    "csms_see_own_only": _("CSMs see only their own accounts"),
    "account": _("account"),
    "key": _("identifier"),
    "core": _("core feature"),
    "entitled_by_default": _("every account may use it"),
    "target_uses": _("target"),
    "event_names": _("event names"),
    "login_names": _("login events"),
    "reason": _("reason"),
    "until": _("until"),
    "band": _("band"),
    "override_outcome": _("what came of it"),
    "amount": _("amount"),
    "billing_months": _("months paid for"),
    "start": _("start"),
    "end": _("end"),
    "outcome": _("outcome"),
    "outcome_date": _("outcome decided on"),
    "product": _("product"),
    "plan": _("plan"),
    "notes": _("notes"),
    "lines": _("lines"),
    "features": _("features"),
    "feature": _("feature"),
    "granted": _("may use it"),
    "rate": _("rate"),
    "paid_on": _("paid on"),
    "collected": _("collected"),
    "accounts": _("accounts"),
    "purpose": _("takes it for"),
    "driver": _("driven by"),
    "tier": _("service tier"),
    "rule": _("condition"),
    "duties": _("what is owed"),
    "entry": _("entry condition"),
    "exit": _("exit condition"),
    "confirmed": _("moves are confirmed"),
    "salesperson": _("handed over by"),
    "contract": _("contract"),
    "contract_text": _("what the contract says"),
    "expectations": _("expectations"),
    "nature": _("nature of the solution"),
    "profile": _("customer profile"),
    "no_promises": _("no promises were made"),
    "handover_state": _("state"),
    "promise_state": _("state"),
    "question": _("question"),
    "fit_reason": _("why the poor fit was accepted"),
    "fit_match": _("met, in %"),
    "weight": _("weight"),
    "text": _("text"),
    "owner": _("owner"),
    "people": _("people"),
    "skill": _("used to such tools"),
    "threshold": _("threshold in %"),
    "request_state": _("state"),
    "answer": _("answer"),
    "merged_into": _("merged into"),
    "detail": _("details"),
    "area": _("area"),
    "since": _("since"),
    "gone_on": _("gone on"),
    "published": _("published"),
    "score": _("answer"),
    "size": _("size in bytes"),
    "sha256": _("fingerprint (SHA-256)"),
    "created": _("new"),
    "changed": _("changed"),
    "unchanged": _("unchanged"),
    "refused": _("refused"),
    "back": _("put back"),
    "kept": _("left as they are"),
    "one_off": _("paid once"),
    "place": _("place"),
    "subject": _("subject"),
    "channel": _("channel"),
    "priority": _("priority"),
    "requester": _("asked by"),
    "assignee": _("answered by"),
    "opened_at": _("opened on"),
    "first_response_at": _("first response"),
    "closed_at": _("closed on"),
    "satisfaction": _("satisfaction"),
    "basic": _("basic question"),
    "deflected": _("answered by self-help"),
    "title_en": _("title (English)"),
    "text_en": _("text (English)"),
    "video_en": _("video (English)"),
    "story_en": _("story (English)"),
    "result_en": _("result (English)"),
    "title_zh": _("title (Chinese)"),
    "text_zh": _("text (Chinese)"),
    "video_zh": _("video (Chinese)"),
    "story_zh": _("story (Chinese)"),
    "result_zh": _("result (Chinese)"),
}
_VALUES: dict[str, Mapping[str, Any]] = {}
_WRITERS: dict[str, Callable[[Any], str]] = {}


def register_values(field: str, labels: Mapping[str, Any]) -> None:
    """Let an app say what the codes of one of its fields are called."""
    _VALUES[field] = labels


def register_writer(field: str, write: Callable[[Any], str]) -> None:
    """Let an app say what the documents (conditions) of one of its fields mean; "" where it cannot."""
    _WRITERS[field] = write


def object_words(noun: str, label: str) -> str:
    """What a row is called: where it is kept by codes (a touch's kind and day, a stage), by what they are called."""
    if noun == "touch":
        kind, _blank, day = label.partition(" ")
        return f"{value_words('kind', kind)} {value_words('', day)}"
    if noun == "alert":
        rule, _blank, account = label.partition(" ")
        return f"{value_words('alert_rule', rule)} {'' if account.isdigit() else account}".strip()
    return value_words("lifecycle_stage", label) if noun == "stagerule" else label


def field_words(field: str) -> str:
    """What a changed field is called; its own name where nobody has named it."""
    return str(FIELDS.get(field, field.replace("_", " ")))


def actor_words(label: str, *, person: bool = False) -> str:
    """A program of the product by what people call it, also where it worked for a `person`; anybody else by the name
    that was kept."""
    for sign, words in _FILES.items():
        if label.startswith(sign):
            return str(words) % {"file": label.removeprefix(sign)}
    return label if person else str(ACTORS.get(label, label))


def value_words(field: str, value: Any) -> str:
    """A kept value as people read it: codes by their labels, days by locale, lists joined, nothing as a dash."""
    value = _document(value)
    if value is None or value in ("", [], {}):
        return "–"
    if isinstance(value, dict):
        return _document_words(field, value)
    if isinstance(value, bool):
        return gettext("yes") if value else gettext("no")
    if isinstance(value, list):
        return gettext(", ").join(value_words(field, one) for one in value)
    if isinstance(value, str) and value in _VALUES.get(field, {}):
        return str(_VALUES[field][value])
    return _day_words(value) if isinstance(value, str) else str(value)


def _document(value: Any) -> Any:
    """What a service kept as text of a document is that document again."""
    if isinstance(value, str) and value[:1] in ("{", "[") and value[-1:] in ("}", "]"):
        try:
            return ast.literal_eval(value)
        except (ValueError, SyntaxError, MemoryError, RecursionError):
            return value
    return value


def _document_words(field: str, value: dict[str, Any]) -> str:
    """A condition as its app says it, any other document part by part."""
    if words := field in _WRITERS and _WRITERS[field](value):
        return str(words)
    return gettext("; ").join(
        f"{field_words(str(key))}{gettext(': ')}{value_words(str(key), one)}" for key, one in value.items()
    )


def _day_words(value: str) -> str:
    try:
        return formats.day(date.fromisoformat(value)) if len(value) == 10 else value
    except ValueError:
        return value


register_values("language", {code: get_language_info(code)["name_local"] for code, _name in settings.LANGUAGES})
