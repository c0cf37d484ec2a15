"""The app of operations."""

from django.apps import AppConfig


class OperationsConfig(AppConfig):
    """Says what of persons its tables hold."""

    name = "operations"

    def ready(self) -> None:
        """Declare them."""
        from operations.personal import declare_all

        declare_all()
