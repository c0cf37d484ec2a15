import django.db.models.deletion
from django.db import migrations, models

import tenants.fields
from tenants.operations import TenantTables


class Migration(migrations.Migration):

    dependencies = [
        ("accounts", "0061_files"),
        ("playbooks", "0001_initial"),
        ("tenants", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="RuleSetting",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("rule", models.CharField(choices=[("use_down", "Use is down"), ("silent", "Silent"), ("red_renewal", "Red before renewal")], max_length=20)),
                ("version", models.PositiveIntegerField(default=1, editable=False)),
                ("segment", tenants.fields.TenantForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name="+", to="accounts.segment")),
                ("tenant", tenants.fields.TenantOwnerField(db_index=False, editable=False, on_delete=django.db.models.deletion.CASCADE, related_name="+", to="tenants.tenant")),
            ],
            options={
                "abstract": False,
                "base_manager_name": "objects",
                "constraints": [models.UniqueConstraint(fields=("tenant", "rule"), name="rule_setting_once")],
            },
        ),
        TenantTables("rulesetting"),
    ]
