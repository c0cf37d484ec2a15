"""Answers to NPS and CSAT surveys that were asked elsewhere."""

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.importing import parts
from accounts.models import Account, Contact
from common.plausible import When
from imports.cleaning import Options, fold
from imports.registry import CREATED, Field, Gone, Past, Plan, Row, Target, Work, plain, planned
from operations.days import local_date
from service.importing import erased_names
from service.models import Survey, SurveyAnswer
from service.services.surveys import answers_remove, answers_upsert
from service.surveys import RANGES, window_of

KINDS = {"nps": ("net promoter score", "推荐度", "净推荐值"), "csat": ("satisfaction", "满意度")}
STATE = ("score", "comment", "answered_at")
_OWN = ("kind", *STATE)


def survey_options() -> Options:
    """What was asked."""
    return parts.choice_options(Survey, KINDS)


class AnswerTarget(Target):
    """A row is one person's answer; a person answers once in a quarter (NPS) or month (CSAT)."""

    key = "answers"
    label = gettext_lazy("Survey answers")
    about = gettext_lazy("One row per answer; each person counts once per quarter (NPS) or month (CSAT).")
    icon = "smile"
    tables = ("service_surveyanswer",)

    def fields(self) -> list[Field]:
        """The answer's fields."""
        return [
            parts.account_field(required=True),
            Field("kind", gettext_lazy("Question"), "choice", (
                "question", "survey", "kind", "type", "survey type", "问卷", "问题", "类型"), survey_options,
                required=True),
            Field("score", gettext_lazy("Answer"), "count", (
                "score", "answer", "rating", "nps score", "评分", "分数", "得分", "回答"), required=True),
            Field("person", gettext_lazy("Person"), words=(
                "person", "contact", "respondent", "email", "name", "contact external id", "回答人", "联系人", "姓名",
                "邮箱"), required=True),
            Field("comment", gettext_lazy("Comment"), "note", (
                "comment", "reason", "评论", "原因", "备注")),
            Field("answered_at", gettext_lazy("Answered"), "instant", (
                "answered at", "answered", "submitted at", "date", "回答时间", "提交时间", "日期", "时间"),
                required=True, by_value=True),
        ]  # fmt: skip

    def turn_away(self, rows: Sequence[Row], work: Work) -> Gone:
        """Answers of erased persons."""
        said = {id(row): (str(row.values.get("account") or ""), str(row.values.get("person") or "")) for row in rows}
        gone = erased_names(said.values())
        return Gone([row for row in rows if said[id(row)] in gone])

    def plan(self, rows: Sequence[Row], work: Work) -> list[Plan]:
        """Against the answers that stand now; who answers twice in a window is refused the second time."""
        accounts = parts.accounts_named(row.values.get("account", "") for row in rows)
        people = _people(accounts.values())
        keys = [answer_key(row, people, work) for row in rows]
        held = {answer_key_of(one): one for one in _answers(keys)}
        first: dict[str, int] = work.memory.setdefault("answers", {})
        plans = []
        for row, key in zip(rows, keys, strict=True):
            account = parts.account_of(row, accounts)
            self._check(row, key, held.get(key), first, work)
            values = {name: row.values[name] for name in STATE if name in row.values}
            if key in held:
                values.pop("answered_at", None)  # the day of the first answer stands
            state = answer_state(held[key]) if key in held else None
            name = f"{account.name if account else ''} · {row.values.get('person', '')}"
            plans.append(planned(row, noun="surveyanswer", key=key, name=name, held=state, values=values))
        return plans

    def _check(self, row: Row, key: str, held: SurveyAnswer | None, first: dict[str, int], work: Work) -> None:
        least, most = RANGES.get(row.values.get("kind", ""), (0, 10))
        score, moment = row.values.get("score"), row.values.get("answered_at")
        if score is not None and not least <= score <= most:
            row.refuse(_("Send a whole number from %(least)d to %(most)d.") % {"least": least, "most": most})
        parts.believed(row, work, {"answered_at": When.DUE})  # the future has words of its own below
        if moment and moment > work.at:
            row.refuse(_("This day lies in the future."))
        if key and not row.reasons and first.setdefault(key, row.line) != row.line:
            row.refuse(_("This person answered in this span already, in line %(line)d.") % {"line": first[key]})
        if held is not None and held.source == SurveyAnswer.Source.LINK and held.score != score:
            row.refuse(_("This person has answered by a link in this span; their own answer stands."))

    def write(self, plans: Sequence[Plan], work: Work) -> list[Plan]:
        """All at once."""
        accounts = parts.accounts_named(plan.row.values["account"] for plan in plans)
        people = _people(accounts.values())
        rows = []
        for plan in plans:
            given = plan.row.values
            contact = people.get((given["account"], fold(given["person"])))
            own: dict[str, Any] = {name: given[name] for name in _OWN if name in given}
            own |= {"account": accounts[given["account"]], "source": SurveyAnswer.Source.FILE}
            rows.append({**own, **_whose(contact, given["person"])})
        answers_upsert(tenant=work.tenant, rows=rows, at=work.at, by=work.by, label=work.label)
        return []

    def present(self, past: Sequence[Past], work: Work) -> dict[str, dict[str, Any]]:
        """The answers as they are."""
        return {answer_key_of(one): answer_state(one) for one in _answers([one.key for one in past])}

    def put_back(self, past: Sequence[Past], work: Work) -> dict[str, str]:
        """New answers go; the others say again what they said."""
        held = {answer_key_of(one): one for one in _answers([one.key for one in past])}
        gone = [held[one.key] for one in past if one.fate == CREATED and one.key in held]
        answers_remove(answers=gone, at=work.at, by=work.by, label=work.label)
        rows = []
        for one in past:
            if one.fate != CREATED and one.key in held:
                answer = held[one.key]
                row = {name: getattr(answer, name) for name in ("account", "kind", "answered_at", "score", "comment")}
                row |= {name: one.before[name] for name in ("score", "comment") if name in one.before}
                rows.append({**row, **_whose(answer.contact, answer.person)})
        answers_upsert(tenant=work.tenant, rows=rows, at=work.at, by=work.by, label=work.label)
        return {}


