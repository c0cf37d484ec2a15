"""The portfolio's table worked in a browser: cells by keyboard, segments, many at once, a pasted column, columns."""

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import SLUG, Door, Visitor

pytestmark = pytest.mark.browser


@pytest.fixture
def admin(door: Door) -> Visitor:
    return door.visitor("admin")


def clean(visitor: Visitor) -> None:
    """Nothing went wrong unseen."""
    assert not visitor.watch.faults, "\n".join(visitor.watch.faults)


def test_a_cell_is_changed_by_keyboard_and_a_refused_value_keeps_what_was_typed(admin: Visitor) -> None:
    page = admin.go("portfolio/?csm=all&col=industry&col=arr&sort=name")
    first = page.locator("tbody tr").first
    page.keyboard.press("j")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("F2")
    expect(first.locator("[name=value]")).to_be_focused()
    page.keyboard.type("Shipbuilding")
    page.keyboard.press("Tab")
    expect(page.locator("tbody tr").first).to_contain_text("Shipbuilding")
    amount = page.locator("tbody tr").first.locator("td[data-edit=arr] [name=value]")
    expect(amount).to_be_focused()
    page.keyboard.type("a lot")
    page.keyboard.press("Enter")
    expect(page.locator(".cell-said")).to_contain_text("such as 1234.5")
    expect(page.locator("td[data-edit=arr] [name=value]")).to_have_value("a lot")
    page.keyboard.press("Escape")
    expect(page.locator(".cell-form")).to_have_count(0)
    clean(admin)


def test_two_people_change_one_cell_and_neither_overwrites_the_other(admin: Visitor, door: Door) -> None:
    address = "portfolio/?csm=all&col=industry&sort=name"
    page, other = admin.go(address), door.visitor("manager").go(address)
    cell = page.locator("tbody tr").first.locator("td[data-edit=industry]")
    cell.dblclick()
    expect(cell.locator("[name=value]")).to_be_focused()
    theirs = other.locator("tbody tr").first.locator("td[data-edit=industry]")
    theirs.dblclick()
    expect(theirs.locator("[name=value]")).to_be_focused()
    other.keyboard.type("Shipyards")
    other.keyboard.press("Enter")
    expect(theirs).to_have_text("Shipyards")
    page.keyboard.type("Shipping")
    page.keyboard.press("Enter")
    expect(page.locator(".cell-said")).to_contain_text("changed this meanwhile to Shipyards")
    page.keyboard.press("Escape")
    expect(cell).to_have_text("Shipyards")
    clean(admin)


def test_a_condition_on_a_change_is_built_by_keyboard_without_a_fault(admin: Visitor) -> None:
    page = admin.go("segments/new/")
    page.locator("#segment-name").focus()
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    expect(page.locator(".field-key").first).to_be_focused()
    page.locator(".field-key").first.select_option("mau")
    page.keyboard.press("Tab")
    page.keyboard.type("fell")
    page.keyboard.press("Tab")
    expect(page.locator(".inputs .value").first).to_be_focused()
    page.keyboard.type("3")
    page.keyboard.press("Tab")
    with page.expect_response("**/segments/count/"):
        page.keyboard.type("14")
    page.locator(".field-key").first.select_option("renewal_date")
    expect(page.locator(".inputs .value").first).to_have_value("90")
    clean(admin)


def test_a_segment_is_counted_as_one_types_saved_and_opened(admin: Visitor) -> None:
    page = admin.go("segments/new/")
    page.locator(".field-key").first.select_option("arr")
    page.locator(".operator").first.select_option("ge")
    with page.expect_response("**/segments/count/"):
        page.locator(".inputs .value").first.fill("0")
    expect(page.locator("[data-segment-found]")).to_have_text("12")
    page.locator("[data-act=group]").first.click()
    inner = page.locator(".segment-group .segment-group")
    inner.locator("[data-act=add]").click()
    inner.locator(".field-key").select_option("name")
    with page.expect_response("**/segments/count/"):
        inner.locator(".value").fill("zzzz")
    expect(page.locator("[data-segment-found]")).to_have_text("0")
    with page.expect_response("**/segments/count/"):
        inner.locator("[data-act=drop-condition]").click()
    page.locator("#segment-name").fill("With ARR")
    page.locator("form[data-segment-form] button.main").click()
    expect(page.get_by_text("A group has no condition").first).to_be_visible()
    expect(page.locator("#segment-name")).to_have_value("With ARR")
    inner.locator("[data-act=drop]").click()
    page.locator("form[data-segment-form] button.main").click()
    page.wait_for_url("**segment=**")
    expect(page.locator(".says .chip").first).to_contain_text("With ARR")
    expect(page.locator("tbody tr[data-pk]")).to_have_count(12)
    clean(admin)


