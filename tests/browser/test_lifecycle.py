"""The lifecycle in a browser: a condition is typed and counted, run, and its moves decided with one key each."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Door

pytestmark = pytest.mark.browser
SOME = re.compile(r"^([2-9]|\d\d+)$")  # accounts, two or more


def test_a_condition_is_typed_counted_saved_run_and_its_moves_are_decided_by_key(door: Door) -> None:
    admin = door.visitor("admin")
    page = admin.go("stages/expansion_renewal/entry/")
    page.locator(".field-key").first.select_option("renewal_date")
    page.locator(".operator").first.select_option("filled")
    page.locator(".operator").first.press("Tab")
    expect(page.locator("[data-stage-moves]")).to_have_text(SOME)
    page.locator("[data-act=add]").first.click()
    with page.expect_response("**/count/"):
        page.locator("[data-act=drop-condition]").last.click()
    page.locator("form[data-segment-form] button.main").click()
    page.wait_for_url("**/stages/")
    page.locator("th a, td a", has_text="Edit").last.click()
    page.get_by_label("Our name for it").fill("Growth")
    page.locator("label", has_text="ask a person").click()
    page.locator("form button.main").click()
    page.wait_for_url("**/stages/")
    page.get_by_role("button", name="Run now").press("Enter")
    expect(page.locator(".toast")).to_contain_text("to confirm")
    page = admin.go("?whose=all&kind=stage")
    first = page.locator("table.calls tr[data-href]").first
    expect(first).to_contain_text("Growth")
    name = first.locator(".call-head a").inner_text()
    page.keyboard.press("a")
    did = page.locator("table.calls tr.did")
    expect(did).to_contain_text(f"{name}: in “Growth” now")
    page.keyboard.press("u")
    expect(did).to_contain_text(f"{name} is as before.")
    page.locator("table.calls tr[data-href]", has_text=name).locator("[data-row-key=d]").click()
    expect(did.filter(has_text=f"{name}: stays in “")).to_be_visible()
    page = admin.go("?whose=all&kind=stage")
    page.locator("table.calls .call-head a").first.click()
    expect(page.locator("#stage-moves")).to_contain_text("Growth")
    page.locator("#stage-moves button", has_text="Accept").click()
    expect(page.locator("dl.facts").first).to_contain_text("Growth")
    assert not admin.watch.faults, "\n".join(admin.watch.faults)


def test_the_funnel_is_filtered_and_its_numbers_lead_to_the_accounts(door: Door) -> None:
    viewer = door.visitor("viewer")
    page = viewer.go("lifecycle/")
    page.get_by_label("Came in within").select_option("all")
    page.get_by_role("button", name="Show").click()
    page.wait_for_url("**span=all**")
    expect(page.locator("tbody tr")).to_have_count(5)
    link = page.locator("tbody td a").nth(3)
    count = int(link.inner_text())
    link.click()
    expect(page.locator("tbody tr[data-pk]")).to_have_count(count)
    assert not viewer.watch.faults, "\n".join(viewer.watch.faults)
