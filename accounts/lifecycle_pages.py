"""The lifecycle: the way through the stages, the tenant's stages with their conditions, and moves that wait."""

from datetime import date, timedelta
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.timezone import now
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_GET, require_POST

from accounts.back import account_url, done, next_url
from accounts.models import LifecycleStage, Segment, StageProposal, StageRule
from accounts.owners import owners
from accounts.segment_pages import begun, editor_context, typed_document
from accounts.segments.catalogue import catalogue
from accounts.segments.definition import DefinitionFault
from accounts.segments.words import fault_text, sentence
from accounts.selectors import ever_visible_to, visible_to
from accounts.selectors.lifecycle import (
    Asked,
    conditions_of,
    said,
    stage_counts,
    stage_funnel,
    stage_preview,
    stage_rules,
)
from accounts.selectors.segments import segment_list
from accounts.services import (
    EditConflict,
    lifecycle_run,
    proposal_accept,
    proposal_decline,
    proposal_undo,
    stage_rule_save,
)
from accounts.stage_words import BUILT_IN
from accounts.stages import ORDER, StageFigures
from common import formats
from common.csvfile import csv_response
from operations.days import local_date
from operations.selectors import day_of_request
from tenants.permissions import Permission, TenantRequest, member_required

work = member_required(Permission.WORK)
administer = member_required(Permission.ADMINISTER)
SPANS = {"180": 180, "365": 365, "730": 730, "all": 36_500}
WHICH = ("entry", "exit")


def _today(request: TenantRequest) -> date:
    return local_date(request.tenant.timezone, now())


def _day(request: TenantRequest) -> date:
    """The day whose figures the conditions are asked on."""
    shown = day_of_request(request, request.tenant)
    return shown.day if shown else _today(request)


