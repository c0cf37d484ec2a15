"""What people do all day, done in a browser."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import SLUG, Door, Visitor
from tests.live import LiveSite

pytestmark = pytest.mark.browser


@pytest.fixture
def admin(door: Door) -> Visitor:
    return door.visitor("admin")


def clean(visitor: Visitor) -> None:
    """Nothing went wrong unseen."""
    assert not visitor.watch.faults, "\n".join(visitor.watch.faults)


def test_the_portfolio_is_walked_by_keyboard_and_shows_each_account_at_the_side(admin: Visitor) -> None:
    page = admin.go("portfolio/?csm=all")
    names = page.locator("td.who a").all_inner_texts()
    page.keyboard.press("j")
    page.keyboard.press("j")
    expect(page.locator("[data-peek-panel] h2").first).to_contain_text(names[1])
    page.keyboard.press("k")
    expect(page.locator("[data-peek-panel] h2").first).to_contain_text(names[0])
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_contain_text(names[0])
    clean(admin)


def test_the_portfolio_is_sorted_searched_and_filtered_and_the_state_kept_as_a_view(admin: Visitor) -> None:
    page = admin.go("portfolio/?csm=all")
    page.locator("thead a[href*='sort=name']").first.click()
    names = page.locator("td.who a").all_inner_texts()
    assert names == sorted(names, key=str.lower)
    page.keyboard.press("/")
    page.keyboard.type(names[0][:6])
    page.keyboard.press("Enter")
    page.wait_for_url("**q=**")
    expect(page.locator("td.who a").first).to_have_text(names[0])
    page.goto(f"/t/{SLUG}/portfolio/?csm=all")
    page.locator("details.filters summary").click()
    page.locator("details.filters input[name=band][value=green]").check()
    page.locator("details.filters button[type=submit]").click()
    page.wait_for_url("**band=green**")
    page.locator("[data-dialog=save-view]").click()
    page.locator("#view-name").fill("Healthy ones")
    page.locator("#save-view footer button.main").click()
    expect(page.locator("nav.views a[aria-current=page]")).to_have_text("Healthy ones")
    clean(admin)


def test_a_touch_is_logged_from_today_without_the_mouse(admin: Visitor) -> None:
    page = admin.go("?whose=all")
    name = page.locator(".call-head a").first.inner_text()
    page.keyboard.press("j")
    page.keyboard.press("t")
    expect(page.locator("dialog[open] textarea")).to_be_focused()
    page.keyboard.type("Agreed on a second training")
    page.keyboard.press("Control+Enter")
    expect(page.locator("dialog[open]")).to_have_count(0)
    page.goto(f"/t/{SLUG}/portfolio/?csm=all&q={name}")
    page.locator("td.who a").first.click()
    expect(page.get_by_text("Agreed on a second training").first).to_be_visible()
    clean(admin)


def scores(page: Page) -> tuple[list[str], str]:
    """The bands and scores of the whole portfolio, and what the first account's score is made of."""
    page.goto(f"/t/{SLUG}/portfolio/?csm=all&sort=name")
    bands = page.locator("td .band").all_inner_texts()
    page.locator("td.who a").first.click()
    return bands, page.locator(".fall").first.inner_text()


def test_a_changed_weight_is_previewed_live_published_and_changes_scores_and_their_explanation(admin: Visitor) -> None:
    page = admin.page
    before = scores(page)
    admin.go("scorecard/")
    page.locator("tbody tr").last.get_by_role("link").first.click()
    weight = page.locator(".measure input[name^='w-']").first
    with page.expect_response("**/preview/"):
        weight.fill("900")
    expect(page.locator("#effect")).to_contain_text("What changes most")
    page.locator("#reason").fill("Use counts most")
    page.get_by_role("button", name="Publish").click()
    expect(page.locator(".toast, .messages").first).to_contain_text("published")
    expect(page.locator("main table", has_text="Counts from")).to_contain_text("Use counts most")
    (bands, explained), (bands_before, explained_before) = scores(page), before
    assert bands != bands_before
    assert explained != explained_before
    clean(admin)


def test_a_feature_is_named_and_marked_as_core(admin: Visitor) -> None:
    page = admin.go("features/new/")
    page.locator("[name=name]").fill("Reports of the week")
    page.locator("[name=key]").fill("weekly-reports")
    page.locator("[name=core]").check()
    page.locator("[name=event_names]").fill("Weekly Report Opened")
    page.locator("main form .btn.main").click()
    row = page.locator("tr", has_text="Reports of the week")
    expect(row).to_contain_text("Weekly Report Opened")
    expect(row).to_contain_text(re.compile("core", re.IGNORECASE))
    clean(admin)


def test_the_palette_finds_an_account_and_opens_it(admin: Visitor) -> None:
    page = admin.go("portfolio/?csm=all")
    name = page.locator("td.who a").last.inner_text()
    page.keyboard.press("Control+k")
    page.keyboard.type(name)
    expect(page.locator("#palette [role=option]").first).to_contain_text(name)
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_contain_text(name)
    clean(admin)


def test_charts_are_drawn_under_the_content_policy(admin: Visitor) -> None:
    page = admin.go("portfolio/?csm=all")
    page.locator("td.who a").first.click()
    charts = page.locator("[data-plot]")
    expect(charts).not_to_have_count(0)
    for chart in charts.all():
        expect(chart.locator("svg.main-svg").first).to_be_visible()
    clean(admin)


def mail_link(site: LiveSite, word: str) -> str:
    """The first link to this site in the newest mail that says `word`."""
    for path in sorted(Path(site.home, "mail").iterdir(), key=lambda p: p.stat().st_mtime, reverse=True):
        text = path.read_text()
        if word in text and (found := re.search(rf"{re.escape(site.url)}/\S+", text)):
            return found[0]
    raise AssertionError(f"no mail about {word}")


def test_an_invited_person_joins_through_the_link_of_the_mail(admin: Visitor, door: Door, site: LiveSite) -> None:
    page = admin.go("members/")
    page.locator("aside [name=email]").fill("nora@example.com")
    page.locator("aside [name=role]").select_option("csm")
    page.get_by_role("button", name="Send invitation").click()
    expect(page.get_by_text("nora@example.com is invited.")).to_be_visible()
    theirs = door.context().new_page()
    theirs.goto(mail_link(site, "nora@example.com"))
    theirs.locator("[name=name]").fill("Nora Lind")
    theirs.locator("[name=password]").fill("quiet-harbour-lamp-7")
    theirs.get_by_role("button", name="Join").click()
    theirs.wait_for_url(f"**/t/{SLUG}/")
    expect(theirs.locator("#nav")).to_contain_text("Nora Lind")
    clean(admin)


def test_the_page_that_sets_up_a_second_step_opens_after_the_password_is_asked_again(
    door: Door, logins: dict[str, dict[str, str]]
) -> None:
    visitor = door.visitor("viewer")
    page = visitor.page
    page.goto("/accounts/2fa/totp/activate/")
    if "reauthenticate" in page.url:
        page.locator("input[name=password]").fill(logins["viewer"]["password"])
        page.locator("main form button[type=submit]").first.click()
    expect(page.locator("input[name=code]")).to_be_visible()
    expect(page.locator("main img, main svg").first).to_be_visible()
    clean(visitor)
