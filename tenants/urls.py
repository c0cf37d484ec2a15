"""Addresses of people and settings."""

from django.urls import path

from tenants import settings_pages, views

urlpatterns = [
    path("", views.home, name="home"),
    path("me/", views.person, name="person"),
    path("me/language/", views.language_set, name="set_language"),
    path("join/<str:token>/", views.join, name="join"),
    path("platform/", views.platform, name="platform"),
    path("demo/mail/", views.demo_mail, name="demo_mail"),
]

tenant_urlpatterns = [
    path("members/", settings_pages.members, name="members"),
    path("members/<int:pk>/", settings_pages.member_edit, name="member_edit"),
    path("members/invitations/<int:pk>/withdraw/", settings_pages.invitation_withdraw, name="invitation_withdraw"),
    path("keys/", settings_pages.keys, name="keys"),
    path("keys/<int:pk>/withdraw/", settings_pages.key_withdraw, name="key_withdraw"),
    path("audit/", settings_pages.audit, name="audit"),
    path("settings/", settings_pages.tenant_settings, name="tenant_settings"),
]
