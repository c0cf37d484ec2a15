"""Accounts, their metrics and their health over the API."""

from datetime import timedelta
from typing import Any

from django.db.models import QuerySet
from django.http import Http404
from django.utils.timezone import now
from django_filters import rest_framework as filters
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models import Account, LifecycleStage
from accounts.selectors.fields import field_list, tags_of, values_of_ids
from accounts.services import ArchivedAccounts, DerivedFields, account_change, accounts_upsert
from accounts.services.groups import CircleError, UnknownParentError, parents_by_id
from health.certainty import spans_of
from health.models import Rescoring
from health.overrides import overrides_standing
from health.rollup import rollup_of
from health.selectors import rescored_of_account, rescorings_done, scores_of_account, scores_of_day
from operations.days import local_date
from operations.selectors import shown_day
from portfolio.api.serializers import (
    AccountSerializer,
    AccountWriteSerializer,
    PeriodSerializer,
    by_place,
    metric_row,
    score_row,
    write_context,
)
from tenants.api_schema import PAGES
from tenants.api_views import RowPages, ScopedAPIView
from usage.feeds import feed_held
from usage.selectors import metrics_of_account

BULK_MOST = 1000
PERIOD = (
    OpenApiParameter("from", OpenApiTypes.DATE, required=True),
    OpenApiParameter("to", OpenApiTypes.DATE, required=True),
    OpenApiParameter("basis", enum=["known", "reported"], description="As known now (default) or as reported then."),
)
HEALTH_PERIOD = (
    *PERIOD[:2],
    OpenApiParameter(
        "basis",
        enum=["known", "reported", "rescored"],
        description="As known now (default), as reported then, or scored again under a version (hypothetical).",
    ),
    OpenApiParameter(
        "scorecard", OpenApiTypes.INT, description="With `basis=rescored`: whose rescored past, else the first one's."
    ),
)


FILTERS = (
    OpenApiParameter("external_id", OpenApiTypes.STR),
    OpenApiParameter("segment", OpenApiTypes.STR),
    OpenApiParameter("industry", OpenApiTypes.STR),
    OpenApiParameter("lifecycle_stage", enum=LifecycleStage.values),
    OpenApiParameter("csm", OpenApiTypes.EMAIL),
    OpenApiParameter("renewal_from", OpenApiTypes.DATE, description="Renews on this day or later."),
    OpenApiParameter("renewal_to", OpenApiTypes.DATE, description="Renews before this day."),
    *PAGES,
)


class AccountFilter(filters.FilterSet):  # type: ignore[misc]  # django-filter carries no types
    """What accounts can be filtered by."""

    external_id = filters.CharFilter()
    segment = filters.CharFilter()
    industry = filters.CharFilter()
    lifecycle_stage = filters.CharFilter()
    csm = filters.CharFilter(field_name="csm__user__email", lookup_expr="iexact")
    renewal_from = filters.DateFilter(field_name="renewal_date", lookup_expr="gte")
    renewal_to = filters.DateFilter(field_name="renewal_date", lookup_expr="lt")

    class Meta:
        model = Account
        fields: list[str] = []


class AccountView(ScopedAPIView):
    """What the views of accounts share."""

    def accounts(self) -> QuerySet[Account]:
        """The live accounts of the key's tenant."""
        return Account.objects.filter(archived_at=None).select_related("csm__user", "tier", "parent")

    def account(self, pk: int) -> Account:
        """One account; 404 when it is not the tenant's."""
        found = self.accounts().filter(pk=pk).first()
        if found is None:
            raise Http404("No such account.")
        return found

    def shown(self, accounts: list[Account]) -> list[dict[str, Any]]:
        """The accounts with the health of the shown day and their custom fields, in a constant number of queries."""
        shown = shown_day(tenant=self.tenant)
        scores = scores_of_day(day=shown.day, account_ids=[a.pk for a in accounts]) if shown else {}
        fields, ids = field_list(), [account.pk for account in accounts]
        context = {
            "scores": scores,
            "spans": dict(zip(scores, spans_of(list(scores.values())), strict=True)),
            "as_of": shown.day if shown else None,
            "overrides": overrides_standing(day=local_date(self.tenant.timezone, now()), account_ids=ids),
            "fields": fields,
            "custom": values_of_ids(ids=ids, fields=fields),
            "tags": tags_of(account_ids=ids),
        }
        return list(AccountSerializer(accounts, many=True, context=context).data)

    def period(self, request: Request) -> dict[str, Any]:
        """The asked period as half-open `start`, `end`, and whether the reported figures are asked for."""
        asked = PeriodSerializer(data=request.query_params)
        asked.is_valid(raise_exception=True)
        return {
            "start": asked.validated_data["from"],
            "end": asked.validated_data["to"] + timedelta(days=1),
            "reported": request.query_params.get("basis") == "reported",
        }


