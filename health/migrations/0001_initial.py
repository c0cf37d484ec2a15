import django.contrib.postgres.fields
import django.db.models.deletion
import tenants.fields
from django.db import migrations, models
from tenants.operations import AtOnce, TenantTables


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('accounts', '0001_initial'),
        ('tenants', '0001_initial'),
    ]

    operations = [
        AtOnce(
            migrations.CreateModel(
                name='Scorecard',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('name', models.CharField(max_length=80)),
                    ('draft', models.JSONField(null=True)),
                    ('draft_at', models.DateTimeField(null=True)),
                    ('draft_by', tenants.fields.TenantForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='tenants.member')),
                    ('tenant', tenants.fields.TenantOwnerField(db_index=False, editable=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='tenants.tenant')),
                ],
                options={
                    'abstract': False,
                    'base_manager_name': 'objects',
                },
            ),
            migrations.CreateModel(
                name='ScorecardVersion',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('number', models.PositiveIntegerField()),
                    ('definition', models.JSONField()),
                    ('measure_keys', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=60), size=None)),
                    ('effective_from', models.DateField()),
                    ('published_at', models.DateTimeField()),
                    ('reason', models.CharField(blank=True, default='', max_length=300)),
                    ('published_by', tenants.fields.TenantForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='tenants.member')),
                    ('scorecard', tenants.fields.TenantForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='versions', to='health.scorecard')),
                    ('tenant', tenants.fields.TenantOwnerField(db_index=False, editable=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='tenants.tenant')),
                ],
                options={
                    'abstract': False,
                    'base_manager_name': 'objects',
                },
            ),
            migrations.CreateModel(
                name='Score',
                fields=[
                    ('day', models.DateField()),
                    ('score', models.DecimalField(decimal_places=4, max_digits=7, null=True)),
                    ('band', models.CharField(choices=[('green', 'Healthy'), ('amber', 'Watch'), ('red', 'At risk'), ('unknown', 'No score')], max_length=7)),
                    ('coverage', models.FloatField()),
                    ('raws', django.contrib.postgres.fields.ArrayField(base_field=models.FloatField(null=True), size=None)),
                    ('pk', models.CompositePrimaryKey('tenant_id', 'day', 'account_id', blank=True, editable=False, primary_key=True, serialize=False)),
                    ('reported', models.SmallIntegerField(choices=[(0, 'not reported'), (1, 'as reported'), (2, 'changed since; the reported score is kept')], default=0)),
                    ('provisional', models.BooleanField(default=False)),
                    ('account', tenants.fields.TenantForeignKey(constrained=False, db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='accounts.account')),
                    ('tenant', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='tenants.tenant')),
                    ('version', tenants.fields.TenantForeignKey(constrained=False, db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='health.scorecardversion')),
                ],
                options={
                    'abstract': False,
                    'base_manager_name': 'objects',
                },
            ),
            migrations.CreateModel(
                name='ReportedScore',
                fields=[
                    ('day', models.DateField()),
                    ('score', models.DecimalField(decimal_places=4, max_digits=7, null=True)),
                    ('band', models.CharField(choices=[('green', 'Healthy'), ('amber', 'Watch'), ('red', 'At risk'), ('unknown', 'No score')], max_length=7)),
                    ('coverage', models.FloatField()),
                    ('raws', django.contrib.postgres.fields.ArrayField(base_field=models.FloatField(null=True), size=None)),
                    ('pk', models.CompositePrimaryKey('tenant_id', 'day', 'account_id', blank=True, editable=False, primary_key=True, serialize=False)),
                    ('account', tenants.fields.TenantForeignKey(constrained=False, db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='accounts.account')),
                    ('tenant', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='tenants.tenant')),
                    ('version', tenants.fields.TenantForeignKey(constrained=False, db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='health.scorecardversion')),
                ],
                options={
                    'abstract': False,
                    'base_manager_name': 'objects',
                },
            ),
            migrations.AddConstraint(
                model_name='scorecardversion',
                constraint=models.UniqueConstraint(fields=('tenant', 'scorecard', 'number'), name='scorecard_version_once'),
            ),
        ),
        TenantTables("scorecard", "scorecardversion", "score", "reportedscore"),
    ]
