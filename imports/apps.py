"""The app of imports."""

from django.apps import AppConfig


class ImportsConfig(AppConfig):
    """Other rooms register what can be imported."""

    name = "imports"
