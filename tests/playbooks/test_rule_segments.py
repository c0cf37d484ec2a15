"""An alert rule may look at a segment only."""

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError

from accounts.models import Account, Segment
from accounts.segments.uses import uses_by_segment
from accounts.services import EditConflict, segment_archive, segment_save
from playbooks.models import Alert
from playbooks.services import alert_rule_save, alerts_refill
from tenants.models import AuditEntry, Member, Role, Tenant
from tenants.scope import tenant_scope
from tests.factories import AT, DAY, make_account, make_member, make_tenant
from tests.portfolio.world import close_day, signed_in

pytestmark = pytest.mark.django_db
LARGE = {"all": [{"field": "arr", "op": "ge", "value": 1000}]}


@pytest.fixture
def tenant() -> Tenant:
    return make_tenant().tenant


def silent_pair(tenant: Tenant) -> tuple[Account, Account]:
    """Two accounts that nobody has spoken to, one large."""
    start = DAY - timedelta(days=200)
    return make_account(tenant, arr=5000, contract_start=start), make_account(tenant, arr=10, contract_start=start)


def segment_of(definition: object, by: Member, name: str = "Large") -> Segment:
    return segment_save(name=name, definition=definition, at=AT, by=by)


def live() -> set[int]:
    return set(Alert.objects.filter(state="open", rule="silent").values_list("account_id", flat=True))


def test_a_rule_opens_alerts_in_its_segment_only_and_ends_those_outside(tenant: Tenant) -> None:
    with tenant_scope(tenant):
        admin, (large, small) = make_member(Role.ADMIN), silent_pair(tenant)
        alerts_refill(as_of=DAY, at=AT)
        assert live() == {large.pk, small.pk}
        alert_rule_save(rule="silent", segment=segment_of(LARGE, admin), at=AT, by=admin)
        alerts_refill(as_of=DAY, at=AT)
        assert live() == {large.pk}
        assert Alert.objects.get(account=small).state == Alert.State.ENDED
        assert AuditEntry.objects.filter(noun="rulesetting").get().changes == {"looks_at": [None, "Large"]}
        alert_rule_save(rule="silent", segment=None, at=AT, by=admin)
        alerts_refill(as_of=DAY, at=AT)
        assert live() == {large.pk, small.pk}


def test_a_rule_whose_segment_cannot_be_read_looks_at_all_accounts(tenant: Tenant) -> None:
    with tenant_scope(tenant):
        admin, pair = make_member(Role.ADMIN), silent_pair(tenant)
        segment = segment_of(LARGE, admin)
        alert_rule_save(rule="silent", segment=segment, at=AT, by=admin)
        Segment.objects.filter(pk=segment.pk).update(definition={"all": [{"field": "c.gone", "op": "filled"}]})
        alerts_refill(as_of=DAY, at=AT)
        assert live() == {one.pk for one in pair}


def test_a_rules_segment_is_not_deleted_and_says_so(tenant: Tenant) -> None:
    with tenant_scope(tenant):
        admin = make_member(Role.ADMIN)
        segment = segment_of(LARGE, admin)
        alert_rule_save(rule="silent", segment=segment, at=AT, by=admin)
        assert [str(use.label) for use in uses_by_segment()[segment.pk]] == ["alert rule “Silent”"]
        with pytest.raises(ValidationError, match="Silent"):
            segment_archive(segment=segment, at=AT, by=admin)


def test_two_who_change_a_rule_see_each_other(tenant: Tenant) -> None:
    with tenant_scope(tenant):
        admin = make_member(Role.ADMIN)
        alert_rule_save(rule="silent", segment=None, at=AT, by=admin, version=0)
        with pytest.raises(EditConflict):
            alert_rule_save(rule="silent", segment=None, at=AT, by=admin, version=0)


def test_the_page_says_at_what_each_rule_looks_and_the_form_changes_it(tenant: Tenant) -> None:
    with tenant_scope(tenant):
        close_day(tenant)
        admin, viewer, _pair = make_member(Role.ADMIN), make_member(Role.VIEWER), silent_pair(tenant)
        segment = segment_of(LARGE, admin)
    base = f"/t/{tenant.slug}/alerts/rules/"
    client = signed_in(admin)
    sent = {"segment": str(segment.pk), "version": "0"}
    assert client.post(f"{base}silent/", sent).status_code == 302
    text = client.get(base).content.decode()
    assert "1 account<" in text
    assert "Large" in text
    late = client.post(f"{base}silent/", {"segment": "", "version": "0"})
    assert "Someone else saved this rule" in late.content.decode()
    assert 'name="version" value="1"' in late.content.decode()
    segments = client.get(f"/t/{tenant.slug}/segments/").content.decode()
    assert "alert rule “Silent”" in segments
    assert signed_in(viewer).get(base).status_code == 200
    assert signed_in(viewer).get(f"{base}silent/").status_code == 403
