"""Custom fields in a browser: made by an admin, filled in on an account, seen in the table, refused with the reason."""

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Door

pytestmark = pytest.mark.browser
KINDS = {"text": "Heard from them", "number": "Presses", "money": "Ceiling", "date": "Audit on", "pick": "Runs at",
         "person": "Godparent", "link": "Drawing room"}  # fmt: skip
TYPED = {
    "text": "Prefers mail",
    "number": "14",
    "money": "2500.50",
    "date": "2026-05-04",
    "link": "https://example.com/f",
}


def test_a_field_of_every_type_is_made_filled_in_and_shown_as_a_column(door: Door) -> None:
    admin = door.visitor("admin")
    page = admin.go("fields/")
    for kind, label in KINDS.items():
        page.get_by_label("Label", exact=True).fill(label)
        page.get_by_label("Type", exact=True).select_option(kind)
        if kind == "pick":
            page.get_by_label("Choices").fill("Ours\nTheirs")
        page.get_by_role("button", name="Add the field").press("Enter")
        expect(page.locator(".toast").first).to_contain_text(label)
    page = admin.go("portfolio/?csm=all&sort=name")
    page.locator("td.who a").first.click()
    name = page.locator("h1").inner_text()
    page.get_by_role("link", name="Edit", exact=True).first.click()
    scope = page.locator("dialog[open], main").last
    for kind, text in TYPED.items():
        scope.get_by_label(KINDS[kind]).fill(text)
    scope.get_by_label(KINDS["pick"]).select_option("Theirs")
    scope.get_by_label(KINDS["person"]).select_option(index=1)
    scope.get_by_label(KINDS["number"]).fill("a lot")
    scope.locator("button.main").last.click()
    expect(scope.locator(".error").first).to_contain_text("such as 1234.5")
    expect(scope.get_by_label(KINDS["text"])).to_have_value("Prefers mail")
    scope.get_by_label(KINDS["number"]).fill("14")
    scope.get_by_label(KINDS["number"]).press("Enter")
    expect(page.locator("main")).to_contain_text("Prefers mail")
    page = admin.go("portfolio/?csm=all&sort=name")
    page.locator("details.columns summary").click()
    for label in ("Presses", "Runs at"):
        page.locator("#find-column").fill(label)
        page.get_by_label(label, exact=True).check()
    page.locator("[data-column-form] button.main").click()
    row = page.locator("tbody tr", has_text=name).first
    expect(row).to_contain_text("14")
    expect(row).to_contain_text("Theirs")
    assert not admin.watch.faults, "\n".join(admin.watch.faults)
