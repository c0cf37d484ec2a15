"""The portfolio of a past day, and what is shown taken along as a file: in a browser."""

import csv
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Door

pytestmark = pytest.mark.browser


def test_a_past_day_is_chosen_shown_as_reported_or_as_known_now_and_left_again(door: Door) -> None:
    csm = door.visitor("manager")
    page = csm.go("portfolio/?csm=all&col=health&col=why&col=renewal&sort=name")
    day = datetime.now(UTC).date() - timedelta(days=20)
    page.locator("summary", has_text="Past day").press("Enter")
    page.get_by_label("Show the portfolio as of").fill(day.isoformat())
    page.keyboard.press("Enter")
    page.wait_for_url(f"**day={day}**")
    expect(page.locator(".note", has_text="The portfolio of")).to_contain_text("as they were reported then")
    expect(page.locator("td.as-today").first).to_be_visible()
    expect(page.locator("td.why.as-today")).to_have_count(0)
    page.get_by_role("link", name="Show as known now").click()
    expect(page.locator(".note", has_text="The portfolio of")).to_contain_text("as known now")
    page.get_by_role("link", name="Back to today").click()
    expect(page.locator("td.as-today")).to_have_count(0)
    assert not csm.watch.faults, "\n".join(csm.watch.faults)


def test_a_name_that_a_spreadsheet_would_calculate_is_exported_as_text(door: Door) -> None:
    admin = door.visitor("admin")
    for number, name in enumerate(("=1+1", "+Plus", "-Minus", "@At")):
        page = admin.go("account/new/")
        page.locator("[name=name]").fill(f"{name} Formula Works")
        page.locator("[name=external_id]").fill(f"formula-{number}")
        page.locator("[name=external_id]").press("Enter")
        expect(page.locator("h1")).to_have_text(f"{name} Formula Works")
    page = admin.go("portfolio/?csm=all&col=arr&q=formula+works&sort=name")
    expect(page.locator("tbody tr[data-pk]")).to_have_count(4)
    page.locator("summary", has_text="Export").press("Enter")
    with page.expect_download() as download:
        page.get_by_role("link", name="CSV").first.press("Enter")
    rows = list(csv.reader(download.value.path().read_text("utf-8-sig").splitlines()))
    assert len(rows) == 5
    assert all(row[1].startswith("'") for row in rows[1:]), rows
    assert not admin.watch.faults, "\n".join(admin.watch.faults)


def test_what_is_shown_is_exported_as_it_stands(door: Door) -> None:
    csm = door.visitor("manager")
    page = csm.go("portfolio/?csm=all&col=arr&col=csm&sort=name")
    names = page.locator("tbody td.who > a").all_inner_texts()
    page.locator("summary", has_text="Export").press("Enter")
    with page.expect_download() as download:
        page.get_by_role("link", name="CSV").first.press("Enter")
    rows = list(csv.reader(download.value.path().read_text("utf-8-sig").splitlines()))
    assert rows[0] == ["External id", "Account", "ARR", "CSM"]
    assert [row[1].removeprefix("'") for row in rows[1:]][: len(names)] == names  # a formula's start is quoted
    page.reload()
    page.locator("summary", has_text="Export").click()
    with page.expect_download() as download:
        page.get_by_role("link", name="xlsx").first.click()
    assert download.value.path().read_bytes().startswith(b"PK")
    assert not csm.watch.faults, "\n".join(csm.watch.faults)
