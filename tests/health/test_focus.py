"""What the editor's live requests leave alone: a button that only has the focus, and a card without a change."""

import pytest

from health.definition import document_keys
from health.models import Draft
from health.selectors import scorecard_get
from tenants.scope import tenant_scope
from tests.factories import make_tenant
from tests.portfolio.world import signed_in

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(("headers", "kept"), [({"HX-Request": "true"}, True), ({}, False)])
def test_only_a_pressed_button_removes_a_measure(headers: dict[str, str], kept: bool) -> None:
    made = make_tenant("acme")
    with tenant_scope(made.tenant):
        pk = scorecard_get().pk
    signed_in(made.admin).post(
        f"/t/acme/scorecard/{pk}/preview/", {"remove": "usage_trend", "green": "80"}, headers=headers
    )
    with tenant_scope(made.tenant):
        draft = Draft.objects.get()
    assert ("usage_trend" in document_keys(draft.document)) is kept


def test_a_late_request_of_what_is_published_leaves_no_draft() -> None:
    made = make_tenant("acme")
    with tenant_scope(made.tenant):
        pk = scorecard_get().pk
    url = f"/t/acme/scorecard/{pk}/preview/"
    page = signed_in(made.admin).post(url, {"draft": "12345"}, headers={"HX-Request": "true"})
    assert "Change a weight or a breakpoint" in page.content.decode()
    with tenant_scope(made.tenant):
        assert not Draft.objects.exists()
