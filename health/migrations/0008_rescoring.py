import django.contrib.postgres.fields
import django.db.models.deletion
import tenants.fields
from django.db import migrations, models
from tenants.operations import TenantTables


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0072_parent'),
        ('health', '0007_uncertain'),
        ('tenants', '0091_public_cache'),
    ]

    operations = [
        migrations.CreateModel(
            name='Rescoring',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('account_ids', django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(), null=True, size=None)),
                ('first', models.DateField()),
                ('last', models.DateField()),
                ('done_until', models.DateField(null=True)),
                ('accounts', models.PositiveIntegerField(default=0)),
                ('expected', models.PositiveBigIntegerField(default=0)),
                ('rows', models.PositiveBigIntegerField(default=0)),
                ('asked_at', models.DateTimeField()),
                ('started_at', models.DateTimeField(null=True)),
                ('finished_at', models.DateTimeField(null=True)),
                ('state', models.CharField(choices=[('waiting', 'waiting'), ('running', 'running'), ('done', 'done'), ('failed', 'failed'), ('removed', 'removed')], default='waiting', max_length=8)),
                ('result', models.JSONField(default=dict)),
                ('error', models.TextField(blank=True, default='')),
                ('asked_by', tenants.fields.TenantForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='tenants.member')),
                ('scorecard', tenants.fields.TenantForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='rescorings', to='health.scorecard')),
                ('tenant', tenants.fields.TenantOwnerField(db_index=False, editable=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='tenants.tenant')),
                ('version', tenants.fields.TenantForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='health.scorecardversion')),
            ],
            options={
                'abstract': False,
                'base_manager_name': 'objects',
            },
        ),
        migrations.CreateModel(
            name='RescoredScore',
            fields=[
                ('day', models.DateField()),
                ('score', models.DecimalField(decimal_places=4, max_digits=7, null=True)),
                ('band', models.CharField(choices=[('green', 'Healthy'), ('amber', 'Watch'), ('red', 'At risk'), ('unknown', 'No score')], max_length=7)),
                ('coverage', models.FloatField()),
                ('raws', django.contrib.postgres.fields.ArrayField(base_field=models.FloatField(null=True), size=None)),
                ('pk', models.CompositePrimaryKey('tenant_id', 'rescoring_id', 'day', 'account_id', blank=True, editable=False, primary_key=True, serialize=False)),
                ('account', tenants.fields.TenantForeignKey(constrained=False, db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='accounts.account')),
                ('tenant', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='tenants.tenant')),
                ('version', tenants.fields.TenantForeignKey(constrained=False, db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='health.scorecardversion')),
                ('rescoring', tenants.fields.TenantForeignKey(constrained=False, db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='health.rescoring')),
            ],
            options={
                'abstract': False,
                'base_manager_name': 'objects',
            },
        ),
        migrations.AddIndex(
            model_name='rescoring',
            index=models.Index(fields=['tenant', 'scorecard', '-asked_at'], name='rescoring_by_card'),
        ),
        TenantTables("rescoring", "rescoredscore"),
    ]