class AccountList(AccountView):
    """`GET /api/v1/accounts/`."""

    scopes = {"GET": "accounts:read"}
    takes = {"GET": FILTERS}

    @extend_schema(responses=AccountSerializer(many=True), operation_id="accounts_list")
    def get(self, request: Request) -> Response:
        """Accounts, filtered, by pages."""
        chosen = AccountFilter(request.query_params, queryset=self.accounts())
        if not chosen.is_valid():
            raise serializers.ValidationError(chosen.errors)
        pages = RowPages()
        page: list[Account] | None = pages.paginate_queryset(chosen.qs, request, view=self)
        return pages.get_paginated_response(self.shown(page or []))


class AccountDetail(AccountView):
    """`GET|PATCH /api/v1/accounts/{id}/`."""

    scopes = {"GET": "accounts:read", "PATCH": "accounts:write"}

    @extend_schema(responses=AccountSerializer)
    def get(self, request: Request, pk: int) -> Response:
        """One account."""
        return Response(self.shown([self.account(pk)])[0])

    @extend_schema(request=AccountWriteSerializer, responses=AccountSerializer)
    def patch(self, request: Request, pk: int) -> Response:
        """Change the named fields."""
        account = self.account(pk)
        asked = AccountWriteSerializer(data=request.data, partial=True, context=write_context())
        asked.is_valid(raise_exception=True)
        values = {name: value for name, value in asked.validated_data.items() if name != "external_id"}
        if "parent_external_id" in values:
            values["parent"] = _parent(values.pop("parent_external_id"))
        try:
            account_change(account=account, values=values, at=now(), by=None, label=str(self.key))
        except CircleError as fault:
            raise serializers.ValidationError({"parent_external_id": fault.messages}) from fault
        return Response(self.shown([account])[0])


class AccountBulk(AccountView):
    """`POST /api/v1/accounts/bulk/`."""

    scopes = {"POST": "accounts:write"}

    @extend_schema(request=AccountWriteSerializer(many=True), responses=None)
    def post(self, request: Request) -> Response:
        """Create or change up to 1,000 accounts by external id, all or none. Twice is the same as once.

        An archived account refuses: its row gets an error, and nothing of the list is applied. So do `arr`, `currency`,
        `seats`, `renewal_date` and `contract_start` of an account whose contract lines decide them.
        """
        if not isinstance(request.data, list) or not 0 < len(request.data) <= BULK_MOST:
            raise serializers.ValidationError([f"Send a list of 1 to {BULK_MOST} accounts."])
        asked = AccountWriteSerializer(data=request.data, many=True, context=write_context())
        asked.is_valid(raise_exception=True)
        rows = asked.validated_data
        try:
            done = accounts_upsert(tenant=self.tenant, rows=rows, at=now(), by=None, label=str(self.key))
        except ArchivedAccounts as fault:
            gone = [row["external_id"] in fault.external_ids for row in rows]
            faults = [{"external_id": fault.messages} if archived else {} for archived in gone]
            raise serializers.ValidationError(by_place(faults)) from fault
        except (CircleError, UnknownParentError) as fault:
            raise serializers.ValidationError(fault.message_dict) from fault
        except DerivedFields as fault:
            found = [fault.faults.get(row["external_id"], {}) for row in rows]
            derived = [{field: [reason] for field, reason in fields.items()} for fields in found]
            raise serializers.ValidationError(by_place(derived)) from fault
        counts = {what: sum(1 for result, _a in done if result == what) for what in ("created", "changed", "unchanged")}
        results = [{"external_id": account.external_id, "id": account.pk, "result": result} for result, account in done]
        return Response({**counts, "results": results}, status=status.HTTP_200_OK)


