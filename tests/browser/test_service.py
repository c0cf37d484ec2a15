"""Tickets brought in from a file and seen on the Service page and at their account: in a browser."""

from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import FilePayload, expect

from tests.browser.conftest import Door

pytestmark = pytest.mark.browser


def test_tickets_are_imported_counted_and_shown_at_their_account(door: Door) -> None:
    manager = door.visitor("manager")
    page = manager.go("portfolio/?csm=all&sort=name")
    first = page.locator("td.who a").first
    name, here = first.inner_text(), str(first.get_attribute("href"))
    page = manager.go("service/")
    before = int(page.locator("dl.facts dd").first.inner_text().split()[0].replace(",", ""))
    day = datetime.now(UTC).date() - timedelta(days=2)
    heads = "Ticket,Account,Subject,Opened,First response,Closed,Satisfaction"
    text = f"{heads}\nB-1,{name},Where is the export?,{day} 08:00,{day} 08:20,{day} 11:00,5\n"
    page = manager.go("import/")
    page.locator("input[name=target][value=tickets]").check(force=True)
    file: FilePayload = {"name": "tickets.csv", "mimeType": "text/csv", "buffer": text.encode()}
    page.locator("input[type=file]").set_input_files(file)
    page.get_by_role("button", name="Read the file").press("Enter")
    page.get_by_role("button", name="Check the rows").press("Enter")
    page.locator("form[action$='/go/'] button").press("Enter")
    expect(page.locator(".note.good")).to_contain_text("What became of each row")
    page = manager.go("service/")
    expect(page.locator("dl.facts dd").first).to_contain_text(str(before + 1))
    page.goto(f"{here}#tickets")
    expect(page.locator("#tickets")).to_contain_text("Where is the export?")
    assert not manager.watch.faults, "\n".join(manager.watch.faults)


def test_a_conversation_of_wecom_becomes_a_ticket_in_words_and_is_undone_by_keyboard(door: Door) -> None:
    manager = door.visitor("manager")
    name = manager.go("portfolio/?csm=all&sort=name").locator("td.who a").first.inner_text()
    day = datetime.now(UTC).date() - timedelta(days=3)
    text = f"Time,Sender,Receiver,Content,Account\n{day} 10:00:00,Ann,Support,How do I share a plan?,{name}\n"
    page = manager.go("import/")
    page.locator("input[name=target][value=wecom]").check(force=True)
    file: FilePayload = {"name": "messages.csv", "mimeType": "text/csv", "buffer": text.encode()}
    page.locator("input[type=file]").set_input_files(file)
    page.get_by_role("button", name="Read the file").press("Enter")
    page.get_by_role("button", name="Check the rows").press("Enter")
    expect(page.locator("#created")).to_contain_text("Channel WeChat/WeCom")
    expect(page.locator("#created")).not_to_contain_text("opened_at")
    page.keyboard.press("c")
    expect(page.locator(".note.good")).to_contain_text("Imported")
    page.keyboard.press("u")
    expect(page.locator(".note.good")).to_contain_text("Everything is as it was before")
    assert not manager.watch.faults, "\n".join(manager.watch.faults)
