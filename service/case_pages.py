"""Success cases: found by industry and feature, read, shared, written."""

from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.timezone import now
from django.utils.translation import gettext as _
from django.utils.translation import override
from django.views.decorators.http import require_GET, require_POST

from accounts.back import done
from accounts.models import Feature
from accounts.selectors import visible_to
from accounts.views import work
from common.edits import locked
from service.forms import CaseForm
from service.models import SuccessCase
from service.selectors.voice import case_industries, case_list
from service.services import case_delete, case_save
from service.voice_pages import number_of
from tenants.permissions import Permission, TenantRequest, is_allowed, member_required

read = member_required(Permission.READ)
LANGUAGES = (("en", "English"), ("zh-hans", "简体中文"))


def _case(request: TenantRequest, pk: int) -> SuccessCase:
    rows = SuccessCase.objects.select_related("account").prefetch_related("features")
    case = get_object_or_404(locked(rows, sent=request.method == "POST"), pk=pk)
    if not case.published and not is_allowed(request.member, Permission.WORK):
        raise Http404("not published")
    return case


@require_GET
@read
def cases(request: TenantRequest) -> HttpResponseBase:
    """The cases by industry, feature and words."""
    params = request.GET
    industry = params.get("industry", "").replace("\x00", "")[:80]
    feature, text = number_of(params.get("feature", "")), params.get("q", "").replace("\x00", "").strip()[:100]
    drafts = is_allowed(request.member, Permission.WORK)
    context = {
        "cases": case_list(industry=industry, feature=feature, text=text, drafts=drafts),
        "industries": case_industries(), "industry": industry, "feature": feature, "text": text,
        "features": Feature.objects.order_by("-core", "name"),
    }  # fmt: skip
    return render(request, "service/cases.html", context)


def shared_text(case: SuccessCase, language: str) -> str:
    """The case as text that can be pasted anywhere, without whose it is; empty where that language lacks a title."""
    code = "zh" if language.startswith("zh") else "en"
    if not getattr(case, f"title_{code}"):
        return ""
    with override(language):
        features = _(", ").join(feature.name for feature in case.features.all())
        parts = [getattr(case, f"{name}_{code}") for name in ("title", "result", "story")]
        parts += [_("Industry: %(industry)s") % {"industry": case.industry}] if case.industry else []
        parts += [_("With: %(features)s") % {"features": features}] if features else []
    return "\n\n".join(part for part in parts if part)


@require_GET
@read
def case_page(request: TenantRequest, pk: int) -> HttpResponseBase:
    """A case with its text to share, in each language that it has."""
    case = _case(request, pk)
    shared = [(code, name, text) for code, name in LANGUAGES if (text := shared_text(case, code))]
    own = visible_to(request.member).filter(pk=case.account_id).first() if case.account_id else None
    return render(request, "service/case.html", {"case": case, "shared": shared, "own": own})


@work
def case_edit(request: TenantRequest, pk: int | None = None) -> HttpResponseBase:
    """A new case, or a changed one."""
    case = _case(request, pk) if pk else None
    first = {name: getattr(case, name) for name in CaseForm.base_fields if name != "features"} if case else {}
    if case:
        first["features"] = list(case.features.all())
    accounts = visible_to(request.member)
    form = CaseForm(request.POST or None, initial=first, accounts=accounts, stored=case is not None)
    if request.method == "POST" and form.agreed():
        try:
            saved, _changed = case_save(values=form.cleaned_data, case=case, at=now(), by=request.member)
        except ValidationError as error:
            form.add_error(None, error.messages)
        else:
            return done(request, _("Saved."), reverse("case", args=[request.tenant.slug, saved.pk]))
    return render(request, "service/case_form.html", {"form": form, "case": case, "industries": case_industries()})


@require_POST
@work
def case_remove(request: TenantRequest, pk: int) -> HttpResponseBase:
    """Delete a case."""
    case = _case(request, pk)
    case_delete(case=case, at=now(), by=request.member)
    return done(request, _("%(name)s is deleted.") % {"name": case}, reverse("cases", args=[request.tenant.slug]))
