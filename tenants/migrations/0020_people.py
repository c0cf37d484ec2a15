from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('tenants', '0002_user_without_theme'),
    ]

    operations = [
        migrations.AlterField(
            model_name='door',
            name='kind',
            field=models.CharField(choices=[('key', 'Key'), ('invitation', 'Invitation'), ('mailbox', 'Mail-in address')], max_length=12),
        ),
        migrations.AddIndex(
            model_name='auditentry',
            index=models.Index(fields=['tenant', 'noun', 'object_id', '-at'], name='audit_by_object'),
        ),
    ]
