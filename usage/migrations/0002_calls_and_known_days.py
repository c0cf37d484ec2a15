from datetime import date

import django.db.models.deletion
from django.db import migrations, models

import tenants.fields
from tenants.operations import AtOnce, TenantTables

KINDS = [(1, "track"), (2, "page"), (3, "screen"), (4, "identify"), (5, "group"), (6, "alias")]
NEVER = date(1970, 1, 1)


class Migration(migrations.Migration):
    dependencies = [("usage", "0001_initial")]

    operations = [
        AtOnce(
            migrations.AlterField("event", "kind", models.SmallIntegerField(choices=KINDS)),
            migrations.AlterField("eventname", "kind", models.SmallIntegerField(choices=KINDS)),
            migrations.AddField(
                "enduser", "last_seen_on", models.DateField(default=NEVER), preserve_default=False
            ),
            migrations.AddField(
                "visitor", "first_seen_on", models.DateField(default=NEVER), preserve_default=False
            ),
            migrations.AddField(
                "visitor", "last_seen_on", models.DateField(default=NEVER), preserve_default=False
            ),
            migrations.AddField("useractivity", "known", models.BigIntegerField(default=0)),
            migrations.CreateModel(
                name="StaleMetric",
                fields=[
                    ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                    ("first_day", models.DateField()),
                    ("last_day", models.DateField(null=True)),
                    (
                        "account",
                        tenants.fields.TenantForeignKey(
                            constrained=False,
                            db_index=False,
                            on_delete=django.db.models.deletion.CASCADE,
                            related_name="+",
                            to="accounts.account",
                        ),
                    ),
                    (
                        "tenant",
                        tenants.fields.TenantOwnerField(
                            db_index=False,
                            editable=False,
                            on_delete=django.db.models.deletion.CASCADE,
                            related_name="+",
                            to="tenants.tenant",
                        ),
                    ),
                ],
                options={"abstract": False, "base_manager_name": "objects"},
            ),
        ),
        TenantTables("stalemetric"),
    ]
