"""Addresses of the service pages of a tenant."""

from django.urls import URLPattern, path

from service import case_pages, help_pages, public_pages, survey_pages, views, voice_pages

tenant_urlpatterns: list[URLPattern] = [
    path("service/", views.service, name="service"),
    path("service/weeks.csv", views.service_csv, name="service_csv"),
    path("requests/", voice_pages.requests, name="requests"),
    path("requests/new/", voice_pages.request_edit, name="request_new"),
    path("requests/<int:pk>/", voice_pages.request_page, name="request"),
    path("requests/<int:pk>/edit/", voice_pages.request_edit, name="request_edit"),
    path("requests/<int:pk>/state/", voice_pages.request_state, name="request_state"),
    path("requests/<int:pk>/tell/", voice_pages.request_told, name="request_told"),
    path("requests/<int:pk>/merge/", voice_pages.request_join, name="request_join"),
    path("requests/<int:pk>/accounts/", voice_pages.request_wish, name="request_wish"),
    path("account/<int:pk>/voice/", voice_pages.account_voice, name="account_voice"),
    path("account/<int:pk>/requests/new/", voice_pages.wish_new, name="wish_new"),
    path("account/<int:pk>/requests/<int:wish_pk>/remove/", voice_pages.wish_drop, name="wish_drop"),
    path("account/<int:pk>/rivals/new/", voice_pages.rival_edit, name="rival_new"),
    path("account/<int:pk>/rivals/<int:rival_pk>/", voice_pages.rival_edit, name="rival_edit"),
    path("account/<int:pk>/rivals/<int:rival_pk>/remove/", voice_pages.rival_remove, name="rival_remove"),
    path("cases/", case_pages.cases, name="cases"),
    path("cases/new/", case_pages.case_edit, name="case_new"),
    path("cases/<int:pk>/", case_pages.case_page, name="case"),
    path("cases/<int:pk>/edit/", case_pages.case_edit, name="case_edit"),
    path("cases/<int:pk>/remove/", case_pages.case_remove, name="case_remove"),
    path("help/", help_pages.articles, name="articles"),
    path("help/page/", help_pages.help_page, name="help_page_set"),
    path("help/new/", help_pages.article_edit, name="article_new"),
    path("help/<int:pk>/", help_pages.article_page, name="article"),
    path("help/<int:pk>/edit/", help_pages.article_edit, name="article_edit"),
    path("help/<int:pk>/remove/", help_pages.article_remove, name="article_remove"),
    path("surveys/", survey_pages.surveys, name="surveys"),
    path("surveys/answers.csv", survey_pages.surveys_csv, name="surveys_csv"),
    path("account/<int:pk>/surveys/", survey_pages.account_surveys, name="account_surveys"),
    path("account/<int:pk>/surveys/ask/", survey_pages.survey_new, name="survey_new"),
    path("account/<int:pk>/tickets/", views.account_tickets, name="account_tickets"),
]

urlpatterns: list[URLPattern] = [
    path("answer/<str:token>/", survey_pages.survey, name="survey"),
    path("help/<str:token>/", public_pages.help_list, name="public_help"),
    path("help/<str:token>/<int:pk>/", public_pages.help_article, name="public_article"),
    path("help/<str:token>/<int:pk>/vote/", public_pages.help_voted, name="public_vote"),
]