def test_picked_accounts_are_tagged_and_the_tag_is_taken_back(admin: Visitor) -> None:
    page = admin.go("portfolio/?csm=all&col=tags&col=arr")
    for place in (0, 1):
        page.locator(".pick").nth(place).check()
    page.locator("[data-bulk] input[name=tag]").fill("Board talk")
    page.locator("[data-bulk] input[name=tag]").press("Enter")
    expect(page.locator("td .tag", has_text="Board talk")).to_have_count(2)
    page.locator(".toast").get_by_role("button", name="Undo").click()
    expect(page.locator("td .tag", has_text="Board talk")).to_have_count(0)
    expect(page.locator(".toast")).to_contain_text("2 accounts are as before")
    clean(admin)


def test_picked_accounts_get_a_csm_and_a_stage_by_keyboard_and_both_are_taken_back(admin: Visitor) -> None:
    page = admin.go("portfolio/?csm=all&col=csm&col=stage&sort=name")
    before = page.locator("tbody tr[data-pk]").all_inner_texts()
    for name, choice in (("csm", 2), ("lifecycle_stage", 3)):
        for _row in range(2):
            page.keyboard.press("j")
            page.keyboard.press("x")
        expect(page.locator(".pick:checked")).to_have_count(2)
        field = page.locator(f"[data-bulk] select[name={name}]")
        said = field.locator("option").nth(choice).inner_text()
        field.select_option(index=choice)
        field.press("Tab")
        page.keyboard.press("Enter")
        undo = page.locator(".toast").get_by_role("button", name="Undo")
        expect(undo).to_be_visible()
        for place in (0, 1):
            expect(page.locator("tbody tr[data-pk]").nth(place)).to_contain_text(said)
        undo.press("Enter")
        expect(page.locator(".toast")).to_contain_text("as before")
        assert page.locator("tbody tr[data-pk]").all_inner_texts() == before
        page = admin.go("portfolio/?csm=all&col=csm&col=stage&sort=name")
    clean(admin)


def test_a_column_is_pasted_after_a_preview(admin: Visitor) -> None:
    page = admin.go("portfolio/?csm=all&col=industry&sort=name")
    for place in (0, 1, 2):
        page.locator(".pick").nth(place).check()
    page.locator("[data-paste-open]").click()
    page.locator("#paste-text").fill("Paper\nGlass\nTimber")
    page.locator("[data-paste-form] button").click()
    expect(page.locator(".paste-preview")).to_contain_text("3 accounts will change")
    tops = [page.locator(f".paste-preview {part} th").first.bounding_box() for part in ("thead", "tbody")]
    assert tops[0]
    assert tops[1]
    assert tops[0]["y"] + tops[0]["height"] <= tops[1]["y"] + 1, "the head covers the first row"
    page.locator(".paste-preview button.main").click()
    for place, text in enumerate(("Paper", "Glass", "Timber")):
        expect(page.locator("tbody tr").nth(place).locator("td[data-edit=industry]")).to_have_text(text)
    clean(admin)


def test_columns_are_chosen_and_ordered_by_keyboard_and_the_address_keeps_them(admin: Visitor) -> None:
    page = admin.go("portfolio/?csm=all&col=arr&col=csm")
    page.locator("details.columns summary").click()
    page.locator("#find-column").fill("Monthly active users, change in 30")
    page.get_by_label("Monthly active users, change in 30 days").check()
    page.get_by_role("button", name="Move CSM up").press("Enter")
    page.locator("[data-column-form] button.main").click()
    page.wait_for_url("**col=csm&col=arr&col=mau*")
    heads = [text.strip() for text in page.locator("thead th").all_inner_texts()]
    assert [head for head in heads if head] == ["Account", "CSM", "ARR", "Monthly active users, change in 30 days"]
    page.goto(f"/t/{SLUG}/portfolio/?csm=all")
    clean(admin)


def test_what_is_typed_while_a_cell_is_still_coming_is_not_lost(admin: Visitor) -> None:
    page = admin.go("portfolio/?csm=all&col=industry&col=arr&sort=name")
    page.evaluate("""() => {
        const asked = window.fetch;
        window.fetch = (...what) => new Promise((go) => setTimeout(go, 500)).then(() => asked(...what));
    }""")  # a slow line
    first = page.locator("tbody tr").first
    page.keyboard.press("j")
    page.keyboard.press("ArrowRight")
    expect(first.locator("td.cell-current")).to_have_attribute("data-edit", "industry")
    page.keyboard.press("F2")
    page.keyboard.type("Shipyx")
    page.keyboard.press("Backspace")
    page.keyboard.type("ards")
    page.keyboard.press("Enter")
    expect(page.locator("tbody tr").first.locator("td[data-edit=industry]")).to_have_text("Shipyards")
    clean(admin)
