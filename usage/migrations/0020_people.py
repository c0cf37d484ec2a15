import django.db.models.deletion
import tenants.fields
from django.db import migrations, models
from tenants.operations import TenantTables


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0020_people'),
        ('tenants', '0020_people'),
        ('usage', '0004_running_totals'),
    ]

    operations = [
        migrations.CreateModel(
            name='PersonLink',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('same', models.BooleanField()),
                ('created_at', models.DateTimeField()),
                ('contact', tenants.fields.TenantForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='accounts.contact')),
                ('end_user', tenants.fields.TenantForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='usage.enduser')),
                ('tenant', tenants.fields.TenantOwnerField(db_index=False, editable=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='tenants.tenant')),
            ],
            options={
                'abstract': False,
                'base_manager_name': 'objects',
                'constraints': [models.UniqueConstraint(fields=('tenant', 'contact', 'end_user'), name='person_link_once')],
            },
        ),
        TenantTables("personlink"),
    ]
