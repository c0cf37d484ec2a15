"""Addresses of accounts, contacts, touches, imports and saved views."""

from django.urls import path

from accounts import settings_pages, views

tenant_urlpatterns = [
    path("account/new/", views.account_new, name="account_new"),
    path("account/<int:pk>/edit/", views.account_edit, name="account_edit"),
    path("account/<int:pk>/archive/", views.account_archive_page, name="account_archive"),
    path("account/<int:pk>/restore/", views.account_restore_page, name="account_restore"),
    path("account/<int:pk>/contacts/new/", views.contact_edit, name="contact_new"),
    path("account/<int:pk>/contacts/<int:contact_pk>/", views.contact_edit, name="contact_edit"),
    path("account/<int:pk>/contacts/<int:contact_pk>/remove/", views.contact_remove, name="contact_remove"),
    path("account/<int:pk>/touches/new/", views.touch_new, name="touch_new"),
    path("accounts/assign/", views.assign, name="accounts_assign"),
    path("accounts/archived/", views.archived, name="accounts_archived"),
    path("views/save/", views.view_save, name="view_save"),
    path("views/<int:pk>/delete/", views.view_delete, name="view_delete"),
    path("import/", settings_pages.import_page, name="import"),
    path("import/<int:pk>/", settings_pages.import_run, name="import_run"),
    path("import/<int:pk>/apply/", settings_pages.import_apply, name="import_apply"),
]
