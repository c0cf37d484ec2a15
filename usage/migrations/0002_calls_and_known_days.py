from datetime import date

from django.db import migrations, models

KINDS = [(1, "track"), (2, "page"), (3, "screen"), (4, "identify"), (5, "group"), (6, "alias")]
NEVER = date(1970, 1, 1)


class Migration(migrations.Migration):
    dependencies = [("usage", "0001_initial")]

    operations = [
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
    ]
