"""The account page read in a browser: walked by its links, its timeline filtered and searched, beside its segment."""

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Door, Visitor

pytestmark = pytest.mark.browser


@pytest.fixture
def csm(door: Door) -> Visitor:
    visitor = door.visitor("manager")
    visitor.go("portfolio/?csm=all&sort=name")
    visitor.page.locator("td.who a").first.click()
    expect(visitor.page.locator("#timeline")).to_be_visible()
    return visitor


def test_the_links_of_the_page_are_walked_by_keyboard_and_the_focus_goes_along(csm: Visitor) -> None:
    page = csm.page
    expect(page.locator("nav.jump a[aria-current]")).to_have_text("Overview")
    page.locator("nav.jump a[href='#history']").press("Enter")
    expect(page.locator("#history h2").first).to_be_in_viewport()
    expect(page.locator("nav.jump a[aria-current]")).to_have_text("History")
    expect(page.get_by_label("Search the timeline")).to_be_visible()
    link = page.locator("nav.jump a[href='#timeline']")
    link.focus()
    page.keyboard.press("Enter")
    expect(page.locator("#timeline h2")).to_be_in_viewport()
    expect(link).to_have_attribute("aria-current", "location")
    expect(page.locator("#timeline")).to_be_focused()
    page.keyboard.press("Tab")
    expect(page.get_by_label("Search the timeline")).to_be_focused()
    assert not csm.watch.faults, "\n".join(csm.watch.faults)


def test_the_timeline_is_filtered_by_mouse_and_searched_by_keyboard(csm: Visitor) -> None:
    page = csm.page
    page.keyboard.press("t")
    page.locator("dialog[open] textarea").fill("Bluebird workshop agreed")
    page.keyboard.press("Control+Enter")
    entries = page.locator("#timeline-list .timeline > li:not(.more)")
    expect(entries.first).to_contain_text("Bluebird workshop agreed")
    page.locator(".timeline-filters label", has_text="Score band").click()
    expect(entries.filter(has_text="Bluebird")).to_have_count(0)
    page.locator(".timeline-filters label", has_text="Score band").click()
    page.get_by_label("Search the timeline").focus()
    page.keyboard.type("bluebird work")
    expect(entries).to_have_count(1)
    page.get_by_label("Search the timeline").fill("no such words")
    expect(page.locator("#timeline-list")).to_contain_text("Nothing here is like that")
    assert not csm.watch.faults, "\n".join(csm.watch.faults)


def test_the_figures_stand_beside_the_median_of_the_segment(csm: Visitor) -> None:
    page = csm.page
    page.locator("nav.jump a[href='#compare']").click()
    expect(page.locator("#compare h2")).to_contain_text("median")
    expect(page.locator("#compare tbody tr").first).to_contain_text("Health score")
    assert not csm.watch.faults, "\n".join(csm.watch.faults)
