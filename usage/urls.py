"""Addresses of the usage pages of a tenant."""

from django.urls import URLPattern, path

from usage import views

tenant_urlpatterns: list[URLPattern] = [
    path("features/", views.features, name="features"),
    path("features/new/", views.feature_new, name="feature_new"),
    path("features/<int:pk>/", views.feature_edit, name="feature_edit"),
    path("features/logins/", views.logins_change, name="logins_change"),
    path("intake/", views.intake_page, name="intake"),
    path("intake/again/", views.rejected_again, name="rejected_again"),
]
