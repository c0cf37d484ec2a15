"""Pieces of pages: answers for htmx, each at an address of its own.

Such an address gets out: by a middle click, a reload, a shared link. Asked for without htmx it never answers with the
bare piece; it leads to the page that holds it, or shows the piece in one.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.cache import patch_vary_headers

View = Callable[..., HttpResponseBase]


def for_htmx(request: HttpRequest) -> bool:
    """Whether a script asks for a piece: then the answer is put into a page that is there already."""
    return bool(request.headers.get("HX-Request"))


def piece(whole: View) -> Callable[[View], View]:
    """The view answers htmx with a piece; anybody else gets `whole(request, answer, **arguments)`.

    Stands under `member_required`, whose refusals stay as they are. Only a good answer to a GET is a piece. The two
    answers are told apart by caches.
    """

    def decorate(view: View) -> View:
        @wraps(view)
        def answered(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            found = view(request, *args, **kwargs)
            if not for_htmx(request) and request.method == "GET" and found.status_code == 200:
                found = whole(request, found, *args, **kwargs)
            patch_vary_headers(found, ["HX-Request"])
            return found

        return answered

    return decorate


def leads_to(name: str, *keys: str, carried: bool = False, only: tuple[str, ...] = (), place: str = "") -> View:
    """For `piece`: go to the tenant's page `name`, with the piece's arguments `keys`.

    `carried`: with the query (`only` these names of it). `place`: the anchor there, with the arguments filled in.
    """

    def whole(request: Any, _answer: HttpResponseBase, **kwargs: Any) -> HttpResponseBase:
        url = reverse(name, args=[request.tenant.slug, *(kwargs[key] for key in keys)])
        query = [(k, v) for k, vs in request.GET.lists() for v in vs if carried and (not only or k in only) and v]
        url += "?" + urlencode(query) if query else ""
        return redirect(url + ("#" + place.format(**kwargs) if place else ""))

    return whole
