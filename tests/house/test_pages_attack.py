"""What pages must withstand: odd values under every name that an address reads, in its query and in its form.

The names are those that the view itself asks for, so a new field of a form is attacked without a line here.
"""

from collections.abc import Iterator
from typing import Any
from urllib.parse import quote_plus

import pytest
from django.db import transaction
from django.http import QueryDict
from django.test import Client
from django.urls import reverse

from tests.house.test_urls import NAMED, World, world  # noqa: F401 - a fixture
from tests.house.url_table import TENANT_LINES, Line

pytestmark = pytest.mark.django_db
# Percent-encoded, so that what no text can hold can be sent too.
ODD = ("a%00b", "9" * 30, "9999-12-31", "%ED%A0%80")
ALONE = ("9999-12-31",)  # under one name, so that a refusal of another name hides nothing
MANY = 6  # the portfolio reads a name for each of its columns
PARTS = 4  # so that several workers share the addresses


class Asked:
    """Which names of the query and of the form a view asks for."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.names: set[str] = set()
        for method in ("__getitem__", "get", "getlist", "__contains__", "pop"):
            monkeypatch.setattr(QueryDict, method, self._noting(getattr(QueryDict, method)))

    def _noting(self, method: Any) -> Any:
        def noting(held: QueryDict, key: str, *more: Any, **named: Any) -> Any:
            self.names.add(key)
            return method(held, key, *more, **named)

        return noting


def base(line: Line, ids: dict[str, Any]) -> dict[str, str]:
    """What the table sends, as texts that are percent-encoded."""
    sent = {name: ids.get(value, value) if name in NAMED else value for name, value in line.send.items()}
    return {name: quote_plus(str(value)) for name, value in sent.items() if isinstance(value, str | int | float)}


def asked(client: Client, method: str, url: str, pairs: dict[str, str]) -> int:
    """The answer's code; whatever it did is undone."""
    body = "&".join(f"{quote_plus(name)}={value}" for name, value in pairs.items())
    with transaction.atomic():
        if method == "GET":
            answer = client.get(f"{url}?{body}", headers={"HX-Request": "true"})
        else:
            answer = client.post(url, body, content_type="application/x-www-form-urlencoded")
        transaction.set_rollback(True)
    return int(answer.status_code)


def attacks(names: set[str], sent: dict[str, str]) -> Iterator[tuple[str, dict[str, str]]]:
    """Every name with each odd value at once, and each name alone with what no text and no number can hold."""
    for value in ODD:
        yield f"all={value[:20]}", {**sent, **dict.fromkeys(sorted(names), value)}
    for name in sorted(names) if len(names) <= MANY else ():
        for value in ALONE:
            yield f"{name}={value[:20]}", {**sent, name: value}


@pytest.mark.parametrize("part", range(PARTS))
def test_no_value_of_a_query_or_form_is_a_fault_of_ours(
    part: int,
    world: World,  # noqa: F811 - the fixture
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    seen, wrong = Asked(monkeypatch), []
    for line in [line for line in TENANT_LINES if line.audience != "method"][part::PARTS]:
        url = reverse(line.name, args=[world.slug, *(world.ids[arg] for arg in line.args)])
        client = world.clients["csm" if line.audience == "csm's own" else "admin"]
        sent = base(line, world.ids)
        seen.names.clear()
        asked(client, line.method, url, sent)
        for told, pairs in attacks(set(seen.names), sent):
            if (code := asked(client, line.method, url, pairs)) >= 500:
                wrong.append(f"{line} {told}: {code}")
    assert not wrong, "\n".join(wrong)
