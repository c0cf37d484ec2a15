import django.db.models.deletion
import tenants.fields
from django.db import migrations, models
from tenants.operations import AtOnce, TenantTables


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('tenants', '0001_initial'),
    ]

    operations = [
        AtOnce(
            migrations.CreateModel(
                name='ProvisionalDay',
                fields=[
                    ('tenant', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='+', serialize=False, to='tenants.tenant')),
                    ('local_date', models.DateField()),
                    ('computed_at', models.DateTimeField()),
                ],
            ),
            migrations.CreateModel(
                name='Run',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('kind', models.CharField(max_length=40)),
                    ('title', models.CharField(max_length=200)),
                    ('created_at', models.DateTimeField()),
                    ('started_at', models.DateTimeField(null=True)),
                    ('finished_at', models.DateTimeField(null=True)),
                    ('state', models.CharField(choices=[('waiting', 'waiting'), ('running', 'running'), ('done', 'done'), ('failed', 'failed')], default='waiting', max_length=8)),
                    ('total', models.IntegerField(default=0)),
                    ('done', models.IntegerField(default=0)),
                    ('params', models.JSONField(default=dict)),
                    ('result', models.JSONField(default=dict)),
                    ('error', models.TextField(blank=True, default='')),
                    ('started_by', tenants.fields.TenantForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='tenants.member')),
                    ('tenant', tenants.fields.TenantOwnerField(db_index=False, editable=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='tenants.tenant')),
                ],
                options={
                    'abstract': False,
                    'base_manager_name': 'objects',
                },
            ),
            migrations.CreateModel(
                name='Night',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('job', models.CharField(max_length=20)),
                    ('position', models.PositiveSmallIntegerField()),
                    ('local_date', models.DateField()),
                    ('shard', models.PositiveSmallIntegerField(default=0)),
                    ('state', models.CharField(choices=[('pending', 'pending'), ('done', 'done'), ('failed', 'failed')], default='pending', max_length=8)),
                    ('attempts', models.PositiveSmallIntegerField(default=0)),
                    ('not_before', models.DateTimeField()),
                    ('started_at', models.DateTimeField(null=True)),
                    ('finished_at', models.DateTimeField(null=True)),
                    ('rows', models.IntegerField(null=True)),
                    ('error', models.TextField(blank=True, default='')),
                    ('tenant', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='tenants.tenant')),
                ],
                options={
                    'indexes': [models.Index(fields=['state', 'not_before'], name='night_to_do')],
                    'constraints': [models.UniqueConstraint(fields=('tenant', 'local_date', 'job', 'shard'), name='night_step_once')],
                },
            ),
        ),
        TenantTables("run"),
    ]
