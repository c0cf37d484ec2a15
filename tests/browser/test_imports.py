"""A file imported and undone in a browser, by keyboard alone; its pages on a phone."""

from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Door, Visitor

pytestmark = pytest.mark.browser
TEXT = (
    "External id,Name,Stage,Customer since\nz1,Zephyr Works,Trainnig,16-10-2024\n"
    "z2,Zenith Mills,Training,11-06-2024\nz3,Zinc,Paused,2024-01-01\n"
)


@pytest.fixture
def manager(door: Door) -> Visitor:
    return door.visitor("manager")


def test_a_list_is_imported_and_undone_by_keyboard(manager: Visitor, tmp_path: Path) -> None:
    file = tmp_path / "customers.csv"
    file.write_text(TEXT)
    page = manager.go("import/")
    page.locator("input[type=file]").set_input_files(file)
    page.locator("input[type=file]").press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator(".import-columns select").first).to_be_focused()
    expect(page.locator("#col-0")).to_have_value("external_id")
    expect(page.locator("#col-3")).to_have_value("contract_start")
    page.locator("#col-3").press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator(".import-suggestions")).to_contain_text("The day stands first")
    expect(page.locator("dl.facts")).to_contain_text("Refused3")
    page.keyboard.press("a")
    expect(page.locator("form[action$='/go/'] button")).to_contain_text("Import 2 rows")
    page.keyboard.press("c")
    expect(page.locator(".note.good")).to_contain_text("What became of each row is kept here")
    expect(page.locator("#refused")).to_contain_text("“Paused” is not accepted")
    with page.expect_download() as download:
        page.get_by_role("link", name="CSV").click()
    assert "Zinc,Paused" in download.value.path().read_text()
    page.goto(page.url.split("import/")[0] + "portfolio/?csm=all&q=zephyr")
    expect(page.locator("tbody tr[data-pk]")).to_have_count(1)
    page.go_back()
    page.keyboard.press("u")
    expect(page.locator(".note.good")).to_contain_text("Everything is as it was before")
    assert not manager.watch.faults, "\n".join(manager.watch.faults)


def test_the_same_file_a_second_time_changes_nothing_and_a_damaged_one_is_refused(
    manager: Visitor, tmp_path: Path
) -> None:
    file, damaged = tmp_path / "twice.csv", tmp_path / "damaged.xlsx"
    file.write_text("External id,Name,Stage\nt1,Tidal Works,Training\nt2,Tundra Mills,Training\n")
    damaged.write_bytes(b"PK\x03\x04 cut off")
    for time, done in enumerate(("New2", "Unchanged2")):
        page = manager.go("import/")
        page.locator("input[type=file]").set_input_files(file)
        page.get_by_role("button", name="Read the file").click()
        page.get_by_role("button", name="Check the rows").click()
        expect(page.locator("dl.facts")).to_contain_text(done)
        if time == 0:
            page.get_by_role("button", name="Import 2 rows").click()
            expect(page.locator(".note.good")).to_contain_text("Imported")
    expect(page.get_by_text("There is nothing to import")).to_be_visible()
    page = manager.go("import/")
    page.locator("input[type=file]").set_input_files(damaged)
    page.get_by_role("button", name="Read the file").click()
    expect(page.locator("main .error").first).to_contain_text("The file is damaged")
    assert not manager.watch.faults, "\n".join(manager.watch.faults)


def test_its_pages_fit_a_phone(manager: Visitor) -> None:
    page = manager.go("import/")
    page.set_viewport_size({"width": 390, "height": 800})
    for link in (None, *[row.get_attribute("href") for row in page.locator("tbody th a").all()]):
        if link:
            page.goto(page.url.split("/t/")[0] + link)
        width = page.evaluate("document.documentElement.scrollWidth")
        assert width <= 390, f"{link}: {width}"
    assert not manager.watch.faults, "\n".join(manager.watch.faults)
