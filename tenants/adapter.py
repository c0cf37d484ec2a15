"""How the sign-in library behaves here."""

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]  # allauth carries no types
    """No open sign-up: people come by invitation, tenants by platform staff."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Never."""
        return False
