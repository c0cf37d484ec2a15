"""The app of imports."""

from django.apps import AppConfig


class ImportsConfig(AppConfig):
    """Other rooms register what can be imported."""

    name = "imports"

    def ready(self) -> None:
        """Say what of persons its tables hold."""
        from imports.personal import declare_all

        declare_all()
