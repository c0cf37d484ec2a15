"""The audit page says what happened in the reader's language."""

import pytest
from django.utils import translation

from accounts.models import StageRule
from accounts.services import account_change, feature_save
from accounts.services.lifecycle import stage_rule_save
from tenants.models import AuditEntry, Role
from tenants.scope import tenant_scope
from tenants.services import audit_add, member_change
from tests.factories import AT, make_account, make_member, make_tenant
from tests.portfolio.world import make_alert, signed_in

pytestmark = pytest.mark.django_db


def test_fields_codes_days_and_programs_are_named_in_the_language_of_the_reader() -> None:
    made = make_tenant(language="zh-hans")
    with tenant_scope(made.tenant):
        account = make_account(made.tenant, "one")
        values = {"lifecycle_stage": "training", "renewal_date": "2027-03-01"}
        account_change(account=account, values=values, at=AT, by=None, label="intake")
        member_change(member=make_member(Role.CSM), role=Role.MANAGER, is_active=False, by=made.admin, at=AT)
        feature = feature_save(values={"key": "r", "name": "Reports", "core": False}, at=AT, by=made.admin)
        feature_save(values={"core": True}, at=AT, by=made.admin, feature=feature)
    page = signed_in(made.admin).get(f"/t/{made.tenant.slug}/audit/").content.decode()
    for said in ("阶段：系统配置 → 培训指导", "续约日期：– → 2027-03-01", "启用：是 → 否", "核心功能：否 → 是"):
        assert said in page, [line for line in page.splitlines() if "→" in line]
    assert "角色：客户成功经理 → 主管" in page
    assert "数据接入" in page
    for raw in ("lifecycle_stage", "is_active", "renewal_date", "True", "None", ">intake<", ">platform<"):
        assert raw not in page


def test_a_condition_is_said_in_words_and_a_gone_field_too() -> None:
    made = make_tenant(language="zh-hans")
    with tenant_scope(made.tenant):
        known = {"all": [{"field": "renewal_date", "op": "more_ahead", "value": 180}]}
        stage_rule_save(stage="training", values={"exit": known}, at=AT, by=made.admin)
        lost = {"exit": [str({"all": [{"field": "gone_field", "op": "filled"}]}), None]}
        audit_add(
            actor=made.admin, action="change", target=StageRule.objects.get(stage="training"), at=AT, changes=lost
        )
    page = signed_in(made.admin).get(f"/t/{made.tenant.slug}/audit/").content.decode()
    assert "180" in page
    assert "条件所用的字段已不存在" in page
    for raw in ("more_ahead", "gone_field", "{&#x27;", "&#x27;field"):
        assert raw not in page


def test_what_a_tenant_starts_with_is_named_in_its_language() -> None:
    made = make_tenant(language="zh-hans")
    page = signed_in(made.admin).get(f"/t/{made.tenant.slug}/keys/").content.decode()
    assert "First write key" not in page


def test_imports_and_touches_are_called_by_words_and_others_by_their_names() -> None:
    touch = AuditEntry(actor_label="import: cards.csv", noun="touch", object_label="call 2026-11-23")
    other = AuditEntry(actor_label="Ann", noun="account", object_label="call 2026-11-23")
    with translation.override("zh-hans"):
        assert (touch.actor_words, touch.object_words) == ("导入 cards.csv", "电话 2026-11-23")
        assert (other.actor_words, other.object_words) == ("Ann", "call 2026-11-23")


def test_an_import_that_a_member_ran_and_its_undoing_are_called_by_words() -> None:
    ran = AuditEntry(actor_id=1, actor_label="import: cards.csv")
    undone = AuditEntry(actor_id=1, actor_label="undo: cards.csv")
    person = AuditEntry(actor_id=1, actor_label="system")
    with translation.override("zh-hans"):
        assert (ran.actor_words, undone.actor_words) == ("导入 cards.csv", "撤销导入 cards.csv")
    assert person.actor_words == "system", "a member may be called so"


def test_a_stage_without_an_own_name_and_an_alert_are_called_in_the_language_of_the_reader() -> None:
    made = make_tenant()
    with tenant_scope(made.tenant), translation.override("en"):
        stage_rule_save(stage="expansion_renewal", values={"confirmed": False}, at=AT, by=made.admin)
        alert = make_alert(make_account(made.tenant, "锦程制造"), rule="silent")
        audit_add(actor=made.admin, action="done", target=alert, at=AT)
        entries = {one.noun: one for one in AuditEntry.objects.filter(noun__in=("stagerule", "alert"))}
    with translation.override("zh-hans"):
        assert entries["stagerule"].object_words == "增购续费"
        assert entries["alert"].object_words == "失联 锦程制造"
        assert AuditEntry(noun="alert", object_label="silent 7").object_words == "失联"
