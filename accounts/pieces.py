"""Parts of the account page that come after it: opened by themselves they stand in a page of their account."""

from typing import Any

from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.utils.safestring import mark_safe

from accounts.selectors import visible_to
from common.pieces import piece


def _whole(request: Any, answer: HttpResponseBase, pk: int, **_more: Any) -> HttpResponseBase:
    """The part under its account's name, with the way to the whole page."""
    account = get_object_or_404(visible_to(request.member), pk=pk)
    if not isinstance(answer, HttpResponse):
        raise TypeError("a part of a page is no stream")
    part = mark_safe(answer.content.decode())  # noqa: S308  our own template wrote it, escaped
    return render(request, "accounts/piece.html", {"account": account, "part": part})


account_piece = piece(_whole)
