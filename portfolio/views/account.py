"""The account page: what is going on here?"""

from datetime import timedelta
from typing import Any

from django.http import Http404, HttpResponseBase
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from accounts.custom_form import shown_custom
from accounts.models import Account, Touch
from accounts.pieces import account_piece
from accounts.selectors import relation_facts, stage_since, steps_of_account
from accounts.selectors.fields import tags_of
from accounts.selectors.lifecycle import proposals_said
from accounts.selectors.tiers import owed
from common import formats
from common.csvfile import csv_response
from health.models import Band, Score
from health.moves import measure_label
from health.routing import scope_words
from health.selectors import card_list, explain, scores_of_days
from playbooks.models import Alert
from playbooks.selectors import alerts_of_account, reason
from playbooks.views import SNOOZES
from portfolio import charts
from portfolio.columns import metric_text, window_text
from portfolio.overview import Known, sentences
from portfolio.selectors.account import WEEKS, feature_strips
from portfolio.selectors.people import people_get
from portfolio.selectors.table import change_of
from portfolio.views.basis import basis_asked
from portfolio.views.day import PageDay, page_day, today_of
from portfolio.views.people import account_or_404, people_context
from portfolio.views.score import moved_rows, override_context, path_rows, sure_context
from tenants.permissions import Permission, TenantRequest, member_required
from usage.activity import METRICS
from usage.models import Metric
from usage.selectors import metrics_of_account

SPANS = {"90": 90, "180": 180, "365": 365}


def _span(request: TenantRequest) -> str:
    asked = request.GET.get("span", "180")
    return asked if asked in SPANS else "180"


@require_GET
@member_required(Permission.READ)
def account(request: TenantRequest, pk: int) -> HttpResponseBase:
    """Score and its explanation, use, features, people, alerts and details of one account.

    Charts, comparison, contracts, timeline and tickets come after it, each from its own address.
    """
    found, shown, today = account_or_404(request, pk), page_day(request), today_of(request.tenant)
    alerts = [(alert, reason(alert)) for alert in alerts_of_account(account=found)]
    parts = {**_health(found, shown), **_use(found, shown)}
    open_alerts = [pair for pair in alerts if pair[0].state in (Alert.State.OPEN, Alert.State.SNOOZED)]
    silent = relation_facts(shown.day, [pk])["days_silent"].get(pk)
    touched = Touch.objects.filter(account=found, two_way=True, on__lte=today).exists()
    steps = steps_of_account(account=found)
    people = people_get(account=found, day=shown.day, today=today)
    late = [one for one in owed([pk], today).get(pk, []) if one.behind > 0]
    context: dict[str, Any] = {
        "account": found,
        "shown": shown,
        "today": today,
        "open_alerts": open_alerts,
        "past_alerts": [pair for pair in alerts if pair[0].state in (Alert.State.DONE, Alert.State.ENDED)][:10],
        "custom": shown_custom(found),
        "tags": tags_of(account_ids=[pk]).get(pk, []),
        "snoozes": SNOOZES,
        "silent": silent,
        "touched": touched,
        "stage_days": (today - stage_since(account=found)).days,
        "steps": steps,
        "late": late,
        "proposals": proposals_said(accounts=[found]),
        **people_context(people),
        **parts,
        **override_context(request.member, found, parts["score"], shown.day),
    }
    known = Known(
        account=found,
        day=shown.day,
        today=today,
        score=parts["score"],
        change=parts["change"],
        moved=parts["moved"],
        metric=parts["metric"],
        silent=silent,
        touched=touched,
        top_share=people.top_share,
        gap_features=len(parts["gap"]),
        features=parts["features"],
        steps=steps,
        owed=late,
        gaps=people.gaps,
    )
    context["sentences"] = sentences(known)
    return render(request, "portfolio/account.html", context)


def _health(found: Account, shown: PageDay) -> dict[str, Any]:
    """The score of the day, what it is made of, and what moved it in 7 days."""
    day = shown.day
    scores = scores_of_days(days=[day, day - timedelta(days=7)], account_ids=[found.pk]).values()
    score, before = (of_day.get(found.pk) for of_day in scores)
    change = change_of(score, before)
    moved = []
    if score and before and change is not None:
        moved = moved_rows(score, before)
    return {
        "score": score,
        "change": change,
        "path": path_rows(score),
        "next_band": Band.GREEN if score and score.band == Band.AMBER else Band.AMBER,
        "moved": moved,
        "before": before,
        "before_day": day - timedelta(days=7),
        "since": _("since %(day)s") % {"day": formats.day(day - timedelta(days=7), "short")},
        "no_score": _no_score(score),
        **sure_context(score, found, day),
        "card_words": _card_words(score),
    }


