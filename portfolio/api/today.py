"""Today's list over the API: the same reasons, in the same order."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as Base64Error
from collections.abc import Sequence
from typing import Any

from django.utils.timezone import now
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.reasons import Asked, reason_sources
from operations.days import local_date
from operations.selectors import shown_day
from portfolio.selectors.today import PAGE, Gathered, TodayRow, after, rows_told, today_list
from tenants.api_views import BAD_CURSOR, ScopedAPIView, page_size
from tenants.models import Member

MOST = 100


class ReasonSerializer(serializers.Serializer[Any]):
    """One reason. `key` stays the same for as long as the reason does."""

    kind = serializers.CharField(source="source.key")
    key = serializers.CharField(source="reason.key")
    text = serializers.CharField(source="said.text")
    urgency = serializers.IntegerField(source="reason.urgency", help_text="Per cent of the ARR that it puts at risk.")
    due = serializers.DateField(source="reason.due", allow_null=True)


class TodayRowSerializer(serializers.Serializer[Any]):
    """An account that wants somebody, its reasons the most urgent first."""

    account = serializers.IntegerField(source="account.pk")
    account_external_id = serializers.CharField(source="account.external_id")
    name = serializers.CharField(source="account.name")
    csm = serializers.SerializerMethodField()
    arr = serializers.DecimalField(16, 2, source="account.arr", allow_null=True)
    currency = serializers.CharField(source="account.currency")
    renewal_date = serializers.DateField(source="account.renewal_date", allow_null=True)
    band = serializers.SerializerMethodField()
    score = serializers.SerializerMethodField()
    rank = serializers.DecimalField(
        30, 2, source="value", rounding="ROUND_HALF_UP", help_text="What may be lost, in the organisation's currency."
    )
    line = serializers.CharField(help_text="The reason in one line.")
    reasons = ReasonSerializer(many=True, source="everything")

    def get_csm(self, row: TodayRow) -> str | None:
        """The CSM's e-mail."""
        return row.account.csm.user.email if row.account.csm else None

    def get_band(self, row: TodayRow) -> str:
        """The health band."""
        return row.score.band if row.score else "unknown"

    def get_score(self, row: TodayRow) -> float | None:
        """The health score."""
        return None if row.score is None or row.score.score is None else float(row.score.score)


class TodayList(ScopedAPIView):
    """`GET /api/v1/today/`."""

    scopes = {"GET": "accounts:read"}
    takes = {
        "GET": (
            OpenApiParameter("csm", OpenApiTypes.EMAIL, description="As this member sees it."),
            OpenApiParameter("kind", OpenApiTypes.STR, many=True, description="Only accounts with such a reason."),
            OpenApiParameter("limit", OpenApiTypes.INT, description=f"{PAGE} where left out, {MOST} at most."),
            OpenApiParameter("cursor", OpenApiTypes.STR, description="From `next` of an answer."),
        )
    }

    @extend_schema(responses=TodayRowSerializer(many=True), operation_id="today_list")
    def get(self, request: Request) -> Response:
        """Whom to call first, and why, the most pressing first: `{"next", "results": […]}`."""
        asked, kinds = self._asked(request), request.query_params.getlist("kind")
        if unknown := [kind for kind in kinds if kind not in reason_sources()]:
            known = ", ".join(reason_sources())
            raise serializers.ValidationError({"kind": [f"{unknown[0]} is no kind of reason; known are {known}."]})
        limit, listed = page_size(request, usual=PAGE, most=MOST), today_list(asked=asked, kinds=kinds)
        start = _start(request, listed.rows)
        page = listed.rows[start : start + limit]
        rows = rows_told(gathered=page, asked=asked)
        more = len(listed.rows) > start + limit
        return Response(
            {
                "count": len(listed.rows),
                "next": _next(request, page[-1].mark) if more else None,
                "as_of": asked.day,
                "results": TodayRowSerializer(rows, many=True).data,
            }
        )

    def _asked(self, request: Request) -> Asked:
        today, shown = local_date(self.tenant.timezone, now()), shown_day(tenant=self.tenant)
        member = None
        if email := request.query_params.get("csm"):
            member = Member.objects.select_related("user").filter(user__email__iexact=email).first()
            if member is None:
                raise serializers.ValidationError({"csm": ["Nobody here has this e-mail address."]})
        return Asked(self.tenant, member, member is not None, shown.day if shown else today, today)


def _start(request: Request, rows: Sequence[Gathered]) -> int:
    """The place that a cursor means; 400 for one that no page of ours gave."""
    cursor = request.query_params.get("cursor", "")
    if not cursor:
        return 0
    try:
        start = after(rows, urlsafe_b64decode(cursor.encode()).decode("ascii"))
    except (Base64Error, UnicodeError, ValueError):
        start = None
    if start is None:
        raise serializers.ValidationError({"cursor": [BAD_CURSOR]})
    return start


def _next(request: Request, mark: str) -> str:
    query = request.query_params.copy()
    query["cursor"] = urlsafe_b64encode(mark.encode()).decode()
    return request.build_absolute_uri(f"{request.path}?{query.urlencode()}")
