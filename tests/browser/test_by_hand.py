"""Bands set by hand and the heat map in a browser."""

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Door

pytestmark = pytest.mark.browser


def test_a_band_is_set_by_hand_marked_in_lists_and_ended(door: Door) -> None:
    manager = door.visitor("manager")
    page = manager.go("portfolio/?csm=all&sort=name")
    row = page.locator("table[data-table] tbody tr").first
    name = row.locator("td.who a").inner_text()
    row.locator("td.who a").click()
    page.locator("dl.facts").first.get_by_role("link", name="Set by hand").click()
    dialog = page.locator("dialog[open]")
    computed = dialog.locator(".band .word").first.inner_text()
    dialog.get_by_label("Band").select_option("red" if computed == "Healthy" else "green")
    page.keyboard.press("Control+Enter")
    expect(page.locator("dialog[open]")).to_contain_text("Say why")
    page.locator("dialog[open]").get_by_label("Why").fill("Their new sponsor told me")
    page.keyboard.press("Control+Enter")
    expect(page.locator(".by-hand-note")).to_contain_text("Their new sponsor told me")
    expect(page.locator(".by-hand-note")).to_contain_text(computed)
    page = manager.go("portfolio/?csm=all&sort=name")
    row = page.locator("table[data-table] tbody tr", has_text=name).first
    expect(row.locator(".band .by-hand")).to_have_count(1)
    row.locator("td.who a").click()
    page.get_by_role("button", name="End it").click()
    expect(page.locator("main")).to_contain_text(name)
    expect(page.locator(".by-hand-note")).to_have_count(0)
    page = manager.go("scorecard/overrides/")
    expect(page.locator("main")).to_contain_text("Their new sponsor told me")
    assert not manager.watch.faults, "\n".join(manager.watch.faults)


def test_the_heat_map_is_sorted_by_a_measure_with_the_keyboard(door: Door) -> None:
    manager = door.visitor("manager")
    page = manager.go("scorecard/heat/?csm=all")
    rows = page.locator(".heat-map tbody tr")
    assert rows.count()
    head = page.locator(".heat-map thead th").nth(2)
    head.locator("a").focus()
    page.keyboard.press("Enter")
    expect(page.locator(".heat-map thead th[aria-sort=descending]")).to_have_count(1)
    cells = [text for text in rows.locator("td:nth-child(3)").all_inner_texts() if text.strip().isdigit()]
    assert [int(text) for text in cells] == sorted((int(text) for text in cells), reverse=True)
    assert not manager.watch.faults, "\n".join(manager.watch.faults)
