"""Addresses of the scorecard."""

from django.urls import path

from health import views

tenant_urlpatterns = [
    path("scorecard/", views.scorecard, name="scorecard"),
    path("scorecard/preview/", views.scorecard_preview, name="scorecard_preview"),
    path("scorecard/publish/", views.scorecard_publish_page, name="scorecard_publish"),
    path("scorecard/discard/", views.scorecard_discard, name="scorecard_discard"),
]
