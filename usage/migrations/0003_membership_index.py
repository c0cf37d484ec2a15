from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("usage", "0002_calls_and_known_days")]

    operations = [
        migrations.RenameField("enduser", "last_seen_on", "seen_until"),
        migrations.RenameField("visitor", "last_seen_on", "seen_until"),
        migrations.RemoveConstraint("membership", "membership_once"),
        migrations.RemoveIndex("membership", "membership_by_group"),
        migrations.AddConstraint(
            "membership",
            models.UniqueConstraint(fields=["tenant", "group", "key"], name="membership_once"),
        ),
    ]
