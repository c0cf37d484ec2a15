"""Addresses of the tracking API, at the root of the origin."""

from django.urls import re_path

from usage.intake.views import intake

urlpatterns = [
    re_path(r"^v1/(?P<call>batch|track|identify|group|page|screen|alias)/?$", intake, name="tracking"),
]
