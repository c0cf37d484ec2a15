"""A button that only has the focus while the editor shows an effect removes nothing."""

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
    signed_in(made.admin).post(f"/t/acme/scorecard/{pk}/preview/", {"remove": "usage_trend"}, headers=headers)
    with tenant_scope(made.tenant):
        draft = Draft.objects.get()
    assert ("usage_trend" in document_keys(draft.document)) is kept
