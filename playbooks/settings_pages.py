"""The alert rules: what each looks for, and at which accounts."""

from datetime import date
from typing import Any, cast

from django import forms
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.timezone import now
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET

from accounts.back import done
from accounts.models import Segment
from accounts.segments.definition import DefinitionFault
from accounts.segments.words import fault_text
from accounts.selectors.segments import segment_group, segment_list
from accounts.services import EditConflict
from operations.days import local_date
from operations.selectors import day_of_request
from playbooks import rules
from playbooks.models import AlertRule, RuleSetting
from playbooks.selectors import accounts_of_rules, live_counts, rule_settings
from playbooks.services import alert_rule_save
from tenants.permissions import Permission, TenantRequest, member_required

FIGURES = {
    "share": round(rules.USE_DOWN_TREND * 100),
    "users": rules.USE_DOWN_LEAST_USERS,
    "silent": rules.SILENT_DAYS,
    "renewal": rules.RENEWAL_DAYS,
}
SAID = {
    AlertRule.USE_DOWN: gettext_lazy(
        "Distinct users of the last 28 days are at most %(share)d%% of those of the 28 days before, where those were "
        "at least %(users)d."
    ),
    AlertRule.SILENT: gettext_lazy("No two-way contact for more than %(silent)d days."),
    AlertRule.RED_BEFORE_RENEWAL: gettext_lazy("Health is red and the renewal is within %(renewal)d days."),
}


def _day(request: TenantRequest) -> date:
    """The day whose figures the pages show."""
    shown = day_of_request(request, request.tenant)
    return shown.day if shown else local_date(request.tenant.timezone, now())


def _said(rule: str) -> str:
    return str(SAID[AlertRule(rule)]) % FIGURES


def _fault(segment: Segment | None) -> str:
    """Why a segment cannot be read; empty for one that can."""
    try:
        if segment is not None:
            segment_group(segment=segment)
    except DefinitionFault as fault:
        return fault_text(fault)
    return ""


@require_GET
@member_required(Permission.READ)
def alert_rules(request: TenantRequest) -> HttpResponseBase:
    """Every rule: what it looks for, by when somebody should have acted, at which accounts, and what is open."""
    watched, live = accounts_of_rules(as_of=_day(request)), live_counts()
    rows = [
        {
            "setting": setting,
            "said": _said(rule),
            "due": rules.DUE_IN[rule],
            "accounts": None if (ids := watched[rule]) is None else len(ids),
            "live": live.get(rule, 0),
            "fault": _fault(setting.segment),
        }
        for rule, setting in rule_settings().items()
    ]
    return render(request, "playbooks/rules.html", {"rows": rows})


class RuleForm(forms.Form):
    """At which accounts a rule looks. `version`: the one the form was opened with."""

    segment = forms.ChoiceField(
        label=gettext_lazy("Looks at"), required=False,
        help_text=gettext_lazy("Alerts of accounts outside the segment end by themselves in the coming night."),
    )  # fmt: skip
    version = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, segments: list[Segment], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [("", _("all accounts")), *((str(one.pk), one.name) for one in segments)]
        cast(forms.ChoiceField, self.fields["segment"]).choices = choices


@member_required(Permission.ADMINISTER)
def alert_rule_edit(request: TenantRequest, rule: str) -> HttpResponseBase:
    """Choose the segment that a rule looks at."""
    if rule not in AlertRule.values:
        raise Http404("no such rule")
    setting, segments = rule_settings()[rule], segment_list()
    version = setting.version if setting.pk else 0
    data = request.POST.copy() if request.method == "POST" else None
    form = RuleForm(data, segments=segments, initial={"segment": setting.segment_id or "", "version": version})
    if data is not None and form.is_valid() and _saved(request, setting, form, segments):
        return done(request, _("Saved. It counts from the coming night on."), _rules_url(request))
    if data is not None:
        data["version"] = str(version)  # saved again, it goes over what somebody else saved
    context = {"form": form, "rule": AlertRule(rule), "said": _said(rule)}
    return render(request, "playbooks/rule_form.html", context)


def _rules_url(request: TenantRequest) -> str:
    return reverse("alert_rules", args=[request.tenant.slug])


def _saved(request: TenantRequest, setting: RuleSetting, form: RuleForm, segments: list[Segment]) -> bool:
    """Save what was chosen; False with the reason on the form."""
    chosen = next((one for one in segments if str(one.pk) == form.cleaned_data["segment"]), None)
    try:
        alert_rule_save(
            rule=setting.rule, segment=chosen, at=now(), by=request.member, version=form.cleaned_data["version"]
        )
    except EditConflict as conflict:
        form.add_error(None, conflict.messages)
    except ValidationError as error:
        form.add_error("segment", error.messages)
    else:
        return True
    return False
