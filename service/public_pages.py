"""The help page that customers read without a login: the tenant's published articles, and whether they helped."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.timezone import now
from django.views.decorators.http import require_http_methods, require_POST

from common.visits import address_of, first_today, too_many
from operations.days import local_date
from service.models import HelpArticle
from service.selectors.help import articles_found
from service.services.help_page import help_vote
from service.voice_pages import number_of
from tenants.models import Door, Tenant
from tenants.scope import request_scope
from tenants.selectors import door_of_token

MOST_PER_MINUTE = 300  # a customer's whole office may come from one address
LONGEST = 100
Page = Callable[..., HttpResponseBase]


def by_link(view: Page) -> Page:
    """Let a view run in the scope of the tenant whose link this is. A wrong or closed link tells nothing: 404."""

    @wraps(view)
    def opened(request: HttpRequest, token: str, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if too_many(door="help", address=address_of(request), minute=f"{now():%Y%m%d%H%M}", most=MOST_PER_MINUTE):
            response: HttpResponseBase = render(request, "service/public_gone.html", {"many": True}, status=429)
            response["Retry-After"] = "60"
            return response
        door = door_of_token(token=token, kind=Door.Kind.HELP)
        if door is None:
            return _private(render(request, "service/public_gone.html", status=404))
        with request_scope(tenant_id=door.tenant_id, user_id=None):
            return _private(view(request, token, door.tenant, *args, **kwargs))

    return opened


def _private(response: HttpResponseBase) -> HttpResponseBase:
    """No search engine lists the page, and no other site learns its address."""
    response["Cache-Control"] = "no-store"
    response["Referrer-Policy"] = "same-origin"
    response["X-Robots-Tag"] = "noindex, nofollow"
    return response


@require_http_methods(["GET", "HEAD"])
@by_link
def help_list(request: HttpRequest, token: str, tenant: Tenant) -> HttpResponseBase:
    """The articles by feature; `q` searches them, `feature` chooses one."""
    text = request.GET.get("q", "").replace("\x00", "").strip()[:LONGEST]
    every = articles_found()
    features = sorted({one.feature for one in every if one.feature}, key=lambda one: one.name)
    feature = number_of(request.GET.get("feature", ""))
    found = articles_found(text=text, feature=feature)
    context = {"token": token, "asking": tenant, "articles": found, "features": features, "feature": feature, "q": text}
    return render(request, "service/public_help.html", context)


@require_http_methods(["GET", "HEAD"])
@by_link
def help_article(request: HttpRequest, token: str, tenant: Tenant, pk: int) -> HttpResponseBase:
    """One article."""
    article = get_object_or_404(HelpArticle.objects.select_related("feature"), pk=pk, published=True)
    context = {"token": token, "asking": tenant, "article": article, "thanks": request.GET.get("thanks")}
    return render(request, "service/public_article.html", context)


@require_POST
@by_link
def help_voted(request: HttpRequest, token: str, tenant: Tenant, pk: int) -> HttpResponse:
    """Whether the article helped: counted once per address, article and day."""
    article = get_object_or_404(HelpArticle, pk=pk, published=True)
    day, said = local_date(tenant.timezone, now()), request.POST.get("helped")
    if said in ("yes", "no") and first_today(what=f"helped:{pk}", address=address_of(request), day=str(day)):
        help_vote(article=article, helped=said == "yes", day=day)
    response = redirect("public_article", token, pk)
    response["Location"] += "?thanks=1"
    return response
