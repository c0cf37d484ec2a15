"""Scorecards in a browser: built from a template, told whom to take, discussed, published, explaining themselves."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Door, reach

pytestmark = pytest.mark.browser


def test_a_card_is_built_from_a_template_by_keyboard_published_and_named_on_the_accounts_page(door: Door) -> None:
    admin = door.visitor("admin")
    page = admin.go("scorecard/new/")
    page.locator("#name").focus()
    page.keyboard.type("Steady customers")
    page.keyboard.press("Tab")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_have_text("Steady customers")
    expect(page.locator(".head")).to_contain_text("Not published yet")
    picked = page.locator("label:has(input[name=stages][value=after_sales])")
    stage = picked.inner_text()
    picked.click()
    page.locator("form", has=page.locator("#card-name")).get_by_role("button", name="Save").click()
    expect(page.locator("#effect")).to_contain_text("Effect on every account")
    measure = page.locator(".measure").first
    with page.expect_response("**/preview/"):
        measure.locator("input[type=range]").fill("90")
    expect(measure.locator("input[name^='w-']")).to_have_value("90")
    page.locator("#reason").focus()
    page.keyboard.type("Habits count where there are habits")
    page.get_by_role("button", name="Publish").press("Enter")
    expect(page.locator(".toast, .messages").first).to_contain_text("Version 1 is published")
    page = admin.go("scorecard/")
    row = page.locator("tbody tr", has_text="Steady customers")
    expect(row).to_contain_text(stage)
    assert int(row.locator("td.n").inner_text()) > 0
    page = admin.go("portfolio/?csm=all&stage=after_sales")
    page.locator("td.who a").first.click()
    expect(page.locator("main")).to_contain_text(f"“Steady customers” applies: {stage}")
    assert not admin.watch.faults, "\n".join(admin.watch.faults)


def test_a_draft_is_discussed_waits_for_a_second_admin_and_an_exception_is_typed_in_words(door: Door) -> None:
    admin = door.visitor("admin")
    page = admin.go("scorecard/")
    page.get_by_label("A version counts only once a second admin has approved it").check()
    page.get_by_role("button", name="Save").click()
    page.locator("tbody tr").last.get_by_role("link").first.click()
    exception = page.locator(".exception").last
    exception.locator("select").first.select_option(label="CSM's pulse")
    exception.locator("select").nth(1).select_option(label="is one of")
    with page.expect_response("**/preview/"):
        exception.locator("input").fill("Mixed, bad")
    page.locator("#reason").fill("A mixed pulse is not green")
    page.get_by_role("button", name="Ask a second admin to publish").click()
    expect(page.locator(".toast, .messages").first).to_contain_text("waits for a second admin")
    page.get_by_role("link", name="Open its page").click()
    expect(page.locator("main")).to_contain_text("is Mixed, Bad")
    expect(page.get_by_role("button", name="Approve")).to_have_count(0)
    csm = door.visitor("csm")
    said = csm.go(re.sub(r"^.*/t/[^/]+/", "", page.url))
    said.locator("#say").fill("Then half my book is amber.")
    said.get_by_role("button", name="Say it").click()
    expect(said.locator("article.said").last).to_contain_text("half my book")
    page.reload()
    expect(page.locator("article.said").last).to_contain_text("half my book")
    page = admin.go("scorecard/")
    page.get_by_label("A version counts only once a second admin has approved it").uncheck()
    page.get_by_role("button", name="Save").click()
    for visitor in (admin, csm):
        assert not visitor.watch.faults, "\n".join(visitor.watch.faults)


def test_a_csm_notes_the_pulse_of_an_account_by_keyboard(door: Door) -> None:
    csm = door.visitor("csm")
    page = csm.go("portfolio/")
    page.locator("td.who a").first.click()
    reach(page, "/pulse/")
    form = page.locator("#pulse form")
    expect(form).to_be_visible()
    form.locator("input[value=mixed]").focus()
    page.keyboard.press("Space")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.type("Roll-out waits")
    page.keyboard.press("Enter")
    expect(page.locator(".toast, .messages").first).to_contain_text("Noted")
    expect(page.locator("#pulse li").first).to_contain_text("Roll-out waits")
    assert not csm.watch.faults, "\n".join(csm.watch.faults)