def _whole(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None


def _asked(request: TenantRequest) -> tuple[Asked, dict[str, Any]]:
    """What the funnel is asked for, and the same as the form shows it."""
    span = request.GET.get("span", "365")
    span = span if span in SPANS else "365"
    end = _today(request) + timedelta(days=1)
    first = end - timedelta(days=min(SPANS[span], (end - date(1900, 1, 1)).days))
    segment = Segment.objects.filter(pk=_whole(request.GET.get("segment", "")) or 0, archived_at=None).first()
    csm = _whole(request.GET.get("csm", ""))
    shown = {"span": span, "spans": list(SPANS), "csm": csm, "segment": segment}
    return Asked(first, end, csm, segment), shown


def _figures(request: TenantRequest, asked: Asked) -> tuple[list[StageFigures], str]:
    try:
        accounts, zone = ever_visible_to(request.member), request.tenant.timezone
        return stage_funnel(accounts=accounts, zone=zone, asked=asked, until=_today(request)), ""
    except DefinitionFault as fault:
        return [], fault_text(fault)


@require_GET
@member_required(Permission.READ)
def lifecycle(request: TenantRequest) -> HttpResponseBase:
    """The funnel: who came into each stage, who went on, and how long that takes."""
    asked, shown = _asked(request)
    figures, fault = _figures(request, asked)
    labels, counts = dict(LifecycleStage.choices), stage_counts(member=request.member)
    most = max((one.entered for one in figures), default=0) or 1
    context = {
        **shown,
        "rows": [(one, labels[one.stage], counts[one.stage], one.entered / most) for one in figures],
        "any": any(one.entered for one in figures),
        "unknown": sum(one.unknown for one in figures),
        "fault": fault,
        "people": owners(),
        "segments": segment_list(),
        "query": request.GET.urlencode(),
    }
    return render(request, "accounts/lifecycle.html", context)


@require_GET
@member_required(Permission.READ)
def lifecycle_csv(request: TenantRequest) -> HttpResponseBase:
    """The data behind the funnel."""
    asked, _shown = _asked(request)
    figures, _fault = _figures(request, asked)
    labels = dict(LifecycleStage.choices)
    head = [
        _("Stage"), _("Came in"), _("Went on"), _("Went back"), _("Now archived"), _("Still there"), _("Median days"),
        _("Start not known"),
    ]  # fmt: skip
    rows = ([labels[f.stage], f.entered, f.went_on, f.went_back, f.left, f.still, f.median, f.unknown] for f in figures)
    return csv_response(f"lifecycle-{asked.end - timedelta(days=1)}", head, rows)


@require_GET
@member_required(Permission.READ)
def stages(request: TenantRequest) -> HttpResponseBase:
    """The five stages as the tenant has them, their conditions in words."""
    fields, rules, counts = catalogue(), stage_rules(), stage_counts(member=request.member)
    rows = [
        (
            rule,
            counts[rule.stage],
            *(said(getattr(rule, which), fields) if getattr(rule, which) else "" for which in WHICH),
        )
        for rule in rules.values()
    ]
    broken = conditions_of(rules.values(), fields).faults
    return render(request, "accounts/stages.html", {"rows": rows, "broken": broken, "ruled": any(
        rule.entry or rule.exit for rule in rules.values())})  # fmt: skip


class StageForm(forms.Form):
    """What a stage is called and how accounts come into it. `version`: the one the form was opened with."""

    name = forms.CharField(
        label=gettext_lazy("Our name for it"), max_length=60, required=False,
        help_text=gettext_lazy("Empty: the built-in name."),
    )  # fmt: skip
    confirmed = forms.ChoiceField(
        label=gettext_lazy("When the conditions want an account here"),
        choices=[("1", gettext_lazy("ask a person")), ("", gettext_lazy("move it by itself"))],
        required=False,
        widget=forms.RadioSelect,
    )
    version = forms.IntegerField(required=False, widget=forms.HiddenInput)


def _rule(stage: str) -> StageRule:
    if stage not in ORDER:
        raise Http404("no such stage")
    return stage_rules()[stage]


@administer
def stage_edit(request: TenantRequest, stage: str) -> HttpResponseBase:
    """A stage: its name, its conditions, and whether moves into it are confirmed."""
    rule = _rule(stage)
    first = {"name": rule.name, "confirmed": "1" if rule.confirmed else "", "version": rule.version}
    form = StageForm(request.POST or None, initial=first)
    if request.method == "POST" and form.is_valid():
        values = {"name": form.cleaned_data["name"], "confirmed": bool(form.cleaned_data["confirmed"])}
        version = form.cleaned_data["version"] if rule.pk else None
        try:
            stage_rule_save(stage=stage, values=values, at=now(), by=request.member, version=version)
        except ValidationError as error:
            form.add_error(None, error.messages)
        else:
            return done(request, _("Saved."), reverse("stages", args=[request.tenant.slug]))
    fields = catalogue()
    conditions = [(which, said(getattr(rule, which), fields) if getattr(rule, which) else "") for which in WHICH]
    context = {"form": form, "rule": rule, "built_in": BUILT_IN[stage], "conditions": conditions}
    return render(request, "accounts/stage_form.html", context)


@administer
def stage_condition(request: TenantRequest, stage: str, which: str) -> HttpResponseBase:
    """The entry or the exit condition of a stage, with a count of what it would move before it is saved."""
    rule = _rule(stage)
    if which not in WHICH:
        raise Http404("no such condition")
    typed: dict[str, Any] = {
        "definition": typed_document(request) if request.method == "POST" else getattr(rule, which) or {"all": []},
        "version": rule.version if rule.pk else 0,
        "faults": [],
    }
    if request.method == "POST":
        version = _whole(request.POST.get("version", "")) if rule.pk else None
        try:
            stage_rule_save(
                stage=stage, values={which: typed["definition"] or ""}, at=now(), by=request.member, version=version
            )
        except EditConflict as conflict:
            typed |= {"faults": conflict.messages, "version": _rule(stage).version}
        except ValidationError as error:
            typed["faults"] = error.messages
        else:
            said_ = _("Saved. The rules run tonight; “Run now” does it at once.")
            return done(request, said_, reverse("stages", args=[request.tenant.slug]))
    fields = catalogue()
    preview = _preview(request, stage, which, typed["definition"], fields)
    context = {"rule": rule, "which": which, **editor_context(fields), **typed, "preview": preview}
    return render(request, "accounts/stage_condition.html", context)


@require_POST
@administer
def stage_count(request: TenantRequest, stage: str, which: str) -> HttpResponseBase:
    """How many accounts the condition would move, as one types."""
    _rule(stage)
    if which not in WHICH:
        raise Http404("no such condition")
    preview = _preview(request, stage, which, begun(typed_document(request)))
    return render(request, "accounts/stage_count.html", {"preview": preview, "which": which})


def _preview(request: TenantRequest, stage: str, which: str, document: Any, fields: Any = None) -> dict[str, Any]:
    day = _day(request)
    found = stage_preview(
        stage=stage, which=which, document=document, member=request.member, day=day, zone=request.tenant.timezone,
        fields=fields,
    )  # fmt: skip
    if found.fault:
        return {"fault": fault_text(found.fault)}
    labels = dict(LifecycleStage.choices)
    return {
        "count": found.count,
        "moves": [(labels[start], labels[to], count) for start, to, count in found.moves],
        "names": found.names,
        "more": found.count - len(found.names),
        "held": found.held,
        "sentence": sentence(found.group),
        "day": day,
    }


@require_POST
@administer
def stages_run(request: TenantRequest) -> HttpResponseBase:
    """Let the rules act now, on the figures that the pages show."""
    found = lifecycle_run(tenant=request.tenant, as_of=_day(request), at=now())
    moved = ngettext("%(n)d account moved", "%(n)d accounts moved", found.moved) % {"n": found.moved}
    asked = ngettext("%(n)d move to confirm", "%(n)d moves to confirm", found.proposed) % {"n": found.proposed}
    held = ngettext("%(n)d left as a person wants it", "%(n)d left as people want it", found.held) % {"n": found.held}
    messages.success(request, " · ".join([moved, asked, held]))
    return redirect(reverse("stages", args=[request.tenant.slug]))


@require_POST
@work
def proposal_set(request: TenantRequest, pk: int) -> HttpResponseBase:
    """Accept or decline a move that the rules want, or take that back (`act`: accept, decline, undo)."""
    proposals = StageProposal.objects.filter(account__in=visible_to(request.member)).select_related("account")
    proposal = get_object_or_404(proposals, pk=pk)
    acts = {"accept": proposal_accept, "decline": proposal_decline}
    act = acts.get(request.POST.get("act", ""), proposal_undo)
    back = next_url(request, account_url(request, proposal.account_id))
    try:
        act(proposal=proposal, at=now(), by=request.member)
    except ValidationError as error:
        messages.error(request, formats.sentences(error.messages))
        return redirect(back)
    names = {"name": proposal.account.name, "stage": dict(LifecycleStage.choices)[proposal.to_stage]}
    if act is proposal_undo:
        messages.success(request, _("%(name)s is as before.") % names)
        return redirect(back)
    words = _("%(name)s is in “%(stage)s” now.") if act is proposal_accept else _("%(name)s stays where it is.")
    undo = f"undo:{reverse('proposal_set', args=[request.tenant.slug, pk])}"
    messages.success(request, words % names, extra_tags=undo)
    return redirect(back)
