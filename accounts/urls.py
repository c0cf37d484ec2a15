"""Addresses of accounts, contacts, touches, events, imports and saved views."""

from django.urls import path

from accounts import event_pages, people_pages, settings_pages, touch_pages, views

tenant_urlpatterns = [
    path("account/new/", views.account_new, name="account_new"),
    path("account/<int:pk>/edit/", views.account_edit, name="account_edit"),
    path("account/<int:pk>/archive/", views.account_archive_page, name="account_archive"),
    path("account/<int:pk>/restore/", views.account_restore_page, name="account_restore"),
    path("account/<int:pk>/contacts/new/", people_pages.contact_edit, name="contact_new"),
    path("account/<int:pk>/contacts/<int:contact_pk>/", people_pages.contact_edit, name="contact_edit"),
    path("account/<int:pk>/contacts/<int:contact_pk>/remove/", people_pages.contact_remove, name="contact_remove"),
    path("account/<int:pk>/contacts/<int:contact_pk>/conviction/", people_pages.conviction_new, name="conviction_new"),
    path("account/<int:pk>/touches/new/", touch_pages.touch_new, name="touch_new"),
    path("account/<int:pk>/touches/<int:touch_pk>/", touch_pages.touch_edit, name="touch_edit"),
    path("account/<int:pk>/touches/<int:touch_pk>/remove/", touch_pages.touch_remove, name="touch_remove"),
    path("account/<int:pk>/mail/", touch_pages.mail_upload, name="mail_upload"),
    path("steps/when", touch_pages.step_when, name="step_when"),
    path("steps/<int:pk>/", touch_pages.step_set, name="step_set"),
    path("events/", event_pages.events, name="events"),
    path("events/new/", event_pages.event_edit, name="event_new"),
    path("events/<int:pk>/", event_pages.event_page, name="event"),
    path("events/<int:pk>/edit/", event_pages.event_edit, name="event_edit"),
    path("events/<int:pk>/invite/", event_pages.event_invite, name="event_invite"),
    path("events/<int:pk>/people/<int:invitee_pk>/", event_pages.invitee_set, name="invitee_set"),
    path("accounts/assign/", views.assign, name="accounts_assign"),
    path("accounts/archived/", views.archived, name="accounts_archived"),
    path("views/save/", views.view_save, name="view_save"),
    path("views/<int:pk>/delete/", views.view_delete, name="view_delete"),
    path("import/", settings_pages.import_page, name="import"),
    path("import/<int:pk>/", settings_pages.import_run, name="import_run"),
    path("import/<int:pk>/apply/", settings_pages.import_apply, name="import_apply"),
]
