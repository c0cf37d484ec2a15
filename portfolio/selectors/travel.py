"""The portfolio of a past day: figures as the nights reported them, fields as their history has them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from accounts.models import Account, AccountFieldHistory, ServiceTier
from accounts.models.contracts import OWN_SINCE
from accounts.segments.compiler import Compiler
from accounts.segments.definition import Group
from accounts.selectors.contracts import terms_of_day
from health.models import ReportedScore, Score
from tenants.models import Member
from usage.models import Metric, ReportedMetric


@dataclass(frozen=True)
class Lens:
    """How the accounts are looked at: on a day, through segments. `until` set: the fields as they were then;
    `reported`: the figures as their nights said.
    """

    day: date
    zone: str = "UTC"
    until: datetime | None = None
    reported: bool = False
    groups: tuple[Group, ...] = ()

    def compiler(self, prefix: str = "seg") -> Compiler:
        """A compiler of conditions for this look."""
        return Compiler(self.day, self.zone, self.reported, self.until, prefix)


# What the account's row held then: column, name in the history, how its text is read.
_THEN = (
    ("csm_id", "csm", "{value}::bigint"),
    ("lifecycle_stage", "lifecycle_stage", "{value}"),
    ("segment", "segment", "COALESCE({value}, '')"),
    ("tier_id", "tier", "{value}::bigint"),
)
_KEPT = ("id", "tenant_id", "archived_at", "external_id", "name", "name_key", "industry", "seats", "contract_start",
         "renewal_date", "currency", "purpose", "driver", "stage_since", "tier_since", "parent_id")  # fmt: skip
_LATEST = """LEFT JOIN (SELECT DISTINCT ON (account_id) account_id, value FROM accounts_accountfieldhistory
    WHERE tenant_id = %(tenant)s AND field = '{name}' AND at < %(until_instant)s
    ORDER BY account_id, at DESC, id DESC) h_{name} ON h_{name}.account_id = x.id"""


_ARR = """LEFT JOIN (SELECT DISTINCT ON (account_id) account_id, since, arr FROM accounts_accountterm
    WHERE tenant_id = %(tenant)s AND since <= %(day)s ORDER BY account_id, since DESC) term ON term.account_id = x.id"""


def accounts_then(visible: str) -> str:
    """The accounts with CSM, stage, segment, tier and ARR as of `%(until_instant)s`; where no history reaches back that
    far, as they are. The ARR is what the contract lines came to on `%(day)s`, from the first one on. `visible`: a
    condition on `x`, which looks at the present: what one may see is decided today.
    """
    columns = [f"x.{name}" for name in _KEPT]
    columns += [
        f"CASE WHEN h_{name}.account_id IS NULL THEN x.{column} ELSE {read.format(value=f'h_{name}.value')} END"
        f" AS {column}"
        for column, name, read in _THEN
    ]
    columns.append(
        f"CASE WHEN term.since > DATE '{OWN_SINCE.isoformat()}' THEN term.arr "
        "WHEN h_arr.account_id IS NOT NULL THEN h_arr.value::numeric "
        "WHEN term.account_id IS NOT NULL THEN term.arr ELSE x.arr END AS arr"
    )
    joins = " ".join(_LATEST.format(name=name) for name in (*(name for _column, name, _read in _THEN), "arr"))
    joins = f"{joins} {_ARR}"
    return f"(SELECT {', '.join(columns)} FROM accounts_account x {joins} WHERE x.tenant_id = %(tenant)s AND {visible})"  # noqa: S608 - all parts are of this module


def put_back(accounts: Mapping[int, Account], until: datetime, day: date) -> None:
    """Give the (unsaved) accounts their CSM, stage, segment, tier and ARR of then, in at most four queries."""
    names = [*(name for _column, name, _read in _THEN), "arr"]
    rows = AccountFieldHistory.objects.filter(account_id__in=list(accounts), field__in=names, at__lt=until)
    latest = rows.order_by("account_id", "field", "-at", "-id").distinct("account_id", "field")
    found = list(latest.values_list("account_id", "field", "value"))
    owners = {int(value) for _pk, field, value in found if field == "csm" and value}
    tiers = {tier.pk: tier for tier in ServiceTier.objects.all()} if any(f == "tier" for _p, f, _v in found) else {}
    people = {m.pk: m for m in Member.objects.filter(pk__in=owners).select_related("user")}
    readers: Mapping[str, Any] = {
        "csm": lambda text: people.get(int(text)) if text else None,
        "arr": lambda text: Decimal(text) if text else None,
        "segment": lambda text: text or "",
        "tier": lambda text: tiers.get(int(text)) if text else None,
    }
    for pk, field, value in found:
        setattr(accounts[pk], field, readers.get(field, str)(value))
    told = {pk for pk, field, _value in found if field == "arr"}
    for pk, term in terms_of_day(day=day, account_ids=list(accounts)).items():
        if term.since > OWN_SINCE or pk not in told:
            accounts[pk].arr = term.arr


def _metric_columns() -> str:
    own = (field.column for field in ReportedMetric._meta.local_fields if field.column)  # the composite key has none
    names = [name for name in own if name not in ("tenant_id", "day", "account_id")]
    return ", ".join(f"CASE WHEN r.account_id IS NULL THEN k.{name} ELSE r.{name} END AS {name}" for name in names)


_SCORE = """LEFT JOIN (SELECT k.account_id, CASE WHEN r.account_id IS NULL THEN k.score ELSE r.score END AS score,
        CASE WHEN r.account_id IS NULL THEN k.band ELSE r.band END AS band
    FROM health_score k LEFT JOIN health_reportedscore r
        ON r.tenant_id = k.tenant_id AND r.day = k.day AND r.account_id = k.account_id
    WHERE k.tenant_id = %(tenant)s AND k.day = %({day})s AND k.reported <> 0) {alias} ON {alias}.account_id = a.id"""
REPORTED_JOINS = {
    "s.": _SCORE.format(day="day", alias="s"),
    "before.": _SCORE.format(day="before", alias="before"),
    "m.": f"""LEFT JOIN (SELECT k.account_id, {_metric_columns()} FROM usage_metric k LEFT JOIN usage_reportedmetric r
        ON r.tenant_id = k.tenant_id AND r.day = k.day AND r.account_id = k.account_id
    WHERE k.tenant_id = %(tenant)s AND k.day = %(day)s AND k.reported <> 0) m ON m.account_id = a.id""",  # noqa: S608 - columns of a model
}


def reported_scores(scores: Mapping[int, Score], day: date) -> dict[int, Any]:
    """The scores as the day's night said: kept ones in place of those that changed since, none that it did not say."""
    kept = ReportedScore.objects.filter(day=day, account_id__in=list(scores)).prefetch_related("version")
    said: dict[int, Any] = {pk: score for pk, score in scores.items() if score.reported != Score.Reported.NEVER}
    score: Any
    for score in kept:
        if score.account_id in said:
            score.provisional = False
            said[score.account_id] = score
    return said


def reported_metrics(metrics: Mapping[int, Metric], day: date) -> dict[int, Any]:
    """The metrics of the day as its night said."""
    said: dict[int, Any] = {pk: row for pk, row in metrics.items() if row.reported != Metric.Reported.NEVER}
    for row in ReportedMetric.objects.filter(day=day, account_id__in=list(said)):
        said[row.account_id] = row
    return said
