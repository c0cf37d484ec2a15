import django.core.validators
import django.db.models.deletion
import tenants.fields
from decimal import Decimal
from django.db import migrations, models

from tenants.operations import TenantTables


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('tenants', '0091_public_cache'),
    ]

    operations = [
        migrations.CreateModel(
            name='RevenueSetting',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('gross_margin', models.DecimalField(blank=True, decimal_places=2, max_digits=5, null=True, validators=[django.core.validators.MinValueValidator(Decimal('0.01')), django.core.validators.MaxValueValidator(Decimal('100'))])),
                ('grace_days', models.PositiveSmallIntegerField(default=30, validators=[django.core.validators.MaxValueValidator(365)])),
                ('tenant', tenants.fields.TenantOwnerField(db_index=False, editable=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='tenants.tenant')),
            ],
            options={
                'abstract': False,
                'base_manager_name': 'objects',
                'constraints': [models.UniqueConstraint(fields=('tenant',), name='revenue_setting_once')],
            },
        ),
        TenantTables("revenuesetting"),
    ]
