"""An uncertain band in a browser, from the portfolio to the account and the heat map."""

import json
import re
from urllib.parse import quote

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Door
from tests.live import LiveSite

pytestmark = pytest.mark.browser


def missing_pulses_weigh(site: LiveSite, page: Page) -> None:
    """Publish a default card on which the pulse, which some accounts lack, decides more than half."""
    told = json.loads((site.home / "demo.json").read_text())["tenants"][0]
    url, headers = f"{site.url}/api/v1/scorecard/", {"Authorization": f"Bearer {told['api_key']}"}
    held = page.request.get(url, headers=headers).json()
    card = {name: held[name] for name in ("bands", "groups", "exceptions")}
    group = card["groups"][-1]
    group["weight"] = 100
    for measure in group["measures"]:
        measure["weight"] = 90 if measure["key"] == "pulse" else 1
    assert group["measures"][-1]["key"] == "pulse"
    answer = page.request.put(
        url, headers=headers, data={**card, "minimum_coverage": 0.2, "reason": "What CSMs say weighs most"}
    )
    assert answer.ok, answer.text()


def test_an_uncertain_band_is_found_by_mouse_and_its_account_says_between_which_scores_the_truth_lies(
    door: Door,
    site: LiveSite,
) -> None:
    csm = door.visitor("csm")
    missing_pulses_weigh(site, csm.page)
    where = '{"all":[{"field":"health_certainty","op":"is","value":["uncertain"]}]}'
    page = csm.go(f"portfolio/?csm=all&where={quote(where)}")
    row = page.locator("tbody tr", has=page.locator(".flag", has_text="possible")).first
    flag = row.locator(".flag", has_text="possible").first.inner_text()
    low, high = re.findall(r"\d+", flag)
    row.locator("td.who a").click()
    expect(page.locator(".facts .flag", has_text="possible")).to_have_text(flag)
    expect(page.locator("main")).to_contain_text(f"the score lies between {low} and {high}")
    expect(page.locator("main")).to_contain_text("the band stays, and is uncertain")
    page = csm.go("scorecard/heat/?csm=all")
    expect(page.locator(".flag", has_text="possible").first).to_be_visible()
    assert not csm.watch.faults, "\n".join(csm.watch.faults)
