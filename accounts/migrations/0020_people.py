import django.contrib.postgres.fields
import django.db.models.deletion
import tenants.fields
from django.db import migrations, models

from accounts.tokens import note_tokens
from tenants.operations import AtOnce, TenantReferences, TenantTables

INSERT = """INSERT INTO accounts_searchtoken (tenant_id, kind, object_id, token)
SELECT %s, 'touch', * FROM unnest(%s::bigint[], %s::text[]) ON CONFLICT DO NOTHING"""


def _each_tenant(cursor):
    """Tenant by tenant: the owner too stands behind the policy."""
    cursor.execute("SELECT id FROM tenants_tenant ORDER BY id")
    for (tenant_id,) in cursor.fetchall():
        cursor.execute("SELECT set_config('app.tenant_id', %s, true)", [str(tenant_id)])
        yield tenant_id
    cursor.execute("SELECT set_config('app.tenant_id', '0', true)")


def roles_copy(_apps, schema_editor):
    """A person's one role becomes the first of several."""
    with schema_editor.connection.cursor() as cursor:
        for _tenant in _each_tenant(cursor):
            cursor.execute("UPDATE accounts_contact SET roles = ARRAY[role] WHERE role <> ''")
        # What waits for the end of the transaction would forbid the change of the table that follows.
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


