"""Addresses below `/api/v1/`."""

from typing import Any

from django.urls import path
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView

from imports import api as imports
from portfolio.api import (
    accounts,
    answers,
    catalogue,
    contracts,
    features,
    handovers,
    lifecycle,
    payments,
    people,
    persons,
    scorecard,
    tiers,
    today,
    voice,
)
from service import api as tickets

SCHEMA: dict[str, Any] = {"authentication_classes": [], "permission_classes": []}

urlpatterns = [
    path("accounts/", accounts.AccountList.as_view(), name="api-accounts"),
    path("accounts/bulk/", accounts.AccountBulk.as_view(), name="api-accounts-bulk"),
    path("accounts/<int:pk>/", accounts.AccountDetail.as_view(), name="api-account"),
    path("accounts/<int:pk>/metrics/", accounts.AccountMetrics.as_view(), name="api-account-metrics"),
    path("accounts/<int:pk>/health/", accounts.AccountHealth.as_view(), name="api-account-health"),
    path("contracts/", contracts.ContractList.as_view(), name="api-contracts"),
    path("contracts/bulk/", contracts.ContractBulk.as_view(), name="api-contracts-bulk"),
    path("products/", catalogue.ProductList.as_view(), name="api-products"),
    path("exchange-rates/", catalogue.RateList.as_view(), name="api-rates"),
    path("contacts/", people.ContactList.as_view(), name="api-contacts"),
    path("contacts/bulk/", people.ContactBulk.as_view(), name="api-contacts-bulk"),
    path("touches/", people.TouchList.as_view(), name="api-touches"),
    path("touches/bulk/", people.TouchBulk.as_view(), name="api-touches-bulk"),
    path("handovers/", handovers.HandoverList.as_view(), name="api-handovers"),
    path("handovers/bulk/", handovers.HandoverBulk.as_view(), name="api-handovers-bulk"),
    path("features/", features.FeatureList.as_view(), name="api-features"),
    path("features/<slug:key>/", features.FeatureDetail.as_view(), name="api-feature"),
    path("lifecycle/", lifecycle.StageList.as_view(), name="api-lifecycle"),
    path("lifecycle/funnel/", lifecycle.Funnel.as_view(), name="api-lifecycle-funnel"),
    path("lifecycle/<slug:stage>/", lifecycle.StageDetail.as_view(), name="api-lifecycle-stage"),
    path("stage-moves/", lifecycle.MoveList.as_view(), name="api-stage-moves"),
    path("stage-moves/<int:pk>/", lifecycle.MoveDetail.as_view(), name="api-stage-move"),
    path("payments/", payments.PaymentList.as_view(), name="api-payments"),
    path("payments/bulk/", payments.PaymentBulk.as_view(), name="api-payments-bulk"),
    path("csm-targets/", payments.TargetSet.as_view(), name="api-csm-targets"),
    path("capacity/", payments.Capacity.as_view(), name="api-capacity"),
    path("tiers/", tiers.TierList.as_view(), name="api-tiers"),
    path("owed/", tiers.OwedList.as_view(), name="api-owed"),
    path("today/", today.TodayList.as_view(), name="api-today"),
    path("imports/", imports.ImportList.as_view(), name="api-imports"),
    path("tickets/", tickets.TicketList.as_view(), name="api-tickets"),
    path("tickets/bulk/", tickets.TicketBulk.as_view(), name="api-tickets-bulk"),
    path("requests/", voice.RequestList.as_view(), name="api-requests"),
    path("requests/bulk/", voice.RequestBulk.as_view(), name="api-requests-bulk"),
    path("cases/", voice.CaseList.as_view(), name="api-cases"),
    path("cases/bulk/", voice.CaseBulk.as_view(), name="api-cases-bulk"),
    path("help-articles/", answers.ArticleList.as_view(), name="api-articles"),
    path("help-articles/bulk/", answers.ArticleBulk.as_view(), name="api-articles-bulk"),
    path("survey-answers/", answers.AnswerList.as_view(), name="api-answers"),
    path("survey-answers/bulk/", answers.AnswerBulk.as_view(), name="api-answers-bulk"),
    path("scorecard/", scorecard.ScorecardView.as_view(), name="api-scorecard"),
    path("persons/find/", persons.PersonFind.as_view(), name="api-persons-find"),
    path("persons/export/", persons.PersonExport.as_view(), name="api-persons-export"),
    path("persons/erase/", persons.PersonErase.as_view(), name="api-persons-erase"),
    path("schema/", SpectacularAPIView.as_view(**SCHEMA), name="api-schema"),
    path("docs/", SpectacularSwaggerSplitView.as_view(url_name="api-schema", **SCHEMA), name="api-docs"),
]
