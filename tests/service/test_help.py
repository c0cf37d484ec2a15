"""Help articles: kept in either language, offered where a feature is unused or falls, over the API."""

from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.test import Client

from accounts.services import feature_save
from portfolio.selectors.account import FeatureStrip
from portfolio.views.gap import is_weak
from service.services.help import article_save
from tenants.models import Role, Tenant
from tenants.scope import tenant_scope
from tenants.services import key_create
from tests.factories import AT, make_account, make_member, make_tenant
from tests.portfolio.world import close_day, make_alert, make_metric, signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def tenant() -> Tenant:
    return make_tenant().tenant


def test_a_feature_is_weak_when_unused_or_when_its_use_of_four_weeks_has_more_than_halved() -> None:
    def strip(before: int, after: int, used: bool = True) -> FeatureStrip:
        return FeatureStrip(feature=None, weeks=[0, 0, 0, 0, before, 0, 0, 0, after, 0, 0, 0], used=used)  # type: ignore[arg-type]  # not read

    assert is_weak(strip(0, 0, used=False))
    assert is_weak(strip(5, 2))
    assert not is_weak(strip(4, 2))
    assert not is_weak(strip(0, 3))


def test_an_article_needs_a_title_with_a_text_or_a_video_in_one_language(tenant: Tenant) -> None:
    with tenant_scope(tenant):
        for values in ({"title_en": "How"}, {"text_en": "So"}, {"title_en": "How", "text_zh": "如此"}):
            with pytest.raises(ValidationError, match="language"):
                article_save(values=values, at=AT, by=None)
        article, new = article_save(values={"title_zh": "怎么用", "video_zh": "https://example.com/v"}, at=AT, by=None)
        assert new
        assert article.title == "怎么用"


def test_the_account_page_offers_the_article_of_an_unused_feature_and_beside_its_alerts(tenant: Tenant) -> None:
    with tenant_scope(tenant):
        csm = make_member(Role.CSM)
        account = make_account(tenant, csm=csm)
        close_day(tenant)
        feature = feature_save(values={"key": "mobile", "name": "Mobile"}, at=AT, by=None)
        make_metric(account, features_unused=[feature.pk])
        make_alert(account)
        values: dict[str, Any] = {
            "feature": feature,
            "title_en": "Scan in a minute",
            "video_en": "https://example.com/v",
        }
        article_save(values=values, at=AT, by=None)
        article_save(values={**values, "title_en": "A draft", "published": False}, at=AT, by=None)
    client, url = signed_in(csm), f"/t/{tenant.slug}/account/{account.pk}/"
    part = client.get(f"{url}gap/").content.decode()
    assert "Scan in a minute" in part
    assert "https://example.com/v" in part
    assert "A draft" not in part
    assert "Mobile is unused" in client.get(f"{url}gap/?brief=1").content.decode()
    assert "gap/?brief=1" in client.get(url).content.decode()


def test_a_viewer_reads_published_articles_and_writes_none(tenant: Tenant) -> None:
    with tenant_scope(tenant):
        viewer = make_member(Role.VIEWER)
        values = {"title_en": "How", "text_en": "So <b>"}
        shown, _new = article_save(values=values, at=AT, by=None)
        draft, _new = article_save(values={**values, "published": False}, at=AT, by=None)
    client, url = signed_in(viewer), f"/t/{tenant.slug}/help/"
    page = client.get(f"{url}{shown.pk}/").content.decode()
    assert "So &lt;b&gt;" in page
    assert client.get(f"{url}{draft.pk}/").status_code == 404
    assert client.get(f"{url}new/").status_code == 403


def test_articles_come_over_the_api_twice_as_once(tenant: Tenant) -> None:
    with tenant_scope(tenant):
        _key, secret = key_create(kind="api", name="x", scopes=["help:read", "help:write"], by=None, at=AT)
    headers = {"Authorization": f"Bearer {secret}"}
    rows = [{"external_id": "h", "title_en": "How", "text_en": "So"}]
    for fate in ("created", "unchanged"):
        answer = Client().post("/api/v1/help-articles/bulk/", rows, content_type="application/json", headers=headers)
        assert answer.json()[fate] == 1
    assert Client().get("/api/v1/help-articles/", headers=headers).json()["results"][0]["title_en"] == "How"
    bad = [{"external_id": "h", "video_en": "javascript:alert(1)"}]
    refused = Client().post("/api/v1/help-articles/bulk/", bad, content_type="application/json", headers=headers)
    assert refused.status_code == 400
