"""A contract is signed, changed by two people, lost and explained, in a browser."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import SLUG, Door, Visitor

pytestmark = pytest.mark.browser


@pytest.fixture
def admin(door: Door) -> Visitor:
    return door.visitor("admin")


def new_account(page: Page, external_id: str) -> str:
    """An account of its own for a test; its address."""
    page.goto(f"/t/{SLUG}/account/new/")
    page.locator("[name=name]").fill(f"Works {external_id}")
    page.locator("[name=external_id]").fill(external_id)
    page.locator("main form .btn.main").click()
    page.wait_for_url(re.compile(r"/account/\d+/$"))
    return page.url


def fill_line(page: Page, prefix: str = "", **values: str) -> None:
    for name, value in values.items():
        page.locator(f"dialog [name={prefix}{name}]").fill(value)


def test_a_contract_is_signed_grows_and_is_lost_and_the_account_follows_each_time(admin: Visitor) -> None:
    page = admin.page
    new_account(page, "signed-1")
    expect(page.locator("#contracts")).to_contain_text("No contract is entered")
    page.locator("#contracts a", has_text="New contract").focus()
    page.keyboard.press("Enter")
    expect(page.locator("dialog[open] [name=external_id]")).to_have_value("signed-1-1")
    page.locator("dialog [name=line-product]").select_option(label="Operations suite")
    fill_line(page, "line-", amount="2400", seats="30")
    page.keyboard.press("Control+Enter")
    expect(page.locator("#contracts tfoot")).to_contain_text("2,400")
    expect(page.locator("dl.facts").first).to_contain_text("2,400")
    page.locator("#contracts a", has_text="Add a line").click()
    page.locator("dialog [name=product]").select_option(label="Insight add-on")
    start = page.locator("#contracts tbody td time").first.get_attribute("datetime") or ""
    fill_line(page, amount="50", billing_months="1", start=start)
    page.locator("dialog footer .btn.main").click()
    expect(page.locator("#contracts tfoot")).to_contain_text("3,000")
    expect(page.locator("#contracts .term-bars rect")).to_have_count(2)
    row = page.locator("#contracts tr", has_text="Insight add-on")
    row.locator("a", has_text="Outcome").click()
    page.locator("dialog [name=outcome]").select_option("lost")
    page.locator("dialog footer .btn.main").click()
    expect(page.locator("dialog[open]")).to_contain_text("Say why")
    expect(page.locator("dialog[open] [name=reason]")).to_be_focused()
    page.locator("dialog [name=reason]").fill("Built their own")
    page.locator("dialog footer .btn.main").click()
    expect(row).to_contain_text("Built their own")
    assert not admin.watch.faults, "\n".join(admin.watch.faults)


def test_a_renewal_is_recorded_by_keyboard_and_the_next_term_moves_the_renewal_date(admin: Visitor) -> None:
    page = admin.page
    new_account(page, "signed-3")
    today = datetime.now(UTC).date()
    soon, later = today + timedelta(days=20), today + timedelta(days=385)
    page.locator("#contracts a", has_text="New contract").press("Enter")
    page.locator("dialog [name=line-product]").select_option(label="Operations suite")
    start = today - timedelta(days=345)
    fill_line(page, "line-", amount="2400", seats="30", start=start.isoformat(), end=soon.isoformat())
    page.keyboard.press("Control+Enter")
    expect(page.locator(f"dl.facts time[datetime='{soon}']")).to_be_visible()
    page.locator("#contracts a", has_text="Outcome").press("Enter")
    expect(page.locator("dialog[open] [name=outcome]")).to_be_focused()
    page.keyboard.type("renewed")
    page.keyboard.press("Control+Enter")
    expect(page.locator("#contracts table.contracts")).to_contain_text("Renewed")
    page.locator("#contracts a", has_text="Add a line").press("Enter")
    page.locator("dialog [name=product]").select_option(label="Operations suite")
    fill_line(page, amount="3000", seats="40", start=soon.isoformat(), end=later.isoformat())
    page.keyboard.press("Control+Enter")
    expect(page.locator(f"dl.facts time[datetime='{later}']")).to_be_visible()
    expect(page.locator("dl.facts").first).to_contain_text("2,400")
    assert not admin.watch.faults, "\n".join(admin.watch.faults)


def test_an_exception_lets_one_account_use_a_feature(admin: Visitor) -> None:
    page = admin.page
    new_account(page, "signed-2")
    page.locator("#contracts a", has_text="Add an exception").click()
    page.locator("dialog [name=feature]").select_option(label="Forecasting")
    page.locator("dialog [name=granted]").select_option(label="may not use it")
    page.locator("dialog [name=note]").fill("Not sold here")
    page.locator("dialog footer .btn.main").click()
    expect(page.locator("#contracts .lines")).to_contain_text("Not sold here")
    expect(page.locator("#contracts .tags")).not_to_contain_text("Forecasting")
    assert not admin.watch.faults, "\n".join(admin.watch.faults)


def test_a_product_and_a_rate_are_added_by_an_admin(admin: Visitor) -> None:
    page = admin.go("products/new/")
    page.locator("[name=name]").fill("Field kit")
    page.locator("[name=key]").fill("field-kit")
    page.locator("main form .btn.main").first.click()
    expect(page.locator(".card", has_text="Field kit")).to_contain_text("0 contract lines")
    admin.go("rates/")
    page.locator("[name=currency]").fill("GBP")
    page.locator("[name=rate]").fill("1.17")
    page.locator("aside .btn.main").click()
    expect(page.locator("tr", has_text="GBP")).to_contain_text("1.1700")
    assert not admin.watch.faults, "\n".join(admin.watch.faults)
