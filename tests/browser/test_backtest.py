"""A back-test in a browser: an admin starts one from the scorecard and reads why nothing can be said yet."""

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Door

pytestmark = pytest.mark.browser


def test_an_admin_starts_a_back_test_and_reads_what_came_of_it_later(door: Door) -> None:
    admin = door.visitor("admin")
    page = admin.go("scorecard/")
    card = page.get_by_role("link", name="Health", exact=True)
    if card.count():
        card.first.click()
    page.get_by_role("link", name="Back-test").first.click()
    expect(page.get_by_text("Nothing has been tried yet")).to_be_visible()
    page.get_by_role("button", name="Start the back-test").click()
    expect(page.locator(".report .note").first).to_contain_text("Nothing can be said yet. Too few outcomes:")
    page.get_by_label("With").select_option("dated")
    page.get_by_role("button", name="Start the back-test").click()
    expect(page.locator(".report")).to_contain_text("Facts are taken by their own dates, as they are known now.")
    page.get_by_role("heading", name="Earlier back-tests").scroll_into_view_if_needed()
    page.locator("section", has_text="Earlier back-tests").last.get_by_role("link").first.click()
    expect(page.locator(".report")).not_to_contain_text("Facts are taken by their own dates")
    assert not admin.watch.faults, "\n".join(admin.watch.faults)
