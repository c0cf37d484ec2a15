"""Retention in a browser: from a figure to its accounts and their lines, by mouse and keyboard."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Door, reach

pytestmark = pytest.mark.browser


def test_a_manager_follows_a_figure_to_its_accounts_and_their_lines(door: Door) -> None:
    manager = door.visitor("manager")
    page = manager.go("retention/")
    expect(page.locator(".plot .canvas svg").first).to_be_visible()
    rows = [row.split("\t") for row in page.locator(".bridge tbody").inner_text().splitlines() if "\t" in row]
    cents = {row[0].strip(): int(re.sub(r"[^\d−]", "", row[-1]).replace("−", "-")) for row in rows}
    parts = [amount for name, amount in cents.items() if name not in ("of it prices", "Closing ARR")]
    assert sum(parts) == cents["Closing ARR"]
    page.get_by_role("button", name="NRR").first.click()
    expect(page.locator("[popover]:popover-open").first).to_contain_text("New and reactivated accounts do not count")
    page.keyboard.press("Escape")
    page.locator(".bridge tr", has_text="Expansion").get_by_role("link").focus()
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_have_text("Expansion")
    page.locator("summary", has_text="Show").first.press("Enter")
    expect(page.locator("details table").first).to_contain_text("suite")
    assert not manager.watch.faults, "\n".join(manager.watch.faults)


def test_groups_cohorts_and_rivals_are_looked_at_and_the_margin_is_set(door: Door) -> None:
    manager = door.visitor("manager")
    page = manager.go("retention/")
    with page.expect_response(re.compile("by=industry")):
        page.get_by_label("By groups").select_option("industry")
    expect(page.locator("#groups tbody tr").first).to_be_visible()
    reach(page, "/retention/cohorts/")
    reach(page, "/retention/rivals/")
    expect(page.locator("#rivals")).to_contain_text("Netted over the period against summed by day")
    page.locator("#cohorts").get_by_role("link", name="Accounts").click()
    expect(page.locator("#cohorts [aria-current]")).to_have_text("Accounts")
    page.get_by_label("Gross margin, %").fill("80")
    page.keyboard.press("Enter")
    expect(page.locator(".toast").first).to_contain_text("Saved")
    expect(page.locator(".facts")).to_contain_text("at 80.0% gross margin")
    assert not manager.watch.faults, "\n".join(manager.watch.faults)
