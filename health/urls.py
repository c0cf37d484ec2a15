"""Addresses of the scorecards and of bands set by hand."""

from django.urls import path

from health import backtest_views, card_views, draft_views, lint_views, override_views, rescore_views, views

tenant_urlpatterns = [
    path("scorecard/", views.scorecard, name="scorecard"),
    path("scorecard/new/", card_views.card_new, name="scorecard_new"),
    path("scorecard/second/", card_views.second_admin, name="scorecard_second"),
    path("scorecard/<int:pk>/", views.scorecard_card, name="scorecard_card"),
    path("scorecard/<int:pk>/lint/", lint_views.card_lint, name="scorecard_lint"),
    path("scorecard/<int:pk>/preview/", views.scorecard_preview, name="scorecard_preview"),
    path("scorecard/<int:pk>/publish/", views.scorecard_publish, name="scorecard_publish"),
    path("scorecard/<int:pk>/discard/", views.scorecard_discard, name="scorecard_discard"),
    path("scorecard/<int:pk>/scope/", card_views.card_scope_set, name="scorecard_scope"),
    path("scorecard/<int:pk>/move/", card_views.card_move_to, name="scorecard_move"),
    path("scorecard/<int:pk>/remove/", card_views.card_remove, name="scorecard_remove"),
    path("scorecard/<int:pk>/back/", card_views.card_bring_back, name="scorecard_bring_back"),
    path("scorecard/<int:pk>/back-test/", backtest_views.backtest, name="scorecard_backtest"),
    path("scorecard/<int:pk>/back-test/start/", backtest_views.backtest_ask, name="scorecard_backtest_start"),
    path("scorecard/back-tests/<int:pk>/", backtest_views.backtest_progress, name="scorecard_backtest_progress"),
    path("scorecard/<int:pk>/rescored/", rescore_views.rescored, name="scorecard_rescored"),
    path("scorecard/<int:pk>/rescored/start/", rescore_views.rescore_ask, name="scorecard_rescore"),
    path("scorecard/rescorings/<int:pk>/", rescore_views.rescore_progress, name="scorecard_rescore_progress"),
    path("scorecard/rescorings/<int:pk>/remove/", rescore_views.rescore_remove, name="scorecard_rescore_remove"),
    path("scorecard/<int:pk>/compare/", card_views.versions_compare, name="scorecard_compare"),
    path("scorecard/<int:pk>/<int:number>/again/", card_views.version_back, name="scorecard_version_back"),
    path("scorecard/<int:pk>/<int:number>/off/", card_views.version_call_off, name="scorecard_version_off"),
    path("scorecard/drafts/<int:pk>/", draft_views.draft_page, name="scorecard_draft"),
    path("scorecard/drafts/<int:pk>/say/", draft_views.draft_say, name="scorecard_draft_say"),
    path("scorecard/drafts/<int:pk>/decide/", draft_views.draft_decide, name="scorecard_draft_decide"),
    path("scorecard/drafts/<int:pk>/take-up/", draft_views.draft_take_up, name="scorecard_draft_take_up"),
    path("scorecard/overrides/", override_views.overrides, name="overrides"),
    path("account/<int:pk>/override/", override_views.account_override, name="account_override"),
    path("overrides/<int:pk>/end/", override_views.override_stop, name="override_stop"),
]
