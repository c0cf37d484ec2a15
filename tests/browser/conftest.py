"""A real Chromium against a live site with a small real world. No Chromium: skipped, and in CI a failure."""

import json
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from tests.live import LiveSite

# htmx logs as an error that a newer question, or leaving the page, ended an older one. What truly fails has words of
# its own beside `afterRequest`: `sendError`, `responseError`, `swapError`.
_OUTDATED = ("htmx:sendAbort", "htmx:afterRequest")
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
ROLES = ("admin", "manager", "csm", "contributor", "viewer")
SLUG = "harbor"
_PATIENCE_MS = 20_000  # a machine that does other things too
expect.set_options(timeout=_PATIENCE_MS)


def chromium() -> str:
    """The browser that `CHROMIUM` or PATH names; empty when there is none."""
    named = os.environ.get("CHROMIUM")
    found = (shutil.which(name) for name in ((named,) if named else NAMES))
    return next((path for path in found if path), "")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip what needs a browser where there is none. CI must have one: there the tests run and fail."""
    if chromium() or os.environ.get("CI") == "true":
        return
    reason = "no Chromium: install one, or name it in CHROMIUM"
    for item in items:
        if item.path.is_relative_to(Path(__file__).parent):
            item.add_marker(pytest.mark.skip(reason=reason))


@pytest.fixture(scope="session")
def world(django_db_setup: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveSite]:
    """One tenant of twelve accounts with a hundred days behind it, made once; nobody looks at it, it is copied."""
    world = LiveSite("world", tmp_path_factory.mktemp("w"))
    try:
        sizes = ["--accounts", "12", "--events", "3000", "--days", "100", "--seed", "3"]
        world.manage("demo_world", *sizes, "--slug", SLUG)
        yield world
    finally:
        world.stop()


@pytest.fixture(scope="module")
def site(world: LiveSite, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveSite]:
    """A site over a copy of that world: what a module changes, the next one does not see."""
    home = tmp_path_factory.mktemp("b")
    shutil.copytree(world.home, home, dirs_exist_ok=True)
    site = LiveSite("browser", home, of=world.name)
    try:
        site.start()
        yield site
    finally:
        site.stop()


@pytest.fixture(scope="module")
def browser(site: LiveSite) -> Iterator[Browser]:
    """One browser for a module. Its event loop ends with it: the tests that follow use the database again."""
    path = chromium()
    assert path, "CI needs a Chromium; none is on PATH and CHROMIUM names none"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox", "--disable-gpu"])
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def logins(site: LiveSite) -> dict[str, dict[str, str]]:
    """E-mail and password by role, as `demo.json` tells them; of several CSMs the first."""
    told: dict[str, Any] = json.loads((site.home / "demo.json").read_text())
    return {login["role"]: login for login in told["tenants"][0]["logins"]}


class Watch:
    """Everything that goes wrong on a page without anybody seeing it."""

    def __init__(self, context: BrowserContext, origin: str) -> None:
        self.faults: list[str] = []
        self._origin = origin
        context.on("request", self._request)
        context.on("console", self._console)
        context.on("weberror", lambda fault: self.faults.append(f"script: {fault.error}"))
        context.on("response", self._response)

    def _request(self, request: Any) -> None:
        if not request.url.startswith((self._origin, "data:", "blob:", "about:")):
            self.faults.append(f"asks another origin: {request.url}")

    def _console(self, message: Any) -> None:
        if message.type in ("error", "warning") and not message.text.startswith(_OUTDATED):
            self.faults.append(f"console: {message.text} ({message.location.get('url', '')})")

    def _response(self, response: Any) -> None:
        if response.status >= 500:
            self.faults.append(f"{response.status} from {response.url}")


class Visitor:
    """A signed-in person with a window."""

    def __init__(self, page: Page, watch: Watch, base: str) -> None:
        self.page, self.watch, self.base = page, watch, base

    def go(self, path: str = "") -> Page:
        """Open a page of the tenant."""
        self.page.goto(f"{self.base}/t/{SLUG}/{path}")
        return self.page


class Door:
    """Signs people in through the form, once per role, and opens windows for them."""

    def __init__(self, browser: Browser, site: LiveSite, logins: dict[str, dict[str, str]]) -> None:
        self._browser, self._site, self._logins = browser, site, logins
        self._states: dict[str, Any] = {}
        self._open: list[BrowserContext] = []

    def context(self, role: str = "", **options: Any) -> BrowserContext:
        """A window's context, signed in as `role` when one is named."""
        options.setdefault("locale", "en-GB")
        state = self.state(role) if role else None
        context = self._browser.new_context(storage_state=state, base_url=self._site.url, **options)
        context.set_default_timeout(_PATIENCE_MS)
        self._open.append(context)
        return context

    def state(self, role: str) -> Any:
        """The cookies of a person of this role."""
        if role not in self._states:
            context = self.context()
            sign_in(context.new_page(), self._site.url, **self._logins[role])
            self._states[role] = context.storage_state()
        return self._states[role]

    def visitor(self, role: str, **options: Any) -> Visitor:
        """A window of a signed-in person."""
        context = self.context(role, **options)
        watch = Watch(context, self._site.url)
        return Visitor(context.new_page(), watch, self._site.url)

    def close(self) -> None:
        """Close every window."""
        while self._open:
            self._open.pop().close()


def reach(page: Page, address: str) -> None:
    """Scroll until the part of the page that comes from `address` (how that ends) has come: parts that load above it
    push it out of view again.
    """
    asked = f"[hx-get*='{address}']"
    for _turn in range(40):
        if not page.locator(asked).count():
            break
        page.evaluate("asked => document.querySelector(asked)?.scrollIntoView({ block: 'center' })", asked)
        page.mouse.wheel(0, 40)
        page.wait_for_timeout(300)


def sign_in(page: Page, url: str, *, email: str, password: str, role: str = "") -> None:
    """Fill in the form; the page that follows is Today."""
    page.goto(url)
    page.locator("input[name=login]").fill(email)
    page.locator("input[name=password]").fill(password)
    page.locator("form.form button[type=submit]").first.click()
    page.wait_for_url(f"**/t/{SLUG}/")


@pytest.fixture(scope="module")
def doors(browser: Browser, site: LiveSite, logins: dict[str, dict[str, str]]) -> Door:
    """Signs in each role once for the module."""
    return Door(browser, site, logins)


@pytest.fixture
def door(doors: Door) -> Iterator[Door]:
    """Windows of one test, closed at its end."""
    yield doors
    doors.close()
