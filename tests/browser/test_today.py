"""Today in a browser: each action by mouse and by keyboard."""

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import Door, Visitor

pytestmark = pytest.mark.browser


@pytest.fixture
def csm(door: Door) -> Visitor:
    return door.visitor("admin")


def rows(page: Page) -> Locator:
    return page.locator("table.calls tr[data-href]")


def clean(visitor: Visitor) -> None:
    assert not visitor.watch.faults, "\n".join(visitor.watch.faults)


def test_a_reason_is_done_and_taken_back_by_mouse(csm: Visitor) -> None:
    page = csm.go("?whose=all&kind=silent")
    first = rows(page).first
    name = first.locator(".call-head a").inner_text()
    line = first.locator(".call-why").inner_text()
    first.get_by_role("button", name="Done").first.click()
    did = page.locator("tr.did")
    expect(did).to_contain_text("Done for everybody")
    did.get_by_role("button", name="Undo").click()
    expect(did).to_contain_text(f"{name} is as before.")
    page.reload()
    expect(rows(page).first.locator(".call-why")).to_have_text(line)
    clean(csm)


def test_the_list_is_walked_done_and_taken_back_by_keyboard(csm: Visitor) -> None:
    page = csm.go("?whose=all&kind=silent")
    names = rows(page).locator(".call-head a").all_inner_texts()
    page.keyboard.press("j")
    page.keyboard.press("j")
    expect(page.locator("tr.current .call-head a")).to_have_text(names[1])
    page.keyboard.press("k")
    page.keyboard.press("e")
    expect(page.locator("tr.did")).to_contain_text(names[0])
    page.keyboard.press("u")
    expect(page.locator("tr.did")).to_contain_text(f"{names[0]} is as before.")
    page.reload()
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_contain_text(names[0])
    clean(csm)


def test_an_account_is_snoozed_by_mouse_until_a_date_and_shown_again(csm: Visitor) -> None:
    page = csm.go("?whose=all")
    last = rows(page).last
    name = last.locator(".call-head a").inner_text()
    last.locator("summary", has_text="Snooze").click()
    day = last.locator("input[name=until]")
    day.fill(day.get_attribute("min") or "")
    last.get_by_role("button", name="Until then").click()
    expect(page.locator("tr.did")).to_contain_text(f"{name} is snoozed until")
    page.reload()
    page.get_by_role("link", name="Put aside").click()
    expect(rows(page).locator(".call-head a")).to_have_text([name])
    page.get_by_role("button", name="Show again").click()
    expect(page.locator("tr.did")).to_contain_text(f"{name} is as before.")
    page = csm.go("?whose=all")
    expect(rows(page).locator(".call-head a", has_text=name).first).to_be_visible()
    clean(csm)


def test_an_account_is_snoozed_by_keyboard_and_taken_back(csm: Visitor) -> None:
    page = csm.go("?whose=all")
    name = rows(page).first.locator(".call-head a").inner_text()
    page.keyboard.press("s")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page.locator("tr.did")).to_contain_text(f"{name} is snoozed until")
    expect(rows(page).locator(".call-head a", has_text=re.compile(f"^{re.escape(name)}$"))).to_have_count(0)
    page.keyboard.press("u")
    expect(rows(page).locator(".call-head a", has_text=re.compile(f"^{re.escape(name)}$"))).to_have_count(1)
    clean(csm)


def test_a_touch_is_logged_in_place_and_ends_the_silence(csm: Visitor) -> None:
    page = csm.go("?whose=all&kind=silent")
    first = rows(page).first
    name, address = first.locator(".call-head a").inner_text(), page.url
    page.keyboard.press("j")
    page.keyboard.press("t")
    expect(page.locator("dialog[open] textarea")).to_be_focused()
    page.keyboard.type("Reached them at last")
    page.keyboard.press("Control+Enter")
    expect(page.locator("dialog[open]")).to_have_count(0)
    expect(page.locator(".toast")).to_contain_text("Logged at")
    row = rows(page).filter(has=page.locator(".call-head a", has_text=re.compile(f"^{re.escape(name)}$")))
    expect(row.locator(".tag", has_text="Silent")).to_have_count(0)
    assert page.url == address
    rows(page).first.get_by_role("link", name="Touch").click()
    expect(page.locator("dialog[open] textarea")).to_be_focused()
    clean(csm)


def test_all_reasons_of_a_row_open_by_mouse_and_by_keyboard(csm: Visitor) -> None:
    page = csm.go("?whose=all")
    row = rows(page).filter(has=page.locator("details.call-all")).first
    row.locator("details.call-all summary").click()
    expect(row.locator("details.call-all li").first).to_be_visible()
    row.locator("details.call-all summary").click()
    row.locator(".call-foot").click()
    page.keyboard.press("o")
    expect(row.locator("details.call-all li").first).to_be_visible()
    clean(csm)


def test_kinds_are_chosen_by_chips_and_what_is_new_is_marked_as_seen(csm: Visitor) -> None:
    page = csm.go("?whose=all")
    chip = page.locator("nav.kinds a[data-kind=renewal]")
    count = int(chip.locator(".count").inner_text())
    chip.click()
    expect(page.locator("nav.kinds a[data-kind=renewal]")).to_have_attribute("aria-current", "true")
    expect(rows(page)).to_have_count(min(count, 30))
    page.get_by_role("button", name="Mark as seen").click()
    expect(page.locator("#news")).to_contain_text("Nothing has changed")
    page.reload()
    expect(page.locator("#news")).to_contain_text("Nothing has changed")
    page.keyboard.press("?")
    expect(page.locator("#keys")).to_contain_text("On Today")
    clean(csm)
