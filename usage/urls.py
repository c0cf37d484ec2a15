"""Addresses of the usage pages of a tenant."""

from django.urls import URLPattern, path

from usage import views

tenant_urlpatterns: list[URLPattern] = [
    path("features/", views.features, name="features"),
    path("features/new/", views.feature_new, name="feature_new"),
    path("features/<int:pk>/", views.feature_edit, name="feature_edit"),
    path("features/logins/", views.logins_change, name="logins_change"),
    path("account/<int:pk>/users/<int:user_pk>/", views.person_link_set, name="person_link"),
    path("intake/", views.intake_page, name="intake"),
    path("intake/again/", views.rejected_again, name="rejected_again"),
]
