"""Service tiers in a browser: a tier is made, suggested and given, and what it owes is paid by a touch."""

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Door

pytestmark = pytest.mark.browser


def test_a_tier_is_made_suggested_given_and_taken_back(door: Door) -> None:
    admin = door.visitor("admin")
    page = admin.go("tiers/new/")
    page.get_by_label("Name").fill("Everybody")
    duty = page.locator("fieldset.duty").first
    duty.get_by_label("What is owed").fill("Look in")
    duty.get_by_label("Every").fill("2")
    duty.get_by_label("Unit").select_option("week")
    duty.locator("label", has_text="Call").click()
    page.keyboard.press("Enter")
    page.wait_for_url("**/tiers/")
    row = page.locator("tbody tr", has_text="Everybody")
    expect(row).to_contain_text("every 2 weeks")
    for _step in range(3):
        row.get_by_role("button", name="Move Everybody up").press("Enter")
    row.get_by_role("link", name="Rule of Everybody").click()
    page.locator(".field-key").first.select_option("name")
    page.locator(".operator").first.select_option("filled")
    expect(page.locator("[data-segment-found]")).to_have_text("12")
    page.locator("form[data-segment-form] button.main").click()
    page.wait_for_url("**/tiers/")
    page.get_by_role("link", name="12 suggestions").click()
    for box in page.locator(".pick").all():
        box.check()
    page.get_by_role("button", name="Give the picked accounts").press("Enter")
    expect(page.locator(".toast")).to_contain_text("12 accounts are changed.")
    expect(page.locator("main")).to_contain_text("Every account has the tier that the rules suggest")
    page.locator(".toast").get_by_role("button", name="Undo").click()
    expect(page.locator(".toast")).to_contain_text("12 accounts are as before.")
    assert not admin.watch.faults, "\n".join(admin.watch.faults)


def test_what_is_owed_is_paid_by_a_touch_and_a_tier_is_set_in_the_dialog(door: Door) -> None:
    manager = door.visitor("manager")
    page = manager.go("owed/?whose=all")
    rows = page.locator("table[data-table] tbody tr")
    count = rows.count()
    assert count
    name, owed = rows.first.locator("td.who a").inner_text(), rows.first.locator("td").nth(1).inner_text()
    page.keyboard.press("j")
    page.keyboard.press("t")
    expect(page.locator("dialog[open] [name=note]")).to_be_focused()
    page.keyboard.press("Alt+v")
    page.keyboard.press("Alt+3")
    page.locator("[name=note]").fill("Went there and looked at the year")
    page.keyboard.press("Control+Enter")
    expect(page.locator(".toast")).to_be_visible()
    expect(rows.filter(has_text=name).filter(has_text=owed)).to_have_count(0)
    page = manager.go("portfolio/?csm=all&col=tier")
    page.locator("td.who a").first.click()
    page.locator("dl.facts").first.get_by_role("link", name="Set", exact=True).click()
    dialog = page.locator("dialog[open]")
    dialog.get_by_label("Takes it for").select_option("platform")
    dialog.get_by_label("Driven by").select_option("it")
    page.keyboard.press("Control+Enter")
    expect(page.locator("dl.facts").first).to_contain_text("A platform · IT")
    assert not manager.watch.faults, "\n".join(manager.watch.faults)
