from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('health', '0006_lint'),
    ]

    operations = [
        migrations.AddField(model_name='reportedscore', name='uncertain', field=models.BooleanField(null=True)),
        migrations.AddField(model_name='score', name='uncertain', field=models.BooleanField(null=True)),
    ]