def tokens_fill(_apps, schema_editor):
    """The words of the touches that exist."""
    with schema_editor.connection.cursor() as cursor:
        for tenant_id in _each_tenant(cursor):
            cursor.execute("SELECT id, note FROM accounts_touch")
            pairs = [(pk, token) for pk, note in cursor.fetchall() for token in sorted(note_tokens([note]))]
            cursor.execute(INSERT, [tenant_id, [pk for pk, _ in pairs], [token for _, token in pairs]])


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0010_contracts'),
        ('tenants', '0020_people'),
    ]

    operations = [
        AtOnce(
            migrations.CreateModel(
                name='Conviction',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('about', models.CharField(choices=[('solution', 'the solution'), ('delivery', 'the delivery'), ('effect', 'the effect'), ('operation', 'safe and easy operation'), ('value', 'the worth of renewing')], max_length=10)),
                    ('state', models.CharField(choices=[('convinced', 'Convinced'), ('not_yet', 'Not yet'), ('against', 'Against')], max_length=10)),
                    ('on', models.DateField()),
                    ('evidence', models.CharField(blank=True, default='', max_length=500)),
                    ('created_at', models.DateTimeField()),
                ],
                options={
                    'abstract': False,
                    'base_manager_name': 'objects',
                },
            ),
            migrations.CreateModel(
                name='CustomerEvent',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('kind', models.CharField(choices=[('salon', 'Salon'), ('course', 'Course')], max_length=8)),
                    ('name', models.CharField(max_length=150)),
                    ('on', models.DateField()),
                    ('place', models.CharField(blank=True, default='', max_length=150)),
                    ('level', models.CharField(blank=True, choices=[('solve', 'Problem solved'), ('gap', 'Application gap closed'), ('advice', 'Business advice')], default='advice', max_length=8)),
                    ('created_at', models.DateTimeField()),
                ],
                options={
                    'abstract': False,
                    'base_manager_name': 'objects',
                },
            ),
            migrations.CreateModel(
                name='Invitee',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ],
                options={
                    'abstract': False,
                    'base_manager_name': 'objects',
                },
            ),
            migrations.CreateModel(
                name='Mailbox',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('token', models.CharField(max_length=40)),
                    ('created_at', models.DateTimeField()),
                ],
                options={
                    'abstract': False,
                    'base_manager_name': 'objects',
                },
            ),
            migrations.CreateModel(
                name='NextStep',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('text', models.CharField(max_length=300)),
                    ('due_on', models.DateField()),
                    ('done_at', models.DateTimeField(blank=True, null=True)),
                    ('created_at', models.DateTimeField()),
                ],
                options={
                    'abstract': False,
                    'base_manager_name': 'objects',
                },
            ),
            migrations.CreateModel(
                name='TouchMail',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('message_id', models.CharField(max_length=300)),
                    ('subject', models.CharField(blank=True, default='', max_length=300)),
                    ('sender', models.CharField(blank=True, default='', max_length=320)),
                    ('strangers', models.JSONField(default=list)),
                    ('quoted', models.TextField(blank=True, default='')),
                    ('attachments', models.JSONField(default=list)),
                ],
                options={
                    'abstract': False,
                    'base_manager_name': 'objects',
                },
            ),
            migrations.AddField(
                model_name='contact',
                name='champion',
                field=models.BooleanField(default=False),
            ),
            migrations.AddField(
                model_name='contact',
                name='external_id',
                field=models.CharField(blank=True, max_length=200, null=True),
            ),
            migrations.AddField(
                model_name='contact',
                name='influence',
                field=models.CharField(blank=True, choices=[('low', 'Low influence'), ('medium', 'Medium influence'), ('high', 'High influence')], default='', max_length=6),
            ),
            migrations.AddField(
                model_name='contact',
                name='left_on',
                field=models.DateField(blank=True, null=True),
            ),
            migrations.AddField(
                model_name='contact',
                name='reports_to',
                field=tenants.fields.TenantForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='reports', to='accounts.contact'),
            ),
            migrations.AddField(
                model_name='contact',
                name='roles',
                field=django.contrib.postgres.fields.ArrayField(base_field=models.CharField(choices=[('decision_maker', 'Decision maker'), ('key_person', 'Key person'), ('project_lead', 'Project lead'), ('middle_manager', 'Middle manager'), ('requirement_owner', 'Requirement owner'), ('system_admin', 'System administrator'), ('user', 'User'), ('it', 'IT')], max_length=20), blank=True, default=list, size=None),
            ),
            migrations.AddField(
                model_name='touch',
                name='external_id',
                field=models.CharField(blank=True, max_length=200, null=True),
            ),
            migrations.AddField(
                model_name='touch',
                name='level',
                field=models.CharField(blank=True, choices=[('solve', 'Problem solved'), ('gap', 'Application gap closed'), ('advice', 'Business advice')], default='', max_length=8),
            ),
            migrations.AlterField(
                model_name='searchtoken',
                name='kind',
                field=models.CharField(choices=[('account', 'Account'), ('contact', 'Contact'), ('touch', 'Touch')], max_length=7),
            ),
            migrations.AlterField(
                model_name='touch',
                name='kind',
                field=models.CharField(choices=[('call', 'Call'), ('meeting', 'Meeting'), ('visit', 'Visit'), ('mail', 'E-mail'), ('message', 'Message'), ('wecom', 'WeChat/WeCom'), ('training', 'Training'), ('event', 'Event')], max_length=10),
            ),
            migrations.AddIndex(
                model_name='touchcontact',
                index=models.Index(fields=['tenant', 'contact'], name='touch_contact_by_person'),
            ),
            migrations.AddConstraint(
                model_name='contact',
                constraint=models.UniqueConstraint(fields=('tenant', 'external_id'), name='contact_external_id_once'),
            ),
            migrations.AddConstraint(
                model_name='contact',
                constraint=models.CheckConstraint(condition=models.Q(('reports_to', None), models.Q(('reports_to', models.F('id')), _negated=True), _connector='OR'), name='contact_reports_to_another'),
            ),
            migrations.AddField(
                model_name='conviction',
                name='author',
                field=tenants.fields.TenantForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='tenants.member'),
            ),
            migrations.AddField(
                model_name='conviction',
                name='contact',
                field=tenants.fields.TenantForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='convictions', to='accounts.contact'),
            ),
            migrations.AddField(
                model_name='conviction',
                name='tenant',
                field=tenants.fields.TenantOwnerField(db_index=False, editable=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='tenants.tenant'),
            ),
            migrations.AddField(
                model_name='customerevent',
                name='host',
                field=tenants.fields.TenantForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='tenants.member'),
            ),
            migrations.AddField(
                model_name='customerevent',
                name='tenant',
                field=tenants.fields.TenantOwnerField(db_index=False, editable=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='tenants.tenant'),
            ),
            migrations.AddField(
                model_name='touch',
                name='event',
                field=tenants.fields.TenantForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='touches', to='accounts.customerevent'),
            ),
            migrations.AddIndex(
                model_name='touch',
                index=models.Index(fields=['tenant', 'on'], name='touch_by_day'),
            ),
            migrations.AddConstraint(
                model_name='touch',
                constraint=models.UniqueConstraint(fields=('tenant', 'external_id'), name='touch_external_id_once'),
            ),
            migrations.AddField(
                model_name='invitee',
                name='contact',
                field=tenants.fields.TenantForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='accounts.contact'),
            ),
            migrations.AddField(
                model_name='invitee',
                name='event',
                field=tenants.fields.TenantForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='invitees', to='accounts.customerevent'),
            ),
            migrations.AddField(
                model_name='invitee',
                name='tenant',
                field=tenants.fields.TenantOwnerField(db_index=False, editable=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='tenants.tenant'),
            ),
            migrations.AddField(
                model_name='invitee',
                name='touch',
                field=tenants.fields.TenantForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='accounts.touch'),
            ),
            migrations.AddField(
                model_name='mailbox',
                name='account',
                field=tenants.fields.TenantForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='accounts.account'),
            ),
            migrations.AddField(
                model_name='mailbox',
                name='tenant',
                field=tenants.fields.TenantOwnerField(db_index=False, editable=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='tenants.tenant'),
            ),
            migrations.AddField(
                model_name='nextstep',
                name='account',
                field=tenants.fields.TenantForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='steps', to='accounts.account'),
            ),
            migrations.AddField(
                model_name='nextstep',
                name='done_by',
                field=tenants.fields.TenantForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='tenants.member'),
            ),
            migrations.AddField(
                model_name='nextstep',
                name='owner',
                field=tenants.fields.TenantForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='tenants.member'),
            ),
            migrations.AddField(
                model_name='nextstep',
                name='tenant',
                field=tenants.fields.TenantOwnerField(db_index=False, editable=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='tenants.tenant'),
            ),
            migrations.AddField(
                model_name='nextstep',
                name='touch',
                field=tenants.fields.TenantForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='steps', to='accounts.touch'),
            ),
            migrations.AddField(
                model_name='touchmail',
                name='account',
                field=tenants.fields.TenantForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='accounts.account'),
            ),
            migrations.AddField(
                model_name='touchmail',
                name='tenant',
                field=tenants.fields.TenantOwnerField(db_index=False, editable=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='tenants.tenant'),
            ),
            migrations.AddField(
                model_name='touchmail',
                name='touch',
                field=tenants.fields.TenantForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='mails', to='accounts.touch'),
            ),
            migrations.AddIndex(
                model_name='conviction',
                index=models.Index(fields=['tenant', 'contact', '-on'], name='conviction_by_contact'),
            ),
            migrations.AddIndex(
                model_name='customerevent',
                index=models.Index(fields=['tenant', '-on'], name='customer_event_by_day'),
            ),
            migrations.AddConstraint(
                model_name='invitee',
                constraint=models.UniqueConstraint(fields=('tenant', 'event', 'contact'), name='invitee_once'),
            ),
            migrations.AddConstraint(
                model_name='mailbox',
                constraint=models.UniqueConstraint(fields=('tenant', 'account'), name='mailbox_of_account'),
            ),
            migrations.AddConstraint(
                model_name='mailbox',
                constraint=models.UniqueConstraint(fields=('tenant', 'token'), name='mailbox_token_once'),
            ),
            migrations.AddIndex(
                model_name='nextstep',
                index=models.Index(fields=['tenant', 'account', 'due_on'], name='next_step_by_account'),
            ),
            migrations.AddIndex(
                model_name='nextstep',
                index=models.Index(condition=models.Q(('done_at', None)), fields=['tenant', 'due_on'], name='next_step_open'),
            ),
            migrations.AddConstraint(
                model_name='touchmail',
                constraint=models.UniqueConstraint(fields=('tenant', 'account', 'message_id'), name='touch_mail_once'),
            ),
            migrations.AddConstraint(
                model_name='touchmail',
                constraint=models.UniqueConstraint(fields=('tenant', 'touch'), name='touch_mail_of_touch'),
            ),
        ),
        migrations.RunPython(roles_copy, migrations.RunPython.noop),
        migrations.RemoveField(
            model_name='contact',
            name='role',
        ),
        TenantTables(
            "conviction", "customerevent", "touchmail", "mailbox", "nextstep", "invitee",
        ),
        TenantReferences("contact", "reports_to"),
        TenantReferences("touch", "event"),
        migrations.RunPython(tokens_fill, migrations.RunPython.noop),
    ]
