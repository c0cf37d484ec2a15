"""Addresses of what people do with alerts."""

from django.urls import path

from playbooks import views

tenant_urlpatterns = [
    path("alerts/<int:pk>/done/", views.done, name="alert_done"),
    path("alerts/<int:pk>/snooze/", views.snooze, name="alert_snooze"),
    path("alerts/<int:pk>/undo/", views.undo, name="alert_undo"),
]
