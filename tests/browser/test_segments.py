"""Segments at work in a browser: an alert rule looks at one, a report is narrowed to one, and it cannot vanish."""

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Door

pytestmark = pytest.mark.browser


def test_a_rule_looks_at_a_segment_which_then_cannot_be_deleted(door: Door) -> None:
    admin = door.visitor("admin")
    page = admin.go("segments/new/")
    page.get_by_label("Name").fill("Worth watching")
    page.locator(".field-key").first.select_option("arr")
    page.locator(".operator").first.select_option("filled")
    page.locator("form[data-segment-form] button.main").click()
    page.wait_for_url("**/portfolio/?segment=*")
    page = admin.go("alerts/rules/")
    page.get_by_role("link", name="Change Silent").click()
    page.get_by_label("Looks at").select_option("Worth watching")
    page.keyboard.press("Tab")
    page.get_by_role("button", name="Save").press("Enter")
    page.wait_for_url("**/alerts/rules/")
    expect(page.locator("tbody tr", has_text="Silent")).to_contain_text("Worth watching")
    page = admin.go("segments/")
    row = page.locator("tbody tr", has_text="Worth watching")
    expect(row).to_contain_text("alert rule “Silent”")
    row.get_by_role("button", name="Delete Worth watching").click()
    expect(page.locator("main, .toast, .messages").first).to_be_visible()
    expect(page.locator("body")).to_contain_text("The segment “Worth watching” is used: alert rule “Silent”.")
    assert not admin.watch.faults, "\n".join(admin.watch.faults)


def test_a_report_is_narrowed_to_a_segment_by_mouse_and_by_its_address(door: Door) -> None:
    manager = door.visitor("manager")
    for report in ("capacity/", "levels/", "handovers/report/"):
        page = manager.go(report)
        picker = page.get_by_label("Segment", exact=True)
        name = picker.locator("option").nth(1).inner_text()
        picker.select_option(name)
        page.get_by_role("button", name="Show", exact=True).click()
        page.wait_for_url("**segment=*")
        page.reload()
        expect(page.get_by_label("Segment", exact=True).locator("option:checked")).to_have_text(name)
    assert not manager.watch.faults, "\n".join(manager.watch.faults)
