"""An address that a person can open is a whole page, a file, data, or leads to one: never a bare piece of a page.

Pieces are asked for by htmx. Opened in a new tab, reloaded or shared, their address leads to the page that holds them.
"""

import pytest
from django.urls import reverse

from .test_urls import World, world  # noqa: F401  the fixture, shared
from .url_table import TENANT_LINES

pytestmark = pytest.mark.django_db


def test_no_address_opened_in_a_tab_answers_with_a_piece_of_a_page(world: World) -> None:  # noqa: F811  the fixture
    pieces = []
    for line in (line for line in TENANT_LINES if line.method == "GET" and line.audience != "method"):
        url = reverse(line.name, args=[world.slug, *(world.ids[arg] for arg in line.args)])
        actor = "csm" if line.audience == "csm's own" else "admin"
        answer = world.clients[actor].get(url)
        is_page = answer.status_code == 200 and answer.get("Content-Type", "").startswith("text/html")
        if is_page and b"<html" not in answer.content:
            pieces.append(f"{line.name}: {url}")
    assert not pieces, "\n".join(pieces)
