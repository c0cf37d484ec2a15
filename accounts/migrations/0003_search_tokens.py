import django.db.models.deletion
import tenants.fields
from django.db import migrations, models

from accounts.tokens import name_key, tokens
from tenants.operations import AtOnce, TenantTables

INSERT = """INSERT INTO accounts_searchtoken (tenant_id, kind, object_id, token)
SELECT %s, %s, * FROM unnest(%s::bigint[], %s::text[]) ON CONFLICT DO NOTHING"""


def fill(_apps, schema_editor):
    """Tokens of the accounts and contacts that exist, tenant by tenant: the owner too stands behind the policy."""
    with schema_editor.connection.cursor() as cursor:
        cursor.execute("SELECT id FROM tenants_tenant ORDER BY id")
        for (tenant_id,) in cursor.fetchall():
            cursor.execute("SELECT set_config('app.tenant_id', %s, true)", [str(tenant_id)])
            cursor.execute("SELECT id, name, name_key, external_id FROM accounts_account")
            accounts = {pk: tokens([name, own_id], key) for pk, name, key, own_id in cursor.fetchall()}
            cursor.execute("SELECT id, name FROM accounts_contact")
            contacts = {pk: tokens([name], name_key(name)) for pk, name in cursor.fetchall()}
            for kind, wanted in (("account", accounts), ("contact", contacts)):
                pairs = [(pk, token) for pk, found in wanted.items() for token in found]
                cursor.execute(INSERT, [tenant_id, kind, [pk for pk, _ in pairs], [token for _, token in pairs]])
        cursor.execute("SELECT set_config('app.tenant_id', '0', true)")


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0002_blank_when_unset'),
        ('tenants', '0002_user_without_theme'),
    ]

    operations = [
        AtOnce(
            migrations.CreateModel(
                name='SearchToken',
                fields=[
                    ('pk', models.CompositePrimaryKey('tenant_id', 'kind', 'token', 'object_id', blank=True, editable=False, primary_key=True, serialize=False)),
                    ('kind', models.CharField(choices=[('account', 'Account'), ('contact', 'Contact')], max_length=7)),
                    ('token', models.CharField(db_collation='C', max_length=60)),
                    ('object_id', models.BigIntegerField()),
                    ('tenant', tenants.fields.TenantOwnerField(db_index=False, editable=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='tenants.tenant')),
                ],
                options={
                    'abstract': False,
                    'base_manager_name': 'objects',
                    'indexes': [models.Index(fields=['tenant', 'object_id', 'kind'], name='search_token_by_object')],
                },
            ),
            migrations.AddIndex(
                model_name='account',
                index=models.Index(fields=['tenant', 'renewal_date'], name='account_by_renewal'),
            ),
            migrations.AddIndex(
                model_name='account',
                index=models.Index(fields=['tenant', 'segment'], name='account_by_segment'),
            ),
            migrations.AddIndex(
                model_name='account',
                index=models.Index(fields=['tenant', 'industry'], name='account_by_industry'),
            ),
            migrations.AddIndex(
                model_name='account',
                index=models.Index(models.F('tenant'), models.OrderBy(models.F('arr'), descending=True, nulls_last=True), condition=models.Q(('archived_at', None)), name='account_by_arr'),
            ),
        ),
        TenantTables("searchtoken"),
        migrations.RunPython(fill, migrations.RunPython.noop),
    ]
