"""A hand-over in a browser: filled in by sales, kept as it is typed, returned, completed and accepted."""

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import SLUG, Door

pytestmark = pytest.mark.browser


@pytest.fixture
def account(door: Door) -> str:
    """The address of an account's hand-over that is a draft of the contributor's own."""
    page = door.visitor("contributor").go("handovers/?state=draft")
    found = page.locator("td.who a").first.get_attribute("href")
    assert found
    return found


def saved(page: Page, control: Any, text: str) -> None:
    """Type and wait until the field says that it is kept."""
    control.fill(text)
    form = page.locator("form.kept", has=control)
    expect(form.locator(".kept-said .good")).to_be_visible()


def test_sales_fills_in_what_is_kept_as_typed_and_a_second_editor_is_not_overwritten(account: str, door: Door) -> None:
    nick, helen = door.visitor("contributor"), door.visitor("manager")
    nick.page.goto(account)
    helen.page.goto(account)
    theirs = helen.page.locator("#h-form-0-expectations")
    saved(nick.page, nick.page.locator("#h-form-0-expectations"), "Fewer rush orders")
    theirs.fill("Fewer late orders")
    said = helen.page.locator("form.kept", has=theirs)
    expect(said).to_contain_text("changed this meanwhile to")
    expect(said).to_contain_text("Fewer rush orders")
    expect(theirs).to_have_value("Fewer late orders")
    said.get_by_role("button", name="Put mine over it").click()
    expect(said.locator(".good")).to_be_visible()
    nick.page.locator("#h-form-0-profile").fill("Typed and gone at once")
    profile = nick.page.locator("#h-form-0-profile")
    for _turn in range(10):  # what goes out as the page is left may arrive after the next page was asked for
        nick.page.reload()
        if profile.input_value() == "Typed and gone at once":
            break
        nick.page.wait_for_timeout(500)
    expect(profile).to_have_value("Typed and gone at once")
    expect(nick.page.locator("#h-form-0-expectations")).to_have_value("Fewer late orders")
    assert not nick.watch.faults + helen.watch.faults


def test_a_handover_goes_from_draft_by_keyboard_to_a_poor_fit_that_only_a_manager_accepts(
    account: str, door: Door
) -> None:
    nick, csm, helen = (door.visitor(role) for role in ("contributor", "csm", "manager"))
    page = nick.page
    page.goto(account)
    page.get_by_role("button", name="Hand over", exact=True).click()
    expect(page.locator(".note.bad")).to_contain_text("what the product is to them")
    page.goto(account)
    page.locator("#h-form-0-nature").select_option("pioneering")
    saved(page, page.locator("#h-form-0-contract_text"), "One year")
    for match in page.locator("input[id^=h-need-][id$=-match]").all():
        saved(page, page.locator(f"#{match.get_attribute('id')}"), "10")
    expect(page.locator("#side .tag.bad")).to_contain_text("below 30")
    for state in page.locator("select[id^=h-promise-][id$=-state]").all():
        state.select_option("kept")
        form = page.locator("form.kept", has=page.locator(f"#{state.get_attribute('id')}"))
        expect(form.locator(".kept-said .good")).to_be_visible()
    page.locator("#needs .add-row [name=text]").fill("Works on a phone")
    page.locator("#needs .add-row [name=weight]").fill("2")
    page.locator("#needs .add-row [name=match]").fill("0")
    page.keyboard.press("Enter")
    expect(page.locator("#needs textarea.line").last).to_have_value("Works on a phone")
    expect(page.locator("#side .checklist li:not(.done)")).to_have_count(0)
    page.get_by_role("button", name="Hand over", exact=True).focus()
    page.keyboard.press("Enter")
    expect(page.locator(".head .tag")).to_contain_text("Complete")
    csm.page.goto(account)
    expect(csm.page.get_by_role("button", name="Accept", exact=True)).to_have_count(0)
    helen.page.goto(account)
    helen.page.get_by_role("button", name="Accept", exact=True).click()
    expect(helen.page.locator(".note.bad")).to_contain_text("why the account is accepted")
    helen.page.locator("#decide-text").fill("A strategic customer")
    helen.page.get_by_role("button", name="Accept", exact=True).click()
    expect(helen.page.locator(".toast").first).to_contain_text("accepted")
    helen.page.goto(account)
    expect(helen.page.locator(".head .tag")).to_contain_text("Accepted")
    expect(helen.page.locator("#side")).to_contain_text("A strategic customer")
    helen.page.goto(f"/t/{SLUG}/handovers/report/")
    helen.page.locator("table a").first.click()
    expect(helen.page.locator("td.who a").first).to_be_visible()
    assert not nick.watch.faults + csm.watch.faults + helen.watch.faults


def test_a_contributor_finds_only_the_accounts_that_name_them(door: Door) -> None:
    nick, helen = door.visitor("contributor"), door.visitor("manager")
    rows = "td.who a"
    mine, all_of_them = nick.go("portfolio/?csm=all").locator(rows), helen.go("portfolio/?csm=all").locator(rows)
    assert 0 < mine.count() < all_of_them.count()
    expect(nick.go("?kind=handover").locator("table.calls tr[data-href]").first).to_be_visible()
