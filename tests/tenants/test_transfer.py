"""A tenant leaves as a file, arrives as another tenant with the same figures, and is deleted without a trace."""

import os
import zipfile
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import psycopg2
import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from accounts.models import Account, Contact, Feature, SavedView
from accounts.services import contact_save, feature_save, saved_view_save, touch_log
from csplatform.backups import BackupError, backup, restore
from health.models import Score
from health.services import scores_fill
from operations.models import Night
from tenants.models import AuditEntry, Key, Member, Tenant, User
from tenants.scope import tenant_scope
from tenants.transfer import TransferError, tenant_export, tenant_import
from tenants.transfer.tables import tenant_models, transferred_tables
from tests import services
from tests.usage.world import RECEIVED, TODAY, at, call, make_tenant, night, send, tables
from usage.models import FeatureName, Metric

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "owner"])
YESTERDAY = TODAY - timedelta(days=1)


@pytest.fixture
def tenant() -> Tenant:
    """A tenant with use, people, touches, a night's figures and scores, and a view that names a member."""
    tenant = make_tenant("origin")
    send(
        tenant,
        *(call("group", f"u{n}", at(90), groupId=f"a{n % 3}") for n in range(6)),
        *(call("track", f"u{n}", at(n * 9 + 1), groupId=f"a{n % 3}", event="Report") for n in range(6)),
    )
    night(tenant, YESTERDAY)
    with tenant_scope(tenant):
        reports = feature_save(values={"key": "reports", "name": "Reports", "core": True}, at=RECEIVED, by=None)
        FeatureName.objects.create(feature=reports, event_name="Report")
        feature_save(values={"key": "never", "name": "Never used", "core": False}, at=RECEIVED, by=None)
        scores_fill(days=[YESTERDAY], closing=True)
        Night.objects.create(
            tenant=tenant, job="alerts", position=0, local_date=YESTERDAY, state="done", not_before=RECEIVED
        )
        account, member = Account.objects.get(external_id="a1"), Member.objects.get()
        person = contact_save(account=account, values={"name": "Ana Ruiz"}, at=RECEIVED, by=member)
        touch_log(account=account, kind="call", on=YESTERDAY, note="Hello", by=member, at=RECEIVED, contacts=[person])
        saved_view_save(
            member=member, name="Mine", query=f"csm={member.pk}&sort=name", is_shared=True, is_default=True, at=RECEIVED
        )
    night(tenant, YESTERDAY)
    return tenant


@pytest.fixture
def file(tenant: Tenant, tmp_path: Path) -> Path:
    path = tmp_path / "origin.zip"
    tenant_export(tenant=tenant, path=path, at=RECEIVED)
    return path


def said(tenant: Tenant) -> dict[str, Any]:
    """What the tenant's pages rest on, by names instead of ids."""
    with tenant_scope(tenant):
        features = dict(Feature.objects.values_list("pk", "key"))
        by_account = {account.pk: account.external_id for account in Account.objects.all()}
        view = SavedView.objects.get()
        member = Member.objects.get(pk=int(view.query.split("csm=")[1].split("&")[0]))
        return {
            "scores": {(by_account[s.account_id], s.day, s.score, s.band) for s in Score.objects.all()},
            "unused": {
                (by_account[m.account_id], m.day, tuple(sorted(features[pk] for pk in m.features_unused)))
                for m in Metric.objects.all()
            },
            "people": set(Contact.objects.values_list("account__external_id", "name", "touches__note")),
            "nights": set(Night.objects.filter(tenant=tenant).values_list("job", "local_date", "state")),
            "view": (view.name, view.owner.user.email, member.user.email),
            "audit": {
                (entry.action, entry.object_label, by_account[entry.object_id or 0])
                for entry in AuditEntry.objects.filter(noun="account")
            },
        }


def test_a_tenant_arrives_with_the_same_figures_under_new_ids(tenant: Tenant, file: Path) -> None:
    copy = tenant_import(path=file, slug="copy", at=RECEIVED)
    assert said(copy) == said(tenant)
    assert tables(copy) == tables(tenant)
    with tenant_scope(copy):
        assert not Key.objects.exists()
        account = Account.objects.get(external_id="a1")
        later = call("track", "u1", at(1, 18.0), groupId="a1", event="Report")
    send(copy, later)
    night(copy, YESTERDAY)
    with tenant_scope(copy):
        assert account.name == Account.objects.get(external_id="a1").name
    assert tables(copy) != tables(tenant), "the copy lives on, and the original does not follow"


def test_every_table_of_a_tenant_is_in_the_file_or_named_as_left_behind(file: Path) -> None:
    tables_held = {table.name for table in transferred_tables()}
    left = {model._meta.db_table for model in tenant_models()} - tables_held
    assert left == {"tenants_door", "tenants_key", "tenants_invitation"}
    columns = {(table.name, column) for table in transferred_tables() for column in table.columns}
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT table_name, column_name FROM information_schema.columns WHERE table_name = ANY(%s)",
            [sorted(tables_held)],
        )
        assert set(cursor.fetchall()) == columns


