import django.contrib.postgres.fields
import django.db.models.deletion
import tenants.fields
from django.db import migrations, models
from tenants.operations import AtOnce, TenantTables, isolation_sql

# Partitioned by ranges of the key, whose first 48 bits are the event's time: the primary key is the time index too.
EVENT_TABLE = """
CREATE TABLE usage_event (
    tenant_id bigint NOT NULL,
    key uuid NOT NULL,
    kind smallint NOT NULL,
    name_id bigint NOT NULL,
    end_user_id bigint,
    visitor_id bigint,
    group_id bigint,
    group_explicit boolean NOT NULL,
    received_at timestamp with time zone NOT NULL,
    digest integer NOT NULL,
    properties jsonb,
    context jsonb,
    PRIMARY KEY (tenant_id, key)
) PARTITION BY RANGE (key);
CREATE TABLE usage_event_default PARTITION OF usage_event DEFAULT;
ALTER TABLE usage_event_default ENABLE ROW LEVEL SECURITY;
ALTER TABLE usage_event_default FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant_isolation ON usage_event_default
    USING (tenant_id = (SELECT current_setting('app.tenant_id')::bigint))
    WITH CHECK (tenant_id = (SELECT current_setting('app.tenant_id')::bigint));
"""

# Bodies are written once and read once: compressing them would cost more than it saves.
MARKS_AND_BODIES = """
ALTER TABLE usage_intakebody ALTER COLUMN body SET STORAGE EXTERNAL;
"""


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('accounts', '0001_initial'),
        ('tenants', '0001_initial'),
    ]

    operations = [
        AtOnce(
            migrations.CreateModel(
                name='Event',
                fields=[
                    ('pk', models.CompositePrimaryKey('tenant_id', 'key', blank=True, editable=False, primary_key=True, serialize=False)),
                    ('key', models.UUIDField()),
                    ('kind', models.SmallIntegerField(choices=[(1, 'track'), (2, 'page'), (3, 'screen')])),
                    ('group_explicit', models.BooleanField()),
                    ('received_at', models.DateTimeField()),
                    ('digest', models.IntegerField()),
                    ('properties', models.JSONField(null=True)),
                    ('context', models.JSONField(null=True)),
                ],
                options={
                    'db_table': 'usage_event',
                    'managed': False,
                    'base_manager_name': 'objects',
                },
            ),
            migrations.CreateModel(
                name='AccountDay',
                fields=[
                    ('pk', models.CompositePrimaryKey('tenant_id', 'day', 'account_id', blank=True, editable=False, primary_key=True, serialize=False)),
                    ('day', models.DateField()),
                    ('events', models.IntegerField()),
                    ('minutes', models.FloatField()),
                    ('account', tenants.fields.TenantForeignKey(constrained=False, db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='accounts.account')),
                    ('tenant', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='tenants.tenant')),
                ],
                options={
                    'abstract': False,
                    'base_manager_name': 'objects',
                },
            ),
            migrations.CreateModel(
                name='EndUser',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('external_id', models.CharField(max_length=500)),
                    ('name', models.CharField(blank=True, default='', max_length=200)),
                    ('email', models.CharField(blank=True, default='', max_length=320)),
                    ('traits', models.JSONField(default=dict)),
                    ('first_seen_at', models.DateTimeField()),
                    ('tenant', tenants.fields.TenantOwnerField(db_index=False, editable=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='tenants.tenant')),
                ],
                options={
                    'abstract': False,
                    'base_manager_name': 'objects',
                },
            ),
            migrations.CreateModel(
                name='AccountUser',
                fields=[
                    ('pk', models.CompositePrimaryKey('tenant_id', 'account_id', 'end_user_id', blank=True, editable=False, primary_key=True, serialize=False)),
                    ('first_known', models.DateField()),
                    ('first_active', models.DateField(null=True)),
                    ('account', tenants.fields.TenantForeignKey(constrained=False, db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='accounts.account')),
                    ('tenant', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='tenants.tenant')),
                    ('end_user', tenants.fields.TenantForeignKey(constrained=False, db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='usage.enduser')),
                ],
                options={
                    'abstract': False,
                    'base_manager_name': 'objects',
                },
            ),
            migrations.CreateModel(
                name='EventName',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('kind', models.SmallIntegerField(choices=[(1, 'track'), (2, 'page'), (3, 'screen')])),
                    ('name', models.CharField(max_length=500)),
                    ('tenant', tenants.fields.TenantOwnerField(db_index=False, editable=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='tenants.tenant')),
                ],
                options={
                    'abstract': False,
                    'base_manager_name': 'objects',
                },
            ),
            migrations.CreateModel(
                name='FeatureName',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('event_name', models.CharField(max_length=500)),
                    ('feature', tenants.fields.TenantForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='event_names', to='accounts.feature')),
                    ('tenant', tenants.fields.TenantOwnerField(db_index=False, editable=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='tenants.tenant')),
                ],
                options={
                    'abstract': False,
                    'base_manager_name': 'objects',
                },
            ),
            migrations.CreateModel(
                name='Group',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('external_id', models.CharField(max_length=200)),
                    ('traits', models.JSONField(default=dict)),
                    ('first_seen_at', models.DateTimeField()),
                    ('account', tenants.fields.TenantForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='accounts.account')),
                    ('tenant', tenants.fields.TenantOwnerField(db_index=False, editable=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='tenants.tenant')),
                ],
                options={
                    'abstract': False,
                    'base_manager_name': 'objects',
                },
            ),
            migrations.CreateModel(
                name='IntakeBody',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('received_at', models.DateTimeField()),
                    ('call', models.CharField(max_length=8)),
                    ('body', models.BinaryField()),
                    ('tenant', tenants.fields.TenantOwnerField(db_index=False, editable=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='tenants.tenant')),
                ],
                options={
                    'abstract': False,
                    'base_manager_name': 'objects',
                },
            ),
            migrations.CreateModel(
                name='LoginName',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('event_name', models.CharField(max_length=500)),
                    ('tenant', tenants.fields.TenantOwnerField(db_index=False, editable=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='tenants.tenant')),
                ],
                options={
                    'abstract': False,
                    'base_manager_name': 'objects',
                },
            ),
            migrations.CreateModel(
                name='Mark',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('day', models.DateField()),
                    ('group', tenants.fields.TenantForeignKey(constrained=False, db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='usage.group')),
                    ('tenant', tenants.fields.TenantOwnerField(db_index=False, editable=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='tenants.tenant')),
                ],
                options={
                    'abstract': False,
                    'base_manager_name': 'objects',
                },
            ),
            migrations.CreateModel(
                name='Metric',
                fields=[
                    ('day', models.DateField()),
                    ('seats', models.IntegerField(null=True)),
                    ('seats_from', models.CharField(max_length=8)),
                    ('dau', models.IntegerField()),
                    ('wau', models.IntegerField()),
                    ('mau', models.IntegerField()),
                    ('stickiness', models.FloatField(null=True)),
                    ('users_ever', models.IntegerField()),
                    ('activation_rate', models.FloatField(null=True)),
                    ('login_ratio', models.FloatField(null=True)),
                    ('login_listed', models.BooleanField()),
                    ('minutes_online', models.FloatField()),
                    ('breadth', models.FloatField(null=True)),
                    ('depth', models.FloatField(null=True)),
                    ('application_gap', models.FloatField(null=True)),
                    ('features_unused', django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(), default=list, size=None)),
                    ('usage_trend', models.FloatField(null=True)),
                    ('users_28', models.IntegerField()),
                    ('users_28_before', models.IntegerField()),
                    ('pk', models.CompositePrimaryKey('tenant_id', 'day', 'account_id', blank=True, editable=False, primary_key=True, serialize=False)),
                    ('reported', models.SmallIntegerField(choices=[(0, 'not reported'), (1, 'as reported'), (2, 'changed since; the reported row is kept')], default=0)),
                    ('provisional', models.BooleanField(default=False)),
                    ('account', tenants.fields.TenantForeignKey(constrained=False, db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='accounts.account')),
                    ('tenant', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='tenants.tenant')),
                ],
                options={
                    'abstract': False,
                    'base_manager_name': 'objects',
                },
            ),
            migrations.CreateModel(
                name='NameDay',
                fields=[
                    ('pk', models.CompositePrimaryKey('tenant_id', 'day', 'account_id', 'name_id', blank=True, editable=False, primary_key=True, serialize=False)),
                    ('day', models.DateField()),
                    ('uses', models.IntegerField()),
                    ('account', tenants.fields.TenantForeignKey(constrained=False, db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='accounts.account')),
                    ('name', tenants.fields.TenantForeignKey(constrained=False, db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='usage.eventname')),
                    ('tenant', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='tenants.tenant')),
                ],
                options={
                    'abstract': False,
                    'base_manager_name': 'objects',
                },
            ),
            migrations.CreateModel(
                name='Rejected',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('received_at', models.DateTimeField()),
                    ('reason', models.CharField(max_length=30)),
                    ('detail', models.CharField(blank=True, default='', max_length=300)),
                    ('message_id', models.CharField(blank=True, default='', max_length=300)),
                    ('item', models.BinaryField()),
                    ('replayed_at', models.DateTimeField(null=True)),
                    ('tenant', tenants.fields.TenantOwnerField(db_index=False, editable=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='tenants.tenant')),
                ],
                options={
                    'abstract': False,
                    'base_manager_name': 'objects',
                },
            ),
            migrations.CreateModel(
                name='ReportedMetric',
                fields=[
                    ('day', models.DateField()),
                    ('seats', models.IntegerField(null=True)),
                    ('seats_from', models.CharField(max_length=8)),
                    ('dau', models.IntegerField()),
                    ('wau', models.IntegerField()),
                    ('mau', models.IntegerField()),
                    ('stickiness', models.FloatField(null=True)),
                    ('users_ever', models.IntegerField()),
                    ('activation_rate', models.FloatField(null=True)),
                    ('login_ratio', models.FloatField(null=True)),
                    ('login_listed', models.BooleanField()),
                    ('minutes_online', models.FloatField()),
                    ('breadth', models.FloatField(null=True)),
                    ('depth', models.FloatField(null=True)),
                    ('application_gap', models.FloatField(null=True)),
                    ('features_unused', django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(), default=list, size=None)),
                    ('usage_trend', models.FloatField(null=True)),
                    ('users_28', models.IntegerField()),
                    ('users_28_before', models.IntegerField()),
                    ('pk', models.CompositePrimaryKey('tenant_id', 'day', 'account_id', blank=True, editable=False, primary_key=True, serialize=False)),
                    ('account', tenants.fields.TenantForeignKey(constrained=False, db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='accounts.account')),
                    ('tenant', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='tenants.tenant')),
                ],
                options={
                    'abstract': False,
                    'base_manager_name': 'objects',
                },
            ),
            migrations.CreateModel(
                name='UntimedMessage',
                fields=[
                    ('pk', models.CompositePrimaryKey('tenant_id', 'digest', blank=True, editable=False, primary_key=True, serialize=False)),
                    ('digest', models.UUIDField()),
                    ('at', models.DateTimeField()),
                    ('tenant', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='tenants.tenant')),
                ],
                options={
                    'base_manager_name': 'objects',
                },
            ),
            migrations.CreateModel(
                name='UserActivity',
                fields=[
                    ('pk', models.CompositePrimaryKey('tenant_id', 'epoch', 'account_id', 'end_user_id', blank=True, editable=False, primary_key=True, serialize=False)),
                    ('epoch', models.SmallIntegerField()),
                    ('used', models.BigIntegerField(default=0)),
                    ('logged_in', models.BigIntegerField(default=0)),
                    ('account', tenants.fields.TenantForeignKey(constrained=False, db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='accounts.account')),
                    ('end_user', tenants.fields.TenantForeignKey(constrained=False, db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='usage.enduser')),
                    ('tenant', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='tenants.tenant')),
                ],
                options={
                    'abstract': False,
                    'base_manager_name': 'objects',
                },
            ),
            migrations.CreateModel(
                name='Visitor',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('anonymous_id', models.CharField(max_length=500)),
                    ('tenant', tenants.fields.TenantOwnerField(db_index=False, editable=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='tenants.tenant')),
                ],
                options={
                    'abstract': False,
                    'base_manager_name': 'objects',
                },
            ),
            migrations.CreateModel(
                name='Tie',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('key', models.UUIDField()),
                    ('at', models.DateTimeField()),
                    ('end_user', tenants.fields.TenantForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='usage.enduser')),
                    ('tenant', tenants.fields.TenantOwnerField(db_index=False, editable=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='tenants.tenant')),
                    ('visitor', tenants.fields.TenantForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='usage.visitor')),
                ],
                options={
                    'abstract': False,
                    'base_manager_name': 'objects',
                },
            ),
            migrations.CreateModel(
                name='Membership',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('key', models.UUIDField()),
                    ('at', models.DateTimeField()),
                    ('end_user', tenants.fields.TenantForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='usage.enduser')),
                    ('group', tenants.fields.TenantForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='usage.group')),
                    ('tenant', tenants.fields.TenantOwnerField(db_index=False, editable=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='tenants.tenant')),
                    ('visitor', tenants.fields.TenantForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='usage.visitor')),
                ],
                options={
                    'abstract': False,
                    'base_manager_name': 'objects',
                },
            ),
            migrations.AddConstraint(
                model_name='enduser',
                constraint=models.UniqueConstraint(fields=('tenant', 'external_id'), name='end_user_once'),
            ),
            migrations.AddConstraint(
                model_name='eventname',
                constraint=models.UniqueConstraint(fields=('tenant', 'kind', 'name'), name='event_name_once'),
            ),
            migrations.AddConstraint(
                model_name='featurename',
                constraint=models.UniqueConstraint(fields=('tenant', 'feature', 'event_name'), name='feature_event_name_once'),
            ),
            migrations.AddIndex(
                model_name='group',
                index=models.Index(fields=['tenant', 'account'], name='group_by_account'),
            ),
            migrations.AddConstraint(
                model_name='group',
                constraint=models.UniqueConstraint(fields=('tenant', 'external_id'), name='group_once'),
            ),
            migrations.AddConstraint(
                model_name='loginname',
                constraint=models.UniqueConstraint(fields=('tenant', 'event_name'), name='login_name_once'),
            ),
            migrations.AddIndex(
                model_name='rejected',
                index=models.Index(fields=['tenant', '-received_at'], name='rejected_by_time'),
            ),
            migrations.AddConstraint(
                model_name='visitor',
                constraint=models.UniqueConstraint(fields=('tenant', 'anonymous_id'), name='visitor_once'),
            ),
            migrations.AddConstraint(
                model_name='tie',
                constraint=models.UniqueConstraint(fields=('tenant', 'visitor', 'key'), name='tie_once'),
            ),
            migrations.AddIndex(
                model_name='membership',
                index=models.Index(fields=['tenant', 'end_user', 'key'], name='membership_by_user'),
            ),
            migrations.AddIndex(
                model_name='membership',
                index=models.Index(fields=['tenant', 'visitor', 'key'], name='membership_by_visitor'),
            ),
            migrations.AddIndex(
                model_name='membership',
                index=models.Index(fields=['tenant', 'group'], name='membership_by_group'),
            ),
            migrations.AddConstraint(
                model_name='membership',
                constraint=models.UniqueConstraint(fields=('tenant', 'key'), name='membership_once'),
            ),
        ),
        TenantTables(
            "intakebody", "eventname", "group", "enduser", "visitor", "tie", "membership", "rejected",
            "untimedmessage", "featurename", "loginname", "mark",
            "useractivity", "accountuser", "nameday", "accountday", "metric", "reportedmetric",
        ),
        migrations.RunSQL(EVENT_TABLE),
        *[migrations.RunSQL(sql) for sql in isolation_sql("usage_event")],
        migrations.RunSQL(MARKS_AND_BODIES),
    ]
