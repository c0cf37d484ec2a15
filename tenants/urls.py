"""Addresses of people and settings."""

from django.urls import path

from tenants import person_pages, settings_pages, views

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
    path("personal-data/", person_pages.personal_data, name="personal_data"),
    path("personal-data/export/", person_pages.personal_data_export, name="personal_data_export"),
    path("personal-data/erase/", person_pages.personal_data_erase, name="personal_data_erase"),
    path("personal-data/allow/", person_pages.personal_data_allow, name="personal_data_allow"),
    path("audit/", settings_pages.audit, name="audit"),
    path("settings/", settings_pages.tenant_settings, name="tenant_settings"),
]
