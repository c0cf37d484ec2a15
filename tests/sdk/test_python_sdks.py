"""Published Python SDKs against a live site: their events land once, also when resent, and show on the account page."""

import json
import re
import urllib.request
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from tests.live import LiveSite

pytestmark = pytest.mark.sdk

USERS = 7


@pytest.fixture(scope="module")
def site(django_db_setup: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveSite]:
    site = LiveSite("sdk", tmp_path_factory.mktemp("s"))
    try:
        site.start()
        yield site
    finally:
        site.stop()


def segment_client(site: LiveSite, key: str) -> Any:
    from segment.analytics import Client

    return Client(key, host=site.url, max_retries=1, sync_mode=False, gzip=True)


def rudder_client(site: LiveSite, key: str) -> Any:
    from rudderstack.analytics import Client

    return Client(key, host=site.url, max_retries=1, sync_mode=False, gzip=True)


CLIENTS = {"segment": segment_client, "rudder": rudder_client}


def use(client: Any, ids: list[str], at: datetime) -> None:
    """A morning at one customer: everybody belongs to the account and does one thing; each call has an id."""
    for number in range(USERS):
        user = f"user-{number}"
        client.group(user, "acme", {"name": "Acme Works", "employees": 40}, timestamp=at, message_id=ids[3 * number])
        client.identify(user, {"name": f"User {number}"}, timestamp=at, message_id=ids[3 * number + 1])
        client.track(
            user,
            "Report Opened",
            {"n": number},
            context={"groupId": "acme"},
            timestamp=at,
            message_id=ids[3 * number + 2],
        )


def ask(site: LiveSite, key: str, path: str) -> Any:
    request = urllib.request.Request(site.url + path, headers={"Authorization": f"Bearer {key}"})  # noqa: S310 - our own site
    with urllib.request.urlopen(request) as answer:  # noqa: S310 - our own site
        return json.load(answer)


@pytest.mark.parametrize("name", CLIENTS)
def test_events_of_the_sdk_are_counted_once_and_shown_after_the_provisional_night(name: str, site: LiveSite) -> None:
    made = site.tenant(f"of-{name}")
    faults: list[object] = []
    at = datetime.now(tz=UTC) - timedelta(minutes=1)
    ids = [str(uuid4()) for _ in range(3 * USERS)]
    for _ in range(2):  # the whole morning is sent again, as after a lost answer
        client = CLIENTS[name](site, made["write_key"])
        client.on_error = lambda error, _items: faults.append(error)
        for consumer in client.consumers or ():
            consumer.on_error = client.on_error
        use(client, ids, at)
        client.flush()
        client.join()
    assert not faults
    today = at.date().isoformat()
    site.manage("nightly", "--tenant", f"of-{name}", "--date", today)
    found = ask(site, made["api_key"], "/api/v1/accounts/?external_id=acme")["results"]
    assert [account["name"] for account in found] == ["Acme Works"]
    metrics = ask(site, made["api_key"], f"/api/v1/accounts/{found[0]['id']}/metrics/?from={today}&to={today}")
    assert [(row["dau"], row["mau"]) for row in metrics["results"]] == [(USERS, USERS)]
    assert uses(site, f"of-{name}", made, found[0]["id"]) >= 1


def uses(site: LiveSite, slug: str, made: dict[str, Any], account: int) -> int:
    """How often the account page, opened by the new tenant's admin, says the number of active users."""
    from http.cookiejar import CookieJar
    from urllib.parse import urlencode

    opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(CookieJar()))
    form = opener.open(f"{site.url}/accounts/login/").read().decode()
    token = re.findall(r'name="csrfmiddlewaretoken" value="([^"]+)"', form)[-1]
    fields = {"login": made["admin"]["email"], "password": made["admin"]["password"], "csrfmiddlewaretoken": token}
    opener.open(
        urllib.request.Request(f"{site.url}/accounts/login/", urlencode(fields).encode(), {"Referer": site.url})  # noqa: S310 - our own site
    )
    page = opener.open(f"{site.url}/t/{slug}/account/{account}/").read().decode()
    assert "Acme Works" in page
    return len(re.findall(rf">\s*{USERS}\s*<", page))
