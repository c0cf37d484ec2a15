import django.db.models.deletion
import tenants.fields
from django.db import migrations, models

from tenants.operations import AtOnce


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0001_initial'),
        ('tenants', '0002_user_without_theme'),
    ]

    operations = [
        AtOnce(
            migrations.AlterField(
                model_name='account',
                name='archived_at',
                field=models.DateTimeField(blank=True, null=True),
            ),
            migrations.AlterField(
                model_name='account',
                name='held_fields',
                field=models.JSONField(blank=True, default=list, editable=False),
            ),
            migrations.AlterField(
                model_name='touch',
                name='author',
                field=tenants.fields.TenantForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='tenants.member'),
            ),
        ),
    ]
