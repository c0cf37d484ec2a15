"""Capacity in a browser: a manager tries what moving accounts would do, saves it, and takes it back."""

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Door

pytestmark = pytest.mark.browser


def test_a_manager_moves_accounts_after_seeing_both_sides_and_takes_it_back(door: Door) -> None:
    manager = door.visitor("manager")
    page = manager.go("capacity/")
    row = page.locator("table.capacity tbody tr").first
    name, count = row.locator("td.who a").inner_text(), int(row.locator("td a").nth(1).inner_text())
    assert count
    row.locator("td.who a").click()
    page.wait_for_url("**/capacity/move/**")
    with page.expect_response("**/capacity/sides/"):
        page.keyboard.press("j")
        page.keyboard.press("x")
    chooser = page.get_by_label("Give them to")
    with page.expect_response("**/capacity/sides/"):
        chooser.select_option(index=1)
    other = chooser.locator("option:checked").inner_text()
    sides = page.locator("#sides tbody tr")
    expect(sides).to_have_count(4)
    expect(sides.nth(0)).to_contain_text(other)
    expect(sides.nth(2)).to_contain_text(name)
    assert sides.nth(3).locator("td").nth(1).inner_text().split()[0] == str(count - 1)
    page.get_by_role("button", name="Save the change").press("Enter")
    page.wait_for_url("**/capacity/")
    expect(page.locator(".toast")).to_contain_text(f"1 account went to {other}.")
    mine = page.locator("table.capacity tbody tr", has_text=name)
    expect(mine.locator("td a").nth(1)).to_have_text(str(count - 1))
    page.locator(".toast").get_by_role("button", name="Undo").press("Enter")
    expect(mine.locator("td a").nth(1)).to_have_text(str(count))
    page.get_by_role("link", name="Targets").click()
    page.get_by_label(f"{name}, To collect").fill("2000000")
    page.keyboard.press("Enter")
    expect(page.locator(".toast")).to_contain_text("Saved.")
    assert not manager.watch.faults, "\n".join(manager.watch.faults)


def test_a_csm_sees_only_what_they_carry_themselves(door: Door) -> None:
    csm = door.visitor("csm")
    page = csm.go("capacity/")
    expect(page.locator("h1")).to_have_text("What you carry")
    expect(page.locator("table.capacity tbody tr")).to_have_count(1)
    expect(page.get_by_role("link", name="What if…")).to_have_count(0)
    assert not csm.watch.faults, "\n".join(csm.watch.faults)
