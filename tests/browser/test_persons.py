"""A person is found, copied and erased; customers read help articles by a link: in a browser."""

import os
import re
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.browser.conftest import Door, Visitor

pytestmark = pytest.mark.browser


@pytest.fixture
def admin(door: Door) -> Visitor:
    return door.visitor("admin")


def looked_at(page: Page, name: str) -> None:
    """Nothing stands out of the page and axe finds nothing; kept as a picture where `SHOTS` names a folder."""
    wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert wide <= 0, f"{name} is {wide}px too wide"
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()
    if folder := os.environ.get("SHOTS"):
        page.screenshot(path=Path(folder) / f"{name}.png", full_page=True)


def person(admin: Visitor) -> str:
    """The e-mail address of somebody at an account, as the account's page shows it."""
    page = admin.go("portfolio/?csm=all&sort=name")
    page.locator("td.who a").first.click()
    link = page.locator("#people a[href^='mailto:']").first
    page.locator("#people").scroll_into_view_if_needed()
    expect(link).to_be_visible()
    return str(link.get_attribute("href")).removeprefix("mailto:")


def test_a_person_is_found_copied_and_erased_by_keyboard(admin: Visitor, tmp_path: Path) -> None:
    mail = person(admin)
    page = admin.go("personal-data/")
    page.keyboard.type(mail)
    page.keyboard.press("Enter")
    expect(page.locator("#held")).to_be_visible()
    expect(page.locator("table").nth(1)).to_contain_text("Took part in touches")
    looked_at(page, "personal-found")
    with page.expect_download() as copy:
        page.get_by_role("button", name="Download a copy").click()
    copy.value.save_as(tmp_path / "copy.zip")
    assert (tmp_path / "copy.zip").stat().st_size > 500
    page.locator("#reason").fill("Asked by mail")
    page.locator("#confirm").fill("somebody else")
    page.get_by_role("button", name="Erase this person").click()
    expect(page.locator(".note.bad")).to_contain_text("Type exactly")
    expect(page.locator("#reason")).to_have_value("Asked by mail")
    page.locator("#confirm").fill(mail)
    page.keyboard.press("Enter")
    expect(page.locator(".toast").first).to_contain_text("Erased")
    page.locator("[name=q]").first.fill(mail)
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_contain_text("Nothing is held of such a person")
    assert not admin.watch.faults, "\n".join(admin.watch.faults)


def test_customers_search_the_help_page_and_say_that_it_helped(admin: Visitor, door: Door) -> None:
    page = admin.go("help/")
    page.get_by_role("button", name="Switch on").click()
    page.set_viewport_size({"width": 390, "height": 800})
    link = page.locator("#help-link").inner_text()
    wide = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
    assert wide <= 0, f"the link makes the page {wide}px too wide for a phone"
    path = re.sub(r"^https?://[^/]+", "", link)
    phone: dict[str, Any] = {"color_scheme": "dark", "locale": "zh-CN", "viewport": {"width": 390, "height": 800}}
    desk: dict[str, Any] = {"locale": "en-GB"}
    for number, options in enumerate((phone, desk)):
        reader = door.context(**options).new_page()
        reader.goto(path)
        expect(reader.locator("ul.found li").first).to_be_visible()
        looked_at(reader, f"help-{number}")
        first = reader.locator("ul.found a").first
        word = first.inner_text().split()[0][:4]
        reader.locator("[name=q]").fill(word)
        reader.keyboard.press("Enter")
        reader.wait_for_url("**q=**")
        reader.locator("ul.found a").first.click()
        expect(reader.locator("button[value=yes]")).to_be_visible()
        looked_at(reader, f"article-{number}")
        reader.locator("button[value=yes]").click()
        expect(reader.locator("p.note[role=status]")).to_be_visible()
    page.reload()
    expect(page.locator("section[aria-labelledby=public]")).to_contain_text("In the last 90 days")
    assert not admin.watch.faults, "\n".join(admin.watch.faults)
