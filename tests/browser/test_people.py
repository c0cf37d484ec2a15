"""People and touches, done in a browser: a touch in a few keys, the map, the timeline, an event, a message."""

import time
from pathlib import Path

import pytest
from playwright.sync_api import FilePayload, Page, expect

from tests.browser.conftest import Door, Visitor
from tests.live import LiveSite

pytestmark = pytest.mark.browser


@pytest.fixture
def manager(door: Door) -> Visitor:
    return door.visitor("manager")


def clean(visitor: Visitor) -> None:
    """Nothing went wrong unseen."""
    assert not visitor.watch.faults, "\n".join(visitor.watch.faults)


def open_account(visitor: Visitor) -> Page:
    """The page of the first account of the portfolio."""
    page = visitor.go("portfolio/?csm=all&sort=name")
    page.locator("td.who a").first.click()
    expect(page.locator("#timeline")).to_be_visible()
    return page


def test_a_touch_with_people_level_and_next_step_takes_a_few_keys_and_is_found_in_chinese(manager: Visitor) -> None:
    page = open_account(manager)
    first = page.locator(".map .stakeholder strong").first.inner_text()
    began = time.monotonic()
    page.keyboard.press("t")
    expect(page.locator("dialog[open] textarea")).to_be_focused()
    page.keyboard.press("Alt+m")
    page.keyboard.type("演示质检追溯功能")
    page.keyboard.press("Alt+2")
    page.keyboard.press("Tab")
    page.keyboard.type(first[:3])
    page.keyboard.press("Enter")
    page.locator("[name=step]").focus()
    page.keyboard.type("两周后发报价")
    expect(page.locator("#step-day")).not_to_be_empty()
    page.keyboard.press("Control+Enter")
    expect(page.locator(".toast").first).to_contain_text("发报价")
    assert time.monotonic() - began < 20  # typing without pause; a person has ten seconds for less
    expect(page.locator("#steps")).to_contain_text("发报价")
    page.locator("[name=q][aria-label='Search the timeline']").fill("质检追溯")
    entry = page.locator("#timeline-list .timeline > li")
    expect(entry).to_have_count(1)
    expect(entry).to_contain_text("Meeting")
    expect(entry).to_contain_text("Application gap closed")
    expect(entry).to_contain_text(first)
    page.locator("#steps button").first.click()
    expect(page.locator("#steps")).to_contain_text("Undo")
    page.keyboard.press("Control+k")
    page.keyboard.type("质检追溯")
    expect(page.locator("#palette-list")).to_contain_text("演示质检追溯功能")
    clean(manager)


def test_a_touch_is_logged_from_the_palette_and_its_text_outlives_a_lost_connection(manager: Visitor) -> None:
    page = open_account(manager)
    name = page.locator("h1").inner_text()
    page.keyboard.press("Control+k")
    page.keyboard.type(name)
    option = page.locator("#palette-list [role=option][hx-get]").first
    expect(option).to_contain_text(name)
    option.click()
    note = page.locator("dialog[open] textarea")
    note.fill("Typed before the line went dead")
    page.context.set_offline(True)
    page.keyboard.press("Control+Enter")
    expect(page.locator(".toast.error")).to_be_visible()
    expect(note).to_have_value("Typed before the line went dead")
    page.context.set_offline(False)
    page.keyboard.press("Control+Enter")
    expect(page.locator("dialog[open]")).to_have_count(0)
    expect(page.locator("#timeline-list")).to_contain_text("Typed before the line went dead")


def test_the_map_shows_reporting_lines_and_a_conviction_noted_with_its_evidence(manager: Visitor) -> None:
    page = open_account(manager)
    expect(page.locator(".map > li > ul > li").first).to_be_visible()
    card = page.locator(".map .stakeholder").first
    card.locator("a:has(.band)").click()
    page.locator("[name=state]").select_option("against")
    page.locator("[name=evidence]").fill("Said so at the board")
    page.locator("dialog[open] .btn.main").click()
    expect(card.locator(".band")).to_contain_text("Against")
    expect(page.get_by_text("is against.").first).to_be_visible()
    card.locator("a:has(.band)").click()
    expect(page.locator("dialog[open] .convictions")).to_contain_text("Said so at the board")
    clean(manager)


def test_a_saved_message_is_filed_and_its_quotation_folded(manager: Visitor) -> None:
    page = open_account(manager)
    page.get_by_role("link", name="File a message").click()
    raw = "From: w@example.com\nSubject: 报告\nContent-Type: text/plain; charset=utf-8\n\n收到报告\n\n> 旧内容\n"
    file: FilePayload = {"name": "a.eml", "mimeType": "message/rfc822", "buffer": raw.encode()}
    page.locator("input[type=file]").set_input_files(file)
    page.locator("dialog[open] .btn.main").click()
    entry = page.locator("#timeline-list li", has_text="收到报告").first
    expect(entry).to_contain_text("w@example.com")
    expect(entry.get_by_text("旧内容")).to_be_hidden()
    entry.locator("summary").click()
    expect(entry.get_by_text("旧内容")).to_be_visible()
    clean(manager)


def test_an_event_is_made_people_invited_and_ticked_as_come(manager: Visitor) -> None:
    page = open_account(manager)
    name = page.locator(".map .stakeholder strong").first.inner_text()
    manager.go("events/")
    page.keyboard.press("n")
    page.locator("dialog[open] [name=name]").fill("Salon in spring")
    page.keyboard.press("Control+Enter")
    expect(page.locator("h1")).to_have_text("Salon in spring")
    page.locator("main [name=q]").fill(name)
    page.keyboard.press("Enter")
    page.locator("[name=contact]").first.check(force=True)
    page.get_by_role("button", name="Invite the picked").click()
    page.get_by_role("button", name="Came").click()
    expect(page.locator(".tag.good")).to_have_text("came")
    clean(manager)


def test_the_account_prints_without_what_only_a_screen_needs(manager: Visitor, site: LiveSite, tmp_path: Path) -> None:
    page = open_account(manager)
    page.emulate_media(media="print")
    expect(page.locator("nav.nav")).to_be_hidden()
    expect(page.locator(".timeline-filters")).to_be_hidden()
    expect(page.locator(".overview")).to_be_visible()
    assert page.pdf(path=str(tmp_path / "a.pdf"), format="A4")
