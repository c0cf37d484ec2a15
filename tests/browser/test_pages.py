"""Every page in both languages: no accessibility violation, no silent fault, nothing from elsewhere, no overflow."""

from datetime import UTC, datetime, timedelta

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, Request, expect

from tests.browser.conftest import ROLES, SLUG, Door

pytestmark = pytest.mark.browser

TENANT_PAGES = (
    "",
    "?whose=all",
    "portfolio/?csm=all",
    "portfolio/?band=red&q=zzz",
    "portfolio/?csm=all&col=arr&col=tags&col=c.deployment&col=mau~30",
    f"portfolio/?csm=all&col=arr&col=c.go_live&day={datetime.now(UTC).date() - timedelta(days=20)}",
    "segments/",
    "segments/new/",
    "lifecycle/",
    "owed/?whose=all",
    "capacity/",
    "scorecard/heat/?csm=all",
    "scorecard/overrides/",
    "capacity/move/",
    "capacity/targets/",
    "tiers/",
    "tiers/new/",
    "tiers/suggested/",
    "alerts/rules/",
    "alerts/rules/silent/",
    "stages/",
    "stages/go_live/",
    "stages/go_live/entry/",
    "fields/",
    "account/new/",
    "accounts/archived/",
    "import/",
    "import/1/",
    "import/2/",
    "import/2/?step=columns",
    "features/",
    "features/new/",
    "products/",
    "products/new/",
    "rates/",
    "handovers/",
    "handovers/report/",
    "requests/",
    "cases/",
    "cases/new/",
    "help/",
    "help/new/",
    "surveys/",
    "service/",
    "levels/",
    "events/",
    "intake/",
    "scorecard/",
    "scorecard/new/",
    "nights/",
    "members/",
    "keys/",
    "personal-data/",
    "audit/",
    "settings/",
)
OTHER_PAGES = (
    "/me/",
    "/styleguide/",
    "/demo/mail/",
    "/accounts/2fa/",
    "/accounts/password/change/",
    "/accounts/email/",
)
SIGNED_OUT = ("/accounts/login/", "/accounts/password/reset/", "/join/no-such-link/")
# Each language in one of the themes: both are seen on every page.
LANGUAGES = (("en", "light"), ("zh-hans", "dark"))
LIMIT_BYTES = 150_000


def violations(page: Page) -> list[str]:
    """What axe finds, one line each."""
    found = Axe().run(page).response["violations"]
    return [
        f"{page.url}: {rule['id']} at {', '.join(str(node['target'][0]) for node in rule['nodes'][:3])}"
        for rule in found
    ]


def wider_than_the_phone(page: Page) -> list[str]:
    """The page at 390 pixels: by how much it scrolls sideways."""
    page.set_viewport_size({"width": 390, "height": 844})
    over = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    page.set_viewport_size({"width": 1440, "height": 900})
    return [f"{page.url}: {over} px too wide at 390 px"] if over > 0 else []


def addresses(page: Page) -> list[str]:
    """All pages: those of the tenant, those of the first account and feature, and a person's own."""
    page.goto(f"/t/{SLUG}/portfolio/?csm=all")
    account = str(page.locator("td.who a").first.get_attribute("href"))
    page.goto(f"/t/{SLUG}/features/")
    feature = page.locator("table a[href*='/features/']").first.get_attribute("href")
    own = [
        f"{account}{rest}"
        for rest in (
            "",
            "edit/",
            "contacts/new/",
            "touches/new/",
            "contracts/",
            "contracts/new/",
            "entitlements/new/",
            "handover/",
        )
    ]
    page.goto(f"{account}contracts/")
    lines = page.locator("#main td a").evaluate_all("all => all.map(link => link.getAttribute('href'))")
    own += [str(lines[0]), str(lines[1])]  # a line and its outcome
    return [*(f"/t/{SLUG}/{path}" for path in TENANT_PAGES), *own, str(feature), *scorecards(page), *OTHER_PAGES]


def scorecards(page: Page) -> list[str]:
    """A card's editor, its versions compared, and the page of its draft."""
    page.goto(f"/t/{SLUG}/scorecard/")
    card = str(page.locator("tbody tr").last.get_by_role("link").first.get_attribute("href"))
    page.goto(card)
    return [card, f"{card}compare/", str(page.locator("a[href*='/scorecard/drafts/']").first.get_attribute("href"))]


def look(page: Page, path: str) -> list[str]:
    """Open a page and say what is wrong with it."""
    answer = page.goto(path)
    expect(page.locator("[hx-trigger=load][hx-swap=outerHTML]")).to_have_count(0)  # each has been fetched
    for part in page.locator("[hx-trigger=load]").all():
        part.locator(".sheet, .muted").first.wait_for()
    for chart in page.locator("[data-plot]").all():
        chart.locator(".main-svg").first.wait_for()
    wrong = [f"{path}: {answer.status}"] if answer and answer.status not in (200, 404) else []
    wrong += [f"{path}: no single h1"] if page.locator("h1").count() != 1 and "styleguide" not in path else []
    return wrong + violations(page) + wider_than_the_phone(page)


def in_language(door: Door, role: str, language: str, **options: object) -> tuple[Page, list[str]]:
    """A window in this language, and the list of what goes wrong in it unseen."""
    visitor = door.visitor(role, reduced_motion="reduce", **options)
    visitor.page.context.add_cookies([{"name": "django_language", "value": language, "url": visitor.base}])
    return visitor.page, visitor.watch.faults


@pytest.mark.parametrize(("language", "theme"), LANGUAGES)
def test_every_page_is_sound_in(language: str, theme: str, door: Door) -> None:
    page, faults = in_language(door, "admin", language, color_scheme=theme)
    wrong = []
    for path in addresses(page):
        wrong += look(page, path)
        if page.locator("html").get_attribute("lang") != language:
            wrong.append(f"{path}: in another language")
    assert not wrong + faults, "\n".join(wrong + faults)


@pytest.mark.parametrize(("language", "theme"), LANGUAGES)
def test_the_pages_of_a_signed_out_person_are_sound_in(language: str, theme: str, door: Door) -> None:
    page, faults = in_language(door, "", language, color_scheme=theme)
    wrong = [fault for path in SIGNED_OUT for fault in look(page, path)]
    faults = [fault for fault in faults if "404" not in fault]
    assert not wrong + faults, "\n".join(wrong + faults)


@pytest.mark.parametrize("role", ROLES)
def test_every_link_of_the_navigation_opens_for(role: str, door: Door) -> None:
    visitor = door.visitor(role)
    page = visitor.go()
    links = page.locator("#nav a[href^='/t/']").evaluate_all("all => all.map(link => link.getAttribute('href'))")
    assert links
    wrong = [link for link in links if (page.goto(link) or page).status != 200]  # type: ignore[union-attr]
    assert not wrong + visitor.watch.faults


@pytest.mark.parametrize("path", ["", "portfolio/?csm=all", "scorecard/", "features/"])
def test_a_page_without_an_exploring_chart_weighs_at_most_150_kilobytes(path: str, door: Door) -> None:
    page = door.context("csm").new_page()
    finished: list[Request] = []
    page.on("requestfinished", lambda request: finished.append(request))
    page.goto(f"/t/{SLUG}/{path}")
    page.wait_for_load_state("networkidle")
    assert page.locator("[data-plot]").count() == 0
    sizes = [one.sizes()["responseBodySize"] + one.sizes()["responseHeadersSize"] for one in finished]
    assert sum(sizes) <= LIMIT_BYTES, f"{sum(sizes)} bytes in {len(sizes)} answers"
