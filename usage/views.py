"""Pages of features and of the intake."""

from datetime import datetime, timedelta
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.text import slugify
from django.utils.timezone import now
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_POST

from accounts.models import Contact, Feature
from accounts.selectors import feature_list, visible_to
from accounts.services import feature_save
from common import formats
from common.edits import locked
from operations.days import local_date
from tenants.permissions import Permission, TenantRequest, is_allowed, member_required
from usage.forms import FeatureForm, LoginForm
from usage.intake.body import UNPACKED_LIMIT, BodyTooLargeError, MalformedBodyError, unpacked
from usage.intake.decode import REASONS
from usage.intake.hints import hints
from usage.models import EndUser, Rejected
from usage.selectors import (
    groups_parked,
    intake_state,
    login_names,
    names_by_feature,
    names_seen,
    rejected_counts,
    rejected_list,
    users_without_account,
)
from usage.services import feature_names_set, login_names_set, person_link, rejected_replay

admin_only = member_required(Permission.ADMINISTER)
SHOWN_REJECTED = 100
REPLAYED_AT_ONCE = 1000
REJECTED_DAYS = 30


@require_GET
@member_required(Permission.READ)
def features(request: TenantRequest) -> HttpResponseBase:
    """The features, what counts as their use, and event names that count for nothing yet."""
    names = names_by_feature()
    seen = names_seen(day=local_date(request.tenant.timezone, now()))
    context = {
        "features": [(feature, names.get(feature.pk, [])) for feature in feature_list()],
        "unmapped": [name for name in seen if not name.features and not name.login],
        "mapped": [name for name in seen if name.features or name.login],
        "logins": login_names(),
        "login_form": LoginForm(initial={"names": "\n".join(login_names())}),
        "may_edit": is_allowed(request.member, Permission.ADMINISTER),
    }
    return render(request, "usage/features.html", context)


@admin_only
def feature_new(request: TenantRequest) -> HttpResponseBase:
    """A new feature; `?name=` is an event name to begin with."""
    first = request.GET.get("name", "")
    form = FeatureForm(request.POST or None, initial={"name": first, "key": slugify(first)[:60], "event_names": first})
    return _feature_page(request, form, None)


@admin_only
def feature_edit(request: TenantRequest, pk: int) -> HttpResponseBase:
    """Change a feature; `?name=` adds an event name to its list."""
    feature = get_object_or_404(locked(Feature.objects.all(), sent=request.method == "POST"), pk=pk)
    names = names_by_feature().get(feature.pk, [])
    first = {field: getattr(feature, field) for field in ("name", "core", "entitled_by_default", "target_uses")}
    first["event_names"] = "\n".join(dict.fromkeys([*names, *filter(None, [request.GET.get("name", "")])]))
    form = FeatureForm(request.POST or None, initial=first, feature=feature, stored=True)
    return _feature_page(request, form, feature)


def _feature_page(request: TenantRequest, form: FeatureForm, feature: Feature | None) -> HttpResponseBase:
    if request.method == "POST" and form.agreed():
        values, at = dict(form.cleaned_data), now()
        names = values.pop("event_names")
        saved = feature_save(values=values, at=at, by=request.member, feature=feature)
        feature_names_set(feature=saved, names=names, at=at, by=request.member)
        messages.success(request, _("“%(name)s” is saved. It counts from the next night on.") % {"name": saved.name})
        return redirect("features", request.tenant.slug)
    seen = names_seen(day=local_date(request.tenant.timezone, now()))
    return render(request, "usage/feature.html", {"form": form, "feature": feature, "seen": seen})


@require_POST
@admin_only
def logins_change(request: TenantRequest) -> HttpResponseBase:
    """Say which event names are logins."""
    form = LoginForm(request.POST)
    if not form.is_valid():
        messages.error(request, formats.sentences(fault for faults in form.errors.values() for fault in faults))
    elif login_names_set(names=form.cleaned_data["names"], at=now(), by=request.member):
        messages.success(request, _("The login events are saved. The days they touch are counted again."))
        _hint(request)
    return redirect("features", request.tenant.slug)


