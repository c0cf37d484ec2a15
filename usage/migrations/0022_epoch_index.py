import django.contrib.postgres.indexes
from django.db import migrations


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0072_parent'),
        ('tenants', '0091_public_cache'),
        ('usage', '0021_usagecount'),
    ]

    operations = [
        migrations.AddIndex(
            model_name='useractivity',
            index=django.contrib.postgres.indexes.BrinIndex(autosummarize=True, fields=['tenant', 'epoch'], name='usage_useractivity_epoch', pages_per_range=8),
        ),
    ]
