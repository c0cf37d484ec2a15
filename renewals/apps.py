"""The app of renewals."""

from django.apps import AppConfig


class RenewalsConfig(AppConfig):
    """What was kept, and what will be."""

    name = "renewals"

    def ready(self) -> None:
        """Say what of persons is held."""
        from renewals.personal import declare_all

        declare_all()
