"""What to show a customer for each feature that nobody there uses: success cases and help articles."""

from django.http import HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_GET

from accounts.pieces import account_piece
from accounts.selectors import visible_to
from portfolio.selectors.account import FeatureStrip, feature_strips
from portfolio.views.day import page_day
from service.selectors.help import articles_for
from service.selectors.voice import cases_fitting
from tenants.permissions import Permission, TenantRequest, member_required
from usage.models import Metric


def is_weak(strip: FeatureStrip) -> bool:
    """Whether a feature is unused, or had less than half of its uses of the 4 weeks before in the last 4."""
    return not strip.used or 2 * sum(strip.weeks[-4:]) < sum(strip.weeks[-8:-4])


@require_GET
@member_required(Permission.READ)
@account_piece
def account_gap(request: TenantRequest, pk: int) -> HttpResponseBase:
    """The account's unused features, and those whose use has halved, with the cases that fit its industry and the help
    articles: a part of its page. `brief`: the articles alone, beside its alerts.
    """
    account = get_object_or_404(visible_to(request.member), pk=pk)
    day = page_day(request).day
    metric = Metric.objects.filter(day=day, account=account).first()
    strips = feature_strips(account=account, day=day, unused=metric.features_unused if metric else [])
    weak = [(strip.feature, strip.used) for strip in strips if is_weak(strip)] if metric else []
    ids = {feature.pk for feature, _used in weak}
    cases, articles = cases_fitting(account=account, features=ids), articles_for(features=ids)
    rows = [(feature, used, cases.get(feature.pk, []), articles.get(feature.pk, [])) for feature, used in weak]
    template = "service/account_help.html" if request.GET.get("brief") else "service/account_gap.html"
    return render(request, template, {"account": account, "rows": rows})
