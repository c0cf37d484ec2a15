"""Every address of the product."""

from django.urls import URLPattern, URLResolver, include, path

from accounts.urls import tenant_urlpatterns as accounts_pages
from common.styleguide import styleguide
from health.urls import tenant_urlpatterns as health_pages
from imports.urls import tenant_urlpatterns as imports_pages
from pipeline.urls import tenant_urlpatterns as pipeline_pages
from pipeline.views import healthz
from playbooks.urls import tenant_urlpatterns as playbooks_pages
from portfolio.urls import tenant_urlpatterns as portfolio_pages
from renewals.urls import tenant_urlpatterns as renewals_pages
from service.urls import tenant_urlpatterns as service_pages
from tenants.urls import tenant_urlpatterns as tenants_pages
from usage.urls import tenant_urlpatterns as usage_pages

TENANT_PAGES: list[URLPattern] = [
    *portfolio_pages,
    *accounts_pages,
    *imports_pages,
    *usage_pages,
    *service_pages,
    *health_pages,
    *renewals_pages,
    *playbooks_pages,
    *pipeline_pages,
    *tenants_pages,
]

handler400 = "tenants.api_views.bad_request"
handler404 = "tenants.api_views.page_not_found"
handler500 = "tenants.api_views.server_error"

urlpatterns: list[URLPattern | URLResolver] = [
    path("healthz", healthz, name="healthz"),
    path("", include("usage.urls_intake")),
    path("api/v1/", include("portfolio.api.urls")),
    path("accounts/", include("allauth.urls")),
    path("", include("service.urls")),
    path("styleguide/", styleguide, name="styleguide"),
    path("t/<slug:slug>/", include(TENANT_PAGES)),
    path("", include("tenants.urls")),
]
