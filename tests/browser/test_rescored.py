"""The past under another version in a browser: by mouse on its page, by keyboard on the account's chart."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Door

pytestmark = pytest.mark.browser


def test_an_admin_scores_the_past_again_compares_it_and_removes_it(door: Door) -> None:
    admin = door.visitor("admin")
    page = admin.go("scorecard/")
    page.get_by_role("link", name="Health", exact=True).first.click()
    page.get_by_role("link", name="Rescored past").click()
    page.get_by_label("Under", exact=True).select_option("1")
    page.get_by_label("The days on which this card scored the account").check()
    page.get_by_role("button", name="Score the past again").click()
    expect(page.get_by_text("Hypothetical: what version 1 would have said")).to_be_visible()
    expect(page.locator("[data-plot] .plot-container").first).to_be_visible()
    page.get_by_role("link", name="ARR", exact=True).click()
    expect(page.get_by_text("ARR is that of each day")).to_be_visible()

    page = admin.go("portfolio/")
    page.locator("tbody a[href*='/account/']").first.click()
    line = page.locator("#history").get_by_role("link", name=re.compile("version 1"))
    line.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_text("Nobody saw these scores then")).to_be_visible()
    expect(page).to_have_url(re.compile("basis=rescored"))
    known = page.locator("#history").get_by_role("link", name="As known now")
    known.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_text("Nobody saw these scores then")).to_have_count(0)

    page = admin.go("scorecard/")
    page.get_by_role("link", name="Health", exact=True).first.click()
    page.get_by_role("link", name="Rescored past").click()
    page.get_by_role("button", name="Remove it").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_text("No past has been scored again yet")).to_be_visible()
    assert not admin.watch.faults, "\n".join(admin.watch.faults)
