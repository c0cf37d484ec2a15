"""Where a form may lead back to."""

from django.http import HttpRequest
from django.utils.http import url_has_allowed_host_and_scheme


def own_place(request: HttpRequest, there: str, otherwise: str) -> str:
    """`there` when it is an address of this site as its links are written, beginning with a slash; else `otherwise`.

    A bare word is none: what redirects would take it for the name of a view.
    """
    safe = url_has_allowed_host_and_scheme(there, {request.get_host()}, request.is_secure())
    return there if safe and there.startswith("/") else otherwise
