"""Addresses of the service pages of a tenant."""

from django.urls import URLPattern, path

from service import views

tenant_urlpatterns: list[URLPattern] = [
    path("service/", views.service, name="service"),
    path("service/weeks.csv", views.service_csv, name="service_csv"),
    path("account/<int:pk>/tickets/", views.account_tickets, name="account_tickets"),
]
