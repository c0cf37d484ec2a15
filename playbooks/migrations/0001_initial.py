import django.db.models.deletion
import tenants.fields
from django.db import migrations, models
from tenants.operations import TenantTables


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('accounts', '0001_initial'),
        ('tenants', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='Alert',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('rule', models.CharField(choices=[('use_down', 'Use is down'), ('silent', 'Silent'), ('red_renewal', 'Red before renewal')], max_length=20)),
                ('state', models.CharField(choices=[('open', 'open'), ('snoozed', 'snoozed'), ('done', 'done'), ('ended', 'ended by itself')], default='open', max_length=8)),
                ('opened_on', models.DateField()),
                ('due_on', models.DateField()),
                ('facts', models.JSONField(default=dict)),
                ('snoozed_until', models.DateField(null=True)),
                ('closed_at', models.DateTimeField(null=True)),
                ('closed_on', models.DateField(null=True)),
                ('outcome', models.CharField(blank=True, default='', max_length=300)),
                ('account', tenants.fields.TenantForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='alerts', to='accounts.account')),
                ('closed_by', tenants.fields.TenantForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='tenants.member')),
                ('owner', tenants.fields.TenantForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='tenants.member')),
                ('tenant', tenants.fields.TenantOwnerField(db_index=False, editable=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='tenants.tenant')),
            ],
            options={
                'abstract': False,
                'base_manager_name': 'objects',
                'indexes': [models.Index(fields=['tenant', 'state', 'account'], name='alert_by_state')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('state__in', ['open', 'snoozed'])), fields=('tenant', 'account', 'rule'), name='alert_open_once')],
            },
        ),
        TenantTables("alert"),
    ]