def _parent(external_id: str | None) -> Account | None:
    """The account with this external id; 400 where there is none."""
    try:
        return parents_by_id([{"parent_external_id": external_id}], {}).get(external_id or "")
    except UnknownParentError as fault:
        raise serializers.ValidationError(fault.message_dict) from fault


class AccountMetrics(AccountView):
    """`GET /api/v1/accounts/{id}/metrics/?from=&to=`."""

    scopes = {"GET": "accounts:read"}
    takes = {"GET": PERIOD}

    @extend_schema(responses=OpenApiTypes.OBJECT)
    def get(self, request: Request, pk: int) -> Response:
        """The activity metrics per date; what is not defined is null."""
        account = self.account(pk)
        rows = metrics_of_account(account=account, **self.period(request))
        return Response({"account": account.pk, "results": [metric_row(row) for row in rows]})


class AccountHealth(AccountView):
    """`GET /api/v1/accounts/{id}/health/?from=&to=`."""

    scopes = {"GET": "accounts:read"}
    takes = {"GET": HEALTH_PERIOD}

    @extend_schema(responses=OpenApiTypes.OBJECT)
    def get(self, request: Request, pk: int) -> Response:
        """The score per date with its measures; no score is `score: null, band: "unknown"`. While measures are missing
        the truth lies between `low` and `high`; `uncertain` where these fall in another band. `feed`, as of the last
        date: since when no use came in of any account, and whether events of this account wait to be counted.

        `basis=rescored` answers what a version would have said, and names it in `rescored`; 404 where no past was
        scored again.
        """
        account, period = self.account(pk), self.period(request)
        about: dict[str, Any] = {"account": account.pk}
        if request.query_params.get("basis") == "rescored":
            run = self._run(request)
            rows: Any = rescored_of_account(account=account, run=run, start=period["start"], end=period["end"])
            about["rescored"] = {"id": run.pk, "scorecard": run.scorecard_id, "version": run.version.number}
        else:
            rows = scores_of_account(account=account, **period)
            held = feed_held(account_id=account.pk, day=period["end"] - timedelta(days=1))
            since = held.since.isoformat() if held.since else None
            about["feed"] = {"held_since": since, "waiting": held.waiting}
        found = [score_row(row, span) for row, span in zip(rows, spans_of(rows), strict=True)]
        return Response({**about, "results": found})

    @staticmethod
    def _run(request: Request) -> Rescoring:
        """The finished rescoring that is asked for: of the card `scorecard`, else the first; 404 where none is."""
        card = request.query_params.get("scorecard")
        run = next((one for one in rescorings_done() if card in (None, "", str(one.scorecard_id))), None)
        if run is None:
            raise Http404("No past was scored again.")
        return run


class AccountRollup(AccountView):
    """`GET /api/v1/accounts/{id}/rollup/`."""

    scopes = {"GET": "accounts:read"}

    @extend_schema(responses=OpenApiTypes.OBJECT)
    def get(self, request: Request, pk: int) -> Response:
        """The health of the account and all that belong to it: mean, worst, weighted by ARR, share in each band."""
        account, shown = self.account(pk), shown_day(tenant=self.tenant)
        if shown is None:
            return Response({"account": account.pk, "as_of": None, "accounts": 0, "results": []})
        found = rollup_of(account=account, day=shown.day)
        figures = {"mean": found.mean, "weighted": found.weighted, "worst": found.worst.score if found.worst else None}
        return Response(
            {
                "account": account.pk,
                "as_of": shown.day.isoformat(),
                "accounts": found.accounts,
                "scored": found.scored,
                **{name: None if value is None else round(float(value), 4) for name, value in figures.items()},
                "arr": str(round(found.arr, 2)),
                "bands": [{"band": band, "accounts": n, "share": round(share, 6)} for band, n, share in found.shares],
                "results": [
                    {
                        "id": row.account.pk,
                        "external_id": row.account.external_id,
                        "level": row.level,
                        "score": row.score,
                        "band": row.band,
                    }
                    for row in found.rows
                ],
            }
        )