People = Mapping[tuple[str, str], Contact]


def _people(accounts: Any) -> People:
    """Contacts by their account's external id and what a file may call them; of two of a name the older."""
    found: dict[tuple[str, str], Contact] = {}
    for contact in (
        Contact.objects.filter(account__in=[one.pk for one in accounts]).select_related("account").order_by("-id")
    ):
        for text in (contact.name, contact.email, contact.external_id):
            if text:
                found[contact.account.external_id, fold(text)] = contact
    return found


def answer_key(row: Row, people: People, work: Work) -> str:
    """How an import names an answer: question, account, person and span. Empty for a row that lacks one of them."""
    given = row.values
    if any(not given.get(name) for name in ("kind", "account", "person", "answered_at")):
        return ""
    contact = people.get((given["account"], fold(given["person"])))
    person = _said(contact) if contact else ["person", given["person"].strip()]
    window = window_of(given["kind"], local_date(work.tenant.timezone, given["answered_at"]))
    return json.dumps([given["kind"], given["account"], *person, window], ensure_ascii=False)


def _whose(contact: Contact | None, person: str) -> dict[str, Any]:
    return {"contact": contact} if contact else {"person": person}


def _said(contact: Contact) -> list[str]:
    return ["id", contact.external_id] if contact.external_id else ["name", fold(contact.email or contact.name)]


def answer_key_of(answer: SurveyAnswer) -> str:
    """The same name, of an answer that stands."""
    person = _said(answer.contact) if answer.contact else ["person", answer.person]
    parts_ = [answer.kind, answer.account.external_id, *person, answer.window]
    return json.dumps(parts_, ensure_ascii=False)


def _answers(keys: Sequence[str]) -> list[SurveyAnswer]:
    """The answers that keys name."""
    wanted = [json.loads(key) for key in keys if key]
    accounts = Account.objects.filter(external_id__in={one[1] for one in wanted})
    windows = {one[-1] for one in wanted}
    found = SurveyAnswer.objects.filter(account__in=accounts, window__in=windows)
    named = set(keys)
    return [one for one in found.select_related("account", "contact") if answer_key_of(one) in named]


def answer_state(answer: SurveyAnswer) -> dict[str, Any]:
    """What an answer holds, plainly."""
    at: datetime = answer.answered_at.astimezone(UTC)
    return {"score": answer.score, "comment": answer.comment, "answered_at": plain(at)}
