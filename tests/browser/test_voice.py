"""Requests, rivals, cases, files, help and surveys, done in a browser by mouse and keyboard."""

import pytest
from playwright.sync_api import FilePayload, Page, expect

from tests.browser.conftest import Door, Visitor, reach

pytestmark = pytest.mark.browser


PARTS = {"#voice": "/voice/", "#files": "/files/", "#gap-help": "/gap/", "#surveys": "/surveys/"}


@pytest.fixture
def manager(door: Door) -> Visitor:
    return door.visitor("manager")


def clean(visitor: Visitor) -> None:
    """Nothing went wrong unseen."""
    assert not visitor.watch.faults, "\n".join(visitor.watch.faults)


def part(visitor: Visitor, selector: str, place: int = 0) -> Page:
    """The page of an account of the portfolio, scrolled to one of its parts."""
    page = visitor.go("portfolio/?csm=all&sort=name")
    page.locator("td.who a").nth(place).click()
    expect(page.locator("#timeline")).to_be_visible()
    reach(page, PARTS[selector])
    expect(page.locator(selector)).to_be_visible()
    page.locator(selector).scroll_into_view_if_needed()
    return page


def test_a_request_is_noted_planned_told_to_its_accounts_and_its_duplicate_merged(manager: Visitor) -> None:
    page = part(manager, "#voice")
    page.get_by_role("link", name="Note a request").click()
    page.locator("dialog[open] [name=title]").fill("Photos at every check")
    page.keyboard.press("Tab")
    page.keyboard.type("So that complaints end")
    page.keyboard.press("Control+Enter")
    expect(page.locator(".toast").first).to_contain_text("Photos at every check")
    manager.go("requests/")
    page.keyboard.press("n")
    page.locator("dialog[open] [name=title]").fill("Pictures in checks")
    page.keyboard.press("Control+Enter")
    expect(page.locator("h1")).to_have_text("Pictures in checks")
    page.locator("[name=into]").select_option(label="Photos at every check")
    page.get_by_role("button", name="Merge", exact=True).click()
    expect(page.locator("h1")).to_have_text("Photos at every check")
    page.locator("select[name=state]").select_option("planned")
    page.get_by_role("button", name="Save").click()
    expect(page.locator(".note.bad")).to_contain_text("Write the answer")
    page.locator("[name=answer]").fill("It comes in spring")
    page.keyboard.press("Control+Enter")
    expect(page.locator("#untold")).to_contain_text("Not told yet")
    page.get_by_role("button", name="Tell the picked").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#told")).to_be_visible()
    expect(page.locator("#untold")).to_contain_text("has heard the answer")
    page.locator("#told a").first.click()
    expect(page.locator("#timeline-list")).to_contain_text("Photos at every check: It comes in spring")
    clean(manager)


def test_a_rival_is_noted_with_its_place_and_later_gone(manager: Visitor) -> None:
    page = part(manager, "#voice", 1)
    page.get_by_role("link", name="Note one").click()
    page.locator("dialog[open] [name=name]").fill("RivalSoft")
    page.locator("dialog[open] [name=area]").fill("Purchasing")
    page.keyboard.press("Control+Enter")
    expect(page.locator(".toast").first).to_contain_text("Saved")
    page = part(manager, "#voice", 1)
    expect(page.locator("#voice")).to_contain_text("Purchasing")
    page.get_by_role("link", name="RivalSoft").click()
    page.locator("dialog[open] [name=gone_on]").fill("2026-01-02")
    page.locator("dialog[open] .btn.main").click()
    expect(page.locator(".toast").first).to_contain_text("Saved")
    page = part(manager, "#voice", 1)
    expect(page.locator("#voice li", has_text="RivalSoft")).to_contain_text("gone")
    clean(manager)


def test_a_case_is_written_in_both_languages_and_its_text_is_there_to_share(manager: Visitor) -> None:
    page = manager.go("cases/")
    page.keyboard.press("n")
    page.locator("[name=result_en]").fill("Half the search time")
    page.get_by_role("button", name="Save").click()
    expect(page.locator(".note.bad")).to_contain_text("at least one language")
    page.locator("[name=title_en]").fill("The yard scans")
    page.locator("[name=title_zh]").fill("扫码收货")
    page.locator("[name=result_zh]").fill("找货时间减半")
    page.locator("[name=features]").first.check()
    page.get_by_role("button", name="Save").click()
    expect(page.locator("h1")).to_have_text("The yard scans")
    expect(page.locator("#share-zh-hans")).to_contain_text("找货时间减半")
    expect(page.locator("#share-en")).to_contain_text("Half the search time")
    clean(manager)


def test_a_file_is_put_in_downloaded_and_deleted_and_a_page_is_refused(manager: Visitor) -> None:
    page = part(manager, "#files")
    good: FilePayload = {"name": "合同.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.7 hello"}
    bad: FilePayload = {"name": "page.html", "mimeType": "text/html", "buffer": b"<script>alert(1)</script>"}
    page.locator("#files [type=file]").set_input_files([good, bad])
    page.get_by_role("button", name="Put in").click()
    expect(page.locator(".toast.error").first).to_contain_text("page.html")
    page = part(manager, "#files")
    with page.expect_download() as download:
        page.locator("#files a", has_text="合同.pdf").click()
    assert download.value.path().read_bytes() == b"%PDF-1.7 hello"
    page.locator("#files summary").first.focus()
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Delete for good").click()
    expect(page.locator(".toast").first).to_contain_text("is deleted")
    page = part(manager, "#files")
    expect(page.locator("#files")).not_to_contain_text("合同.pdf")
    clean(manager)


def test_a_help_article_is_written_and_offered_where_its_feature_is_unused(manager: Visitor) -> None:
    page = manager.go("help/")
    page.keyboard.press("n")
    page.locator("[name=title_en]").fill("Reports in a minute")
    page.locator("[name=video_en]").fill("https://example.com/v")
    page.get_by_role("button", name="Save").click()
    expect(page.locator("h1")).to_have_text("Reports in a minute")
    expect(page.get_by_role("link", name="Watch the video")).to_be_visible()
    page = part(manager, "#gap-help")
    expect(page.locator("#gap-help h2")).to_contain_text("To show them")
    clean(manager)


def test_a_person_is_asked_by_a_link_and_answers_without_a_login_once(manager: Visitor, door: Door) -> None:
    page = part(manager, "#surveys")
    page.get_by_role("link", name="Ask someone").click()
    page.locator("dialog[open] [name=language]").select_option("zh-hans")
    page.get_by_role("button", name="Make the link").click()
    link = page.locator("#survey-link").inner_text()
    stranger = door.context().new_page()
    path = link[link.index("/answer/") :]
    stranger.goto(path)
    expect(stranger.locator("h1")).to_contain_text("推荐")
    stranger.locator("[name=score][value='10']").focus()
    stranger.keyboard.press("Space")
    stranger.locator("[name=comment]").fill("很好用")
    stranger.locator("button.main").click()
    expect(stranger.locator("h1")).to_contain_text("谢谢")
    stranger.goto(path)
    stranger.locator("[name=score][value='1']").check(force=True)
    stranger.locator("button.main").click()
    expect(stranger.locator("h1")).to_contain_text("已经回答过")
    expect(manager.go("surveys/").get_by_text("很好用")).to_be_visible()
    clean(manager)
