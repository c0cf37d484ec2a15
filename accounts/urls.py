"""Addresses of accounts, contacts, touches, imports and saved views."""

from django.urls import path

from accounts import field_pages, segment_pages, settings_pages, table_pages, views

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
    path("account/<int:pk>/cell/<str:key>/", table_pages.account_cell, name="account_cell"),
    path("accounts/bulk/", table_pages.accounts_bulk, name="accounts_bulk"),
    path("accounts/paste/", table_pages.accounts_paste, name="accounts_paste"),
    path("accounts/undo/<int:pk>/", table_pages.bulk_undo_page, name="bulk_undo"),
    path("segments/", segment_pages.segments, name="segments"),
    path("segments/new/", segment_pages.segment_new, name="segment_new"),
    path("segments/count/", segment_pages.segment_count, name="segment_count"),
    path("segments/<int:pk>/", segment_pages.segment_edit, name="segment_edit"),
    path("segments/<int:pk>/delete/", segment_pages.segment_remove, name="segment_remove"),
    path("segments/<int:pk>/restore/", segment_pages.segment_back, name="segment_back"),
    path("fields/", field_pages.fields, name="fields"),
    path("fields/<int:pk>/", field_pages.field_edit, name="field_edit"),
    path("fields/<int:pk>/do/", field_pages.field_do, name="field_do"),
    path("accounts/archived/", views.archived, name="accounts_archived"),
    path("views/save/", views.view_save, name="view_save"),
    path("views/<int:pk>/edit/", views.view_edit, name="view_edit"),
    path("views/restore/", views.view_restore, name="view_restore"),
    path("views/<int:pk>/delete/", views.view_delete, name="view_delete"),
    path("import/", settings_pages.import_page, name="import"),
    path("import/<int:pk>/", settings_pages.import_run, name="import_run"),
    path("import/<int:pk>/apply/", settings_pages.import_apply, name="import_apply"),
]
