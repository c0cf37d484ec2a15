"""Segments, history and undo still mean the same people and tags where a tenant's ids have moved."""

import json
from pathlib import Path

import pytest
from django.http import QueryDict

from accounts.models import Account, AccountFieldHistory, BulkChange, SavedView, Segment, Tag
from accounts.selectors.segments import segment_account_ids
from accounts.services import account_change, accounts_tag, bulk_undo, custom_field_save, saved_view_save, segment_save
from tenants.models import Member, Role
from tenants.scope import tenant_scope
from tenants.transfer import tenant_export, tenant_import
from tests.factories import AT, DAY, make_account, make_member, make_tenant

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "owner"])


def test_what_names_members_tags_and_segments_follows_them_under_new_ids(tmp_path: Path) -> None:
    tenant = make_tenant("origin").tenant
    with tenant_scope(tenant):
        csm = make_member(Role.CSM, "Otto")
        sponsor = custom_field_save(values={"label": "Sponsor", "kind": "person"}, at=AT, by=None)
        account = make_account(tenant, "one", csm=csm)
        make_account(tenant, "other")
        account_change(account=account, values={"custom": {sponsor.key: csm}}, at=AT, by=csm)
        change = accounts_tag(accounts=[account], name="VIP", at=AT, by=csm)
        tag = Tag.objects.get()
        conditions = [
            {"field": "csm", "op": "is", "value": [str(csm.pk)]},
            {"any": [{"field": "tags", "op": "is", "value": [str(tag.pk)]}]},
            {"field": sponsor.name, "op": "is", "value": [str(csm.pk)]},
        ]
        segment = segment_save(name="Otto's", definition={"all": conditions}, at=AT, by=csm)
        query = QueryDict(mutable=True)
        query.update({"segment": str(segment.pk), "where": json.dumps({"all": conditions})})
        saved_view_save(member=csm, name="V", query=query.urlencode(), is_shared=False, is_default=False, at=AT)
    tenant_export(tenant=tenant, path=tmp_path / "t.zip", at=AT)
    copy = tenant_import(path=tmp_path / "t.zip", slug="copy", at=AT)
    with tenant_scope(copy):
        there, who = Account.objects.get(external_id="one"), Member.objects.get(user__name="Otto")
        moved = Segment.objects.get()
        assert segment_account_ids(segment=moved, day=DAY, zone="UTC") == [there.pk]
        held = QueryDict(SavedView.objects.get().query)
        assert held["segment"] == str(moved.pk)
        assert json.loads(held["where"]) == moved.definition
        values = AccountFieldHistory.objects.filter(account=there, field__in=["csm", sponsor.name], value__isnull=False)
        assert set(values.values_list("value", flat=True)) == {str(who.pk)}
        assert bulk_undo(change=BulkChange.objects.get(), at=AT, by=who) == (1, 0)
        assert segment_account_ids(segment=moved, day=DAY, zone="UTC") == []
    with tenant_scope(tenant):
        assert change.changes == BulkChange.objects.get().changes
