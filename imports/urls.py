"""Addresses of the imports of a tenant."""

from django.urls import URLPattern, path, re_path

from imports import views

tenant_urlpatterns: list[URLPattern] = [
    path("import/", views.imports, name="import"),
    path("import/<int:pk>/", views.import_run, name="import_run"),
    path("import/<int:pk>/columns/", views.import_columns, name="import_columns"),
    path("import/<int:pk>/accept/", views.import_accept_page, name="import_accept"),
    path("import/<int:pk>/go/", views.import_go_page, name="import_go"),
    path("import/<int:pk>/again/", views.import_again, name="import_again"),
    path("import/<int:pk>/undo/", views.import_undo_page, name="import_undo"),
    path("import/<int:pk>/discard/", views.import_discard_page, name="import_discard"),
    path("import/<int:pk>/progress/", views.import_progress, name="import_progress"),
    re_path(r"^import/(?P<pk>\d{1,18})/refused\.(?P<kind>csv|xlsx)$", views.import_refused, name="import_refused"),
]
