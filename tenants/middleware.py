"""Chooses the tenant of a request from its address: never from what the user chose last."""

import re
from collections.abc import Callable
from datetime import UTC
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import transaction
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import render
from django.utils import timezone, translation
from django.views.defaults import bad_request

from common.faults import is_at_once, is_nul_error
from tenants.models import Member
from tenants.scope import request_scope
from tenants.selectors import own_membership_list

_TENANT_PATH = re.compile(r"^/t/([a-z0-9-]+)/")


class TenantMiddleware:
    """Sets `request.tenant` and `request.member` below `/t/<slug>/`, and runs the view in that scope.

    Views refuse a request without member (`permissions.member_required`).
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer the request inside its scope."""
        self._speak(request)
        member = self._member(request)
        request.member, request.tenant = member, member.tenant if member else None  # type: ignore[attr-defined]
        user_id = request.user.pk if self._needs_user(request) else None
        timezone.activate(ZoneInfo(member.tenant.timezone) if member else UTC)
        with request_scope(tenant_id=member.tenant_id if member else None, user_id=user_id):
            return self.get_response(request)

    @staticmethod
    def process_exception(request: HttpRequest, error: Exception) -> HttpResponseBase | None:
        """A text that cannot be stored is refused, and what another request did in the same moment (409); the view's
        transaction has been rolled back by now.
        """
        if is_at_once(error):
            return render(request, "409.html", status=409)
        return bad_request(request, error) if is_nul_error(error) else None

    @staticmethod
    def _speak(request: HttpRequest) -> None:
        """A signed-in person's own language counts where the browser has chosen none here."""
        if settings.LANGUAGE_COOKIE_NAME in request.COOKIES or settings.SESSION_COOKIE_NAME not in request.COOKIES:
            return
        language = getattr(request.user, "language", "")
        if language:
            translation.activate(language)
            request.LANGUAGE_CODE = translation.get_language()

    @staticmethod
    def _needs_user(request: HttpRequest) -> bool:
        return not request.path_info.startswith(("/v1/", "/api/", "/healthz", "/static/"))

    @staticmethod
    def _member(request: HttpRequest) -> Member | None:
        match = _TENANT_PATH.match(request.path_info)
        if match is None or not request.user.is_authenticated:
            return None
        with request_scope(tenant_id=None, user_id=request.user.pk), transaction.atomic():
            own = own_membership_list()
        vars(request)["memberships"] = own  # the page's switch lists them all
        return next((member for member in own if member.tenant.slug == match[1]), None)