@require_GET
@admin_only
def intake_page(request: TenantRequest) -> HttpResponseBase:
    """What came in, what waits for its account, what could not be counted and why."""
    at = now()
    reason = request.GET.get("reason", "")
    rejected = rejected_list().filter(reason=reason) if reason in REASONS else rejected_list()
    context = {
        "state": intake_state(at=at),
        "parked": groups_parked(),
        "lost": users_without_account(),
        "reasons": [_reason(row) for row in rejected_counts(since=at - timedelta(days=REJECTED_DAYS))],
        "reason": reason if reason in REASONS else "",
        "rejected": [_shown(row) for row in rejected[:SHOWN_REJECTED]],
        "days": REJECTED_DAYS,
    }
    return render(request, "usage/intake.html", context)


def _reason(row: tuple[str, int]) -> dict[str, Any]:
    return {"key": row[0], "count": row[1], "text": _(REASONS.get(row[0], row[0]))}


def _shown(row: Rejected) -> dict[str, Any]:
    """A rejected item as the page shows it."""
    return {
        "row": row,
        "text": _(REASONS.get(row.reason, row.reason)),
        "item": _readable(bytes(row.item))[:2000].decode("utf-8", "replace"),
    }


def _readable(item: bytes) -> bytes:
    """The item without the packing of a whole body, where it can be undone."""
    try:
        return unpacked(item, limit=UNPACKED_LIMIT)
    except (MalformedBodyError, BodyTooLargeError):
        return item


@require_POST
@admin_only
def rejected_again(request: TenantRequest) -> HttpResponseBase:
    """Replay one rejected item (`pk`) or all of a reason (`reason`)."""
    waiting = Rejected.objects.filter(replayed_at=None)
    if request.POST.get("pk"):
        waiting = waiting.filter(pk=get_object_or_404(Rejected, pk=_number(request.POST["pk"])).pk)
    else:
        waiting = waiting.filter(reason=request.POST.get("reason", ""))
    count = _replay(list(waiting.order_by("id")[:REPLAYED_AT_ONCE]), request, now())
    text = ngettext(
        "%(count)d item goes through the intake again.", "%(count)d items go through the intake again.", count
    )
    messages.success(request, text % {"count": count})
    _hint(request)
    return redirect("intake", request.tenant.slug)


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else 0


def _replay(found: list[Rejected], request: TenantRequest, at: datetime) -> int:
    for row in found:
        rejected_replay(rejected=row, at=at, by=request.member)
    return len(found)


def _hint(request: TenantRequest) -> None:
    tenant_id = request.tenant.pk
    transaction.on_commit(lambda: hints.give(tenant_id))


@require_POST
@member_required(Permission.WORK)
def person_link_set(request: TenantRequest, pk: int, user_pk: int) -> HttpResponseBase:
    """Say which contact a user seen at the account is (`contact`), or which they are not (`other_than`)."""
    account = get_object_or_404(visible_to(request.member), pk=pk)
    end_user = get_object_or_404(EndUser, pk=user_pk)
    other = request.POST.get("other_than", "")
    asked = other or request.POST.get("contact", "")
    number = int(asked) if asked.isascii() and asked.isdigit() and len(asked) < 19 else 0
    contact = get_object_or_404(Contact, pk=number, account=account)
    try:
        person_link(contact=contact, end_user=end_user, same=not other, at=now(), by=request.member)
    except ValidationError as error:
        messages.error(request, formats.sentences(error.messages))
    else:
        names = {"user": end_user, "name": contact.name}
        said = _("%(user)s is not %(name)s.") if other else _("%(user)s is %(name)s.")
        messages.success(request, said % names)
    return redirect(reverse("account", args=[request.tenant.slug, pk]) + "#people")
