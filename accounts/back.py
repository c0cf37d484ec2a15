"""Where a form leads back to."""

import json
from typing import Any
from urllib.parse import urlsplit

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse

from common.places import own_place
from tenants.permissions import TenantRequest


def next_url(request: TenantRequest, otherwise: str) -> str:
    """The address in `next` when it is one of ours, else `otherwise`."""
    return own_place(request, request.POST.get("next") or request.GET.get("next", ""), otherwise)


def account_url(request: TenantRequest, pk: int) -> str:
    """The account's page."""
    return reverse("account", args=[request.tenant.slug, pk])


def done(request: TenantRequest, text: str, url: str) -> HttpResponseBase:
    """Say that it worked and go to `url`; an htmx form has its page loaded anew, the message among it."""
    messages.success(request, text)
    if request.headers.get("HX-Request"):
        response = HttpResponse(status=204)
        if urlsplit(request.headers.get("HX-Current-URL", "")).path == urlsplit(url).path:
            response["HX-Refresh"] = "true"  # a redirect to another place of the same page would load nothing
        else:
            response["HX-Redirect"] = url
        return response
    return redirect(url)


def toast(response: HttpResponse, text: str, **more: Any) -> HttpResponse:
    """Let an htmx answer say something in the corner."""
    response["HX-Trigger"] = json.dumps({"toast": {"text": text, "level": "success"}, **more})
    return response


def dialog(request: TenantRequest, template: str, context: dict[str, Any]) -> HttpResponseBase:
    """The same form as a dialog for htmx and as a page without."""
    base = "accounts/in_dialog.html" if request.headers.get("HX-Request") else "accounts/in_page.html"
    return render(request, template, {**context, "base": base})
