"""Help articles: per feature, text and video, in both languages."""

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.timezone import now
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from accounts.back import done
from accounts.models import Feature
from accounts.views import work
from common.edits import locked
from service.forms import ArticleForm
from service.models import HelpArticle, HelpPage
from service.selectors.help import article_list, votes_between
from service.services.help import article_delete, article_save
from service.services.help_page import OFF, ON, RENEW, help_page_set
from service.voice_pages import number_of, today_of
from tenants.permissions import Permission, TenantRequest, is_allowed, member_required

read = member_required(Permission.READ)
LANGUAGES = (("en", "English", "en"), ("zh-hans", "简体中文", "zh"))


def _article(request: TenantRequest, pk: int) -> HelpArticle:
    rows = locked(HelpArticle.objects.select_related("feature"), sent=request.method == "POST")
    article = get_object_or_404(rows, pk=pk)
    if not article.published and not is_allowed(request.member, Permission.WORK):
        raise Http404("not published")
    return article


@require_GET
@read
def articles(request: TenantRequest) -> HttpResponseBase:
    """All articles, by feature."""
    feature = number_of(request.GET.get("feature", ""))
    found = article_list(feature=feature, drafts=is_allowed(request.member, Permission.WORK))
    bare = Feature.objects.exclude(pk__in=HelpArticle.objects.exclude(feature=None).values("feature_id"))
    context: dict[str, Any] = {
        "articles": found,
        "features": Feature.objects.order_by("-core", "name"),
        "feature": feature,
        "bare": bare,
    }
    if is_allowed(request.member, Permission.ADMINISTER):
        page = HelpPage.objects.first()
        link = settings.SITE_URL + reverse("public_help", args=[page.token]) if page else ""
        votes = votes_between(start=today_of(request) - timedelta(days=89), end=today_of(request) + timedelta(days=1))
        context |= {"page": page, "link": link, "votes": votes if any(votes) else None}
    return render(request, "service/articles.html", context)


@require_POST
@member_required(Permission.ADMINISTER)
def help_page(request: TenantRequest) -> HttpResponseBase:
    """Open or close the page that customers read, or give it a new link."""
    action = request.POST.get("action", "")
    if action not in (ON, OFF, RENEW):
        raise Http404
    help_page_set(action=action, at=now(), by=request.member)
    said = {ON: _("The help page is open."), OFF: _("The help page is closed.")}
    text = said.get(action, _("The help page has a new link; the old one leads nowhere."))
    return done(request, text, reverse("articles", args=[request.tenant.slug]))


@require_GET
@read
def article_page(request: TenantRequest, pk: int) -> HttpResponseBase:
    """An article with its text to send, in each language that it has."""
    article = _article(request, pk)
    shared = []
    for code, name, short in LANGUAGES:
        parts = [getattr(article, f"{part}_{short}") for part in ("title", "text", "video")]
        if parts[0]:
            shared.append((code, name, "\n\n".join(part for part in parts if part)))
    return render(request, "service/article.html", {"article": article, "shared": shared})


@work
def article_edit(request: TenantRequest, pk: int | None = None) -> HttpResponseBase:
    """A new article, or a changed one."""
    article = _article(request, pk) if pk else None
    first = {name: getattr(article, name) for name in ArticleForm.base_fields} if article else {}
    first.setdefault("feature", number_of(request.GET.get("feature", "")))
    form = ArticleForm(request.POST or None, initial=first, stored=article is not None)
    if request.method == "POST" and form.agreed():
        try:
            saved, _changed = article_save(values=form.cleaned_data, article=article, at=now(), by=request.member)
        except ValidationError as error:
            form.add_error(None, error.messages)
        else:
            return done(request, _("Saved."), reverse("article", args=[request.tenant.slug, saved.pk]))
    return render(request, "service/article_form.html", {"form": form, "article": article})


@require_POST
@work
def article_remove(request: TenantRequest, pk: int) -> HttpResponseBase:
    """Delete an article."""
    article = _article(request, pk)
    article_delete(article=article, at=now(), by=request.member)
    return done(request, _("%(name)s is deleted.") % {"name": article}, reverse("articles", args=[request.tenant.slug]))