def _card_words(score: Score | None) -> str:
    """Why this scorecard, where there are several; one out of use is named without its accounts."""
    if score is None or len(card_list()) == 1:
        return ""
    card = score.version.scorecard
    if card.archived_at is not None:
        return _("“%(card)s”, which is out of use now") % {"card": card}
    return _("“%(card)s” applies: %(scope)s") % {"card": card, "scope": scope_words(card)}


def _no_score(score: Score | None) -> str:
    if score is None:
        return _("No night has scored this account yet.")
    if score.score is None:
        need = score.version.definition.get("minimum_coverage", 0)
        missing = [
            measure_label(share) for share in explain(version=score.version, raws=score.raws) if share.raw is None
        ]
        said = _("%(has)s of the weight has data, %(need)s are needed for a score. Without data: %(missing)s.")
        return said % {
            "has": formats.percent(score.coverage),
            "need": formats.percent(need),
            "missing": _(", ").join(missing),
        }
    return ""


@require_GET
@member_required(Permission.READ)
@account_piece
def account_charts(request: TenantRequest, pk: int) -> HttpResponseBase:
    """The charts over the asked span, as known now or as each night reported: a part of the account page."""
    found, shown = account_or_404(request, pk), page_day(request)
    return render(request, "portfolio/account_history.html", {"account": found, **_history(request, found, shown)})


def _history(request: TenantRequest, found: Account, shown: PageDay) -> dict[str, Any]:
    span = _span(request)
    period = {"start": shown.day - timedelta(days=SPANS[span] - 1), "end": shown.day + timedelta(days=1)}
    asked = basis_asked(request, account=found, **period)
    scores, metrics = asked.scores, metrics_of_account(account=found, reported=asked.reported, **period)
    figures = {}
    if scores:
        figures["score_figure"] = charts.score_figure(scores, asked.beside, (asked.name, _("As known now")))
    if metrics:
        figures["users_figure"] = charts.users_figure(metrics)
        figures["stickiness_figure"] = charts.stickiness_figure(metrics)
        figures["minutes_figure"] = charts.minutes_figure(metrics)
    words = {"score_words": charts.score_words(scores), "users_words": charts.users_words(metrics)}
    return {
        "span": span,
        "spans": list(SPANS),
        "asked": asked,
        "basis": asked.query,
        "query": f"span={span}{asked.query}",
        **figures,
        **words,
    }


def _use(found: Account, shown: PageDay) -> dict[str, Any]:
    """The metrics of the day with their definitions, and the features used and unused."""
    metric = Metric.objects.filter(day=shown.day, account=found).first()
    strips = feature_strips(account=found, day=shown.day, unused=metric.features_unused if metric else [])
    most = max((max(strip.weeks) for strip in strips), default=0) or 1
    return {
        "metric": metric,
        "figures": _figures(metric, shown),
        "heat_rows": [(strip.feature.name, [(uses / most) ** 0.5 for uses in strip.weeks]) for strip in strips],
        "gap": [strip.feature for strip in strips if not strip.used] if metric else [],
        "features": len(strips),
        "weeks": WEEKS,
        "seats_used": metric.mau / metric.seats if metric and metric.seats else None,
    }


def _figures(metric: Metric | None, shown: PageDay) -> list[tuple[str, str, str, Any]]:
    """Label, definition, exact window and value of every metric."""
    found = []
    for definition in METRICS:
        label = _(definition.label)
        if definition.key == "login_ratio" and metric is not None and not metric.login_listed:
            label = _("Login ratio (weekly active users)")
        value = metric_text(definition, getattr(metric, definition.key) if metric else None)
        found.append((label, _(definition.definition), window_text(definition.window, shown.day), value))
    return found


@require_GET
@member_required(Permission.READ)
def history_csv(request: TenantRequest, pk: int, kind: str) -> HttpResponseBase:
    """The data behind the charts: `scores` or `metrics`, for the asked span and basis."""
    found, shown = account_or_404(request, pk), page_day(request)
    start = shown.day - timedelta(days=SPANS[_span(request)] - 1)
    period: dict[str, Any] = {"start": start, "end": shown.day + timedelta(days=1)}
    asked = basis_asked(request, account=found, **period)
    if kind == "scores":
        scores = asked.scores
        head = [_("Date"), _("Health score"), _("Band"), _("Coverage"), _("Scorecard version")]
        rows: Any = ([s.day, s.score, s.band, round(s.coverage, 4), s.version.number] for s in scores)
    elif kind == "metrics":
        metrics = metrics_of_account(account=found, reported=asked.reported, **period)
        head = [_("Date"), _("Seats"), *(_(definition.label) for definition in METRICS)]
        rows = ([m.day, m.seats, *(getattr(m, d.key) for d in METRICS)] for m in metrics)
    else:
        raise Http404
    return csv_response(f"{found.name}-{kind}-{shown.day}", head, rows)
