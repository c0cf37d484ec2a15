"""Bands set by hand: the form beside an account's score, the end of one, and how right each CSM was."""

from datetime import date, timedelta
from typing import Any

from django import forms
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.utils.timezone import now
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.back import account_url, dialog, done
from accounts.models import Account
from accounts.selectors import visible_to
from health.models import Band, Override
from health.overrides import LOOK_BACK, OUTCOMES, may_override, overrides_of, overrides_standing, records, was_right
from health.services import computed_bands, override_end, override_set
from health.services.overrides import BANDS, LONGEST_DAYS
from operations.days import local_date
from tenants.permissions import Permission, TenantRequest, member_required

USUAL_DAYS = 30
SHOWN = 200


class OverrideForm(forms.Form):
    """The band, why, and the first day on which it no longer holds."""

    band = forms.ChoiceField(label=gettext_lazy("Band"), choices=[(band.value, band.label) for band in BANDS])
    reason = forms.CharField(
        label=gettext_lazy("Why"),
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": gettext_lazy("Say why: others will read it.")},
    )
    until = forms.DateField(
        label=gettext_lazy("Until"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )


def _account(request: TenantRequest, pk: int) -> Account:
    account = get_object_or_404(visible_to(request.member).select_related("csm__user"), pk=pk)
    if not may_override(request.member, account):
        raise PermissionDenied(_("Only the account's CSM and managers set its band by hand."))
    return account


def _today(request: TenantRequest) -> date:
    return local_date(request.tenant.timezone, now())


@require_http_methods(["GET", "POST"])
@member_required(Permission.WORK)
def account_override(request: TenantRequest, pk: int) -> HttpResponseBase:
    """Set the band of an account by hand."""
    account, today = _account(request, pk), _today(request)
    first = {"until": today + timedelta(days=USUAL_DAYS)}
    form = OverrideForm(request.POST or None, initial=first)
    if request.method == "POST" and form.is_valid():
        try:
            override_set(account=account, today=today, by=request.member, at=now(), **form.cleaned_data)
        except ValidationError as error:
            form.add_error(None, error)
        else:
            return done(request, _("The band is set by hand; the score stays as computed."), account_url(request, pk))
    limits = {"min": today + timedelta(days=1), "max": today + timedelta(days=LONGEST_DAYS)}
    form.fields["until"].widget.attrs.update({name: day.isoformat() for name, day in limits.items()})
    context = {
        "form": form,
        "account": account,
        "computed": computed_bands([pk], request.tenant).get(pk, Band.UNKNOWN),
        "override": overrides_standing(day=today, account_ids=[pk]).get(pk),
        "longest": LONGEST_DAYS,
    }
    return dialog(request, "health/override_form.html", context)


@require_POST
@member_required(Permission.WORK)
def override_stop(request: TenantRequest, pk: int) -> HttpResponseBase:
    """End a band that was set by hand."""
    override = get_object_or_404(Override, pk=pk, account__in=visible_to(request.member))
    account = _account(request, override.account_id)
    override_end(override=override, today=_today(request), by=request.member, at=now())
    return done(request, _("The computed band holds again."), account_url(request, account.pk))


@require_GET
@member_required(Permission.WORK)
def overrides(request: TenantRequest) -> HttpResponseBase:
    """How often bands are set by hand, and how right that was, per CSM, with each of them; over the last year and the
    accounts that the member may see.
    """
    today = _today(request)
    found = overrides_of(accounts=visible_to(request.member), since=today - LOOK_BACK)
    rows: list[dict[str, Any]] = [
        {"one": one, "right": was_right(one), "outcome": OUTCOMES.get(one.outcome, "")} for one in found[:SHOWN]
    ]
    context = {"records": records(found), "rows": rows, "more": max(len(found) - SHOWN, 0), "today": today}
    return render(request, "health/overrides.html", context)