def test_a_file_whose_writing_broke_off_is_refused_in_words(tenant: Tenant, file: Path, tmp_path: Path) -> None:
    assert file.stat().st_mode & 0o077 == 0, "only its owner reads it"
    broken, empty, other = tmp_path / "broken.zip", tmp_path / "empty.zip", tmp_path / "other.zip"
    broken.write_bytes(file.read_bytes()[: file.stat().st_size // 2])
    empty.write_bytes(b"")
    with zipfile.ZipFile(other, "w") as archive:
        archive.writestr("data/accounts_account.copy", "")
    for path in (broken, empty, other):
        with pytest.raises(TransferError, match="no whole export"):
            tenant_import(path=path, slug="again", at=RECEIVED)
    assert not Tenant.objects.filter(slug="again").exists()


def test_a_file_is_refused_where_it_does_not_fit_and_nothing_is_kept(tenant: Tenant, file: Path) -> None:
    with pytest.raises(TransferError, match="already"):
        tenant_import(path=file, slug=tenant.slug, at=RECEIVED)
    with pytest.raises(CommandError, match="no file"):
        call_command("tenant_import", str(file) + "x", slug="other")
    assert Tenant.objects.count() == 1


def owner_counts(tenant_id: int) -> dict[str, int]:
    """Rows of a tenant in every table, seen by the role that reads all."""
    with psycopg2.connect(os.environ["DATABASE_BACKUP_URL"]) as link, link.cursor() as cursor:
        found = {}
        for model in tenant_models():
            cursor.execute(f'SELECT count(*) FROM "{model._meta.db_table}" WHERE tenant_id = %s', [tenant_id])
            [[found[model._meta.db_table]]] = cursor.fetchall()
    return {table: count for table, count in found.items() if count}


def test_a_deleted_tenant_leaves_nothing_and_touches_nobody_else(tenant: Tenant, file: Path) -> None:
    copy = tenant_import(path=file, slug="copy", at=RECEIVED)
    User.objects.create_user("only-here@example.com")
    with tenant_scope(copy):
        Member.objects.create(tenant=copy, user=User.objects.get(email="only-here@example.com"), role="csm")
    before = (said(tenant), tables(tenant))
    with pytest.raises(CommandError, match="Nothing was deleted"):
        call_command("tenant_delete", "copy")
    assert owner_counts(copy.pk)
    call_command("tenant_delete", "copy", yes="copy")
    assert owner_counts(copy.pk) == {}
    assert not Tenant.objects.filter(slug="copy").exists()
    assert not User.objects.filter(email="only-here@example.com").exists()
    assert User.objects.filter(email="admin@origin.example").exists(), "who belongs elsewhere too stays"
    assert (said(tenant), tables(tenant)) == before


@pytest.fixture
def empty_database() -> Iterator[str]:
    name = services._database(os.environ["DATABASE_OWNER_URL"]) + "_back"
    services._as_owner(f'CREATE DATABASE "{name}" TEMPLATE template0')
    yield services._with_database(os.environ["DATABASE_OWNER_URL"], name)
    services._as_owner(f'DROP DATABASE "{name}" WITH (FORCE)')


def test_a_restore_without_a_running_database_says_how_to_start_it(tmp_path: Path) -> None:
    path = tmp_path / "all.backup"
    path.touch()
    with pytest.raises(BackupError, match="Start it"):
        restore(path=path, url="postgresql://nobody@127.0.0.1:1/none")


def test_a_backup_brings_every_tenant_back_into_an_empty_database(
    tenant: Tenant, tmp_path: Path, empty_database: str
) -> None:
    path = tmp_path / "all.backup"
    backup(path=path, url=os.environ["DATABASE_BACKUP_URL"])
    assert path.stat().st_mode & 0o077 == 0, "nobody else reads it"
    restore(path=path, url=empty_database)
    expected = owner_counts(tenant.pk)
    with psycopg2.connect(empty_database) as link, link.cursor() as cursor:
        cursor.execute("SELECT set_config('app.tenant_id', %s, true)", [str(tenant.pk)])
        for table, count in expected.items():
            cursor.execute(f'SELECT count(*) FROM "{table}"')
            assert cursor.fetchall() == [(count,)], table
        cursor.execute("SELECT set_config('app.tenant_id', '0', true)")
        cursor.execute("SELECT count(*) FROM accounts_account")
        assert cursor.fetchall() == [(0,)], "the policies came back too"
    with pytest.raises(BackupError, match="empty one"):
        restore(path=path, url=empty_database)
    with pytest.raises(BackupError, match="exists already"):
        backup(path=path, url=os.environ["DATABASE_BACKUP_URL"])
