"""Addresses of the renewals pages of a tenant."""

from django.urls import URLPattern, path

from renewals import views

tenant_urlpatterns: list[URLPattern] = [
    path("retention/", views.retention, name="retention"),
    path("retention/data.csv", views.retention_csv, name="retention_csv"),
    path("retention/rows/", views.retention_rows, name="retention_rows"),
    path("retention/rows.csv", views.retention_rows_csv, name="retention_rows_csv"),
    path("retention/rows/<int:pk>/", views.retention_lines, name="retention_lines"),
    path("retention/rivals/", views.retention_rivals, name="retention_rivals"),
    path("retention/cohorts/", views.retention_cohorts, name="retention_cohorts"),
    path("retention/settings/", views.revenue_settings, name="revenue_settings"),
]
