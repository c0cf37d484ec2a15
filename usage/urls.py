"""Addresses of the usage pages of a tenant."""

from django.urls import URLPattern

tenant_urlpatterns: list[URLPattern] = []
