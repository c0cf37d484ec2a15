"""Addresses of the alert rules and of what people do with alerts."""

from django.urls import path

from playbooks import settings_pages, views

tenant_urlpatterns = [
    path("alerts/rules/", settings_pages.alert_rules, name="alert_rules"),
    path("alerts/rules/<slug:rule>/", settings_pages.alert_rule_edit, name="alert_rule_edit"),
    path("alerts/<int:pk>/done/", views.done, name="alert_done"),
    path("alerts/<int:pk>/snooze/", views.snooze, name="alert_snooze"),
    path("alerts/<int:pk>/undo/", views.undo, name="alert_undo"),
]
