import django.db.models.deletion
import tenants.fields
from django.db import migrations, models
from tenants.operations import AtOnce, TenantTables


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('tenants', '0001_initial'),
    ]

    operations = [
        AtOnce(
            migrations.CreateModel(
                name='Account',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('external_id', models.CharField(max_length=200)),
                    ('name', models.CharField(max_length=200)),
                    ('name_key', models.CharField(editable=False, max_length=400)),
                    ('industry', models.CharField(blank=True, default='', max_length=80)),
                    ('segment', models.CharField(blank=True, default='', max_length=80)),
                    ('lifecycle_stage', models.CharField(choices=[('configuration', 'Configuration'), ('training', 'Training'), ('go_live', 'Go-live'), ('after_sales', 'After-sales'), ('expansion_renewal', 'Expansion and renewal')], default='configuration', max_length=20)),
                    ('seats', models.PositiveIntegerField(blank=True, null=True)),
                    ('contract_start', models.DateField(blank=True, null=True)),
                    ('renewal_date', models.DateField(blank=True, null=True)),
                    ('arr', models.DecimalField(blank=True, decimal_places=2, max_digits=16, null=True)),
                    ('currency', models.CharField(max_length=3)),
                    ('held_fields', models.JSONField(default=list, editable=False)),
                    ('created_at', models.DateTimeField()),
                    ('archived_at', models.DateTimeField(null=True)),
                    ('version', models.PositiveIntegerField(default=1, editable=False)),
                    ('csm', tenants.fields.TenantForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='tenants.member')),
                    ('tenant', tenants.fields.TenantOwnerField(db_index=False, editable=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='tenants.tenant')),
                ],
                options={
                    'abstract': False,
                    'base_manager_name': 'objects',
                },
            ),
            migrations.CreateModel(
                name='Contact',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('name', models.CharField(max_length=150)),
                    ('title', models.CharField(blank=True, default='', max_length=120)),
                    ('role', models.CharField(blank=True, choices=[('decision_maker', 'Decision maker'), ('key_person', 'Key person'), ('project_lead', 'Project lead'), ('middle_manager', 'Middle manager'), ('requirement_owner', 'Requirement owner'), ('system_admin', 'System administrator'), ('user', 'User'), ('it', 'IT')], default='', max_length=20)),
                    ('email', models.EmailField(blank=True, default='', max_length=254)),
                    ('phone', models.CharField(blank=True, default='', max_length=60)),
                    ('created_at', models.DateTimeField()),
                    ('account', tenants.fields.TenantForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='contacts', to='accounts.account')),
                    ('tenant', tenants.fields.TenantOwnerField(db_index=False, editable=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='tenants.tenant')),
                ],
                options={
                    'abstract': False,
                    'base_manager_name': 'objects',
                },
            ),
            migrations.CreateModel(
                name='Feature',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('key', models.SlugField(max_length=60)),
                    ('name', models.CharField(max_length=120)),
                    ('core', models.BooleanField(default=False)),
                    ('entitled_by_default', models.BooleanField(default=True)),
                    ('target_uses', models.DecimalField(blank=True, decimal_places=2, max_digits=8, null=True)),
                    ('created_at', models.DateTimeField()),
                    ('tenant', tenants.fields.TenantOwnerField(db_index=False, editable=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='tenants.tenant')),
                ],
                options={
                    'abstract': False,
                    'base_manager_name': 'objects',
                },
            ),
            migrations.CreateModel(
                name='SavedView',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('name', models.CharField(max_length=60)),
                    ('query', models.CharField(max_length=2000)),
                    ('is_shared', models.BooleanField(default=False)),
                    ('is_default', models.BooleanField(default=False)),
                    ('created_at', models.DateTimeField()),
                    ('owner', tenants.fields.TenantForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='tenants.member')),
                    ('tenant', tenants.fields.TenantOwnerField(db_index=False, editable=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='tenants.tenant')),
                ],
                options={
                    'abstract': False,
                    'base_manager_name': 'objects',
                },
            ),
            migrations.CreateModel(
                name='Touch',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('kind', models.CharField(choices=[('call', 'Call'), ('meeting', 'Meeting'), ('visit', 'Visit'), ('mail', 'E-mail'), ('message', 'Message'), ('wecom', 'WeChat/WeCom'), ('training', 'Training')], max_length=10)),
                    ('on', models.DateField()),
                    ('note', models.TextField()),
                    ('two_way', models.BooleanField()),
                    ('created_at', models.DateTimeField()),
                    ('account', tenants.fields.TenantForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='touches', to='accounts.account')),
                    ('author', tenants.fields.TenantForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='tenants.member')),
                    ('tenant', tenants.fields.TenantOwnerField(db_index=False, editable=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='tenants.tenant')),
                ],
                options={
                    'abstract': False,
                    'base_manager_name': 'objects',
                },
            ),
            migrations.CreateModel(
                name='TouchContact',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('contact', tenants.fields.TenantForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='accounts.contact')),
                    ('tenant', tenants.fields.TenantOwnerField(db_index=False, editable=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='tenants.tenant')),
                    ('touch', tenants.fields.TenantForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='accounts.touch')),
                ],
                options={
                    'abstract': False,
                    'base_manager_name': 'objects',
                },
            ),
            migrations.AddField(
                model_name='touch',
                name='contacts',
                field=models.ManyToManyField(related_name='touches', through='accounts.TouchContact', to='accounts.contact'),
            ),
            migrations.AddIndex(
                model_name='account',
                index=models.Index(fields=['tenant', 'name_key'], name='account_by_name'),
            ),
            migrations.AddIndex(
                model_name='account',
                index=models.Index(fields=['tenant', 'csm'], name='account_by_csm'),
            ),
            migrations.AddConstraint(
                model_name='account',
                constraint=models.UniqueConstraint(fields=('tenant', 'external_id'), name='account_external_id_once'),
            ),
            migrations.AddConstraint(
                model_name='account',
                constraint=models.CheckConstraint(condition=models.Q(('arr__gte', 0), ('arr', None), _connector='OR'), name='account_arr_not_negative'),
            ),
            migrations.AddIndex(
                model_name='contact',
                index=models.Index(fields=['tenant', 'account'], name='contact_by_account'),
            ),
            migrations.AddConstraint(
                model_name='feature',
                constraint=models.UniqueConstraint(fields=('tenant', 'key'), name='feature_key_once'),
            ),
            migrations.AddConstraint(
                model_name='feature',
                constraint=models.CheckConstraint(condition=models.Q(('target_uses__gt', 0), ('target_uses', None), _connector='OR'), name='feature_target_positive'),
            ),
            migrations.AddConstraint(
                model_name='savedview',
                constraint=models.UniqueConstraint(fields=('tenant', 'owner', 'name'), name='saved_view_name_once'),
            ),
            migrations.AddConstraint(
                model_name='touchcontact',
                constraint=models.UniqueConstraint(fields=('tenant', 'touch', 'contact'), name='touch_contact_once'),
            ),
            migrations.AddIndex(
                model_name='touch',
                index=models.Index(fields=['tenant', 'account', '-on'], name='touch_by_account'),
            ),
        ),
        TenantTables("account", "contact", "touch", "touchcontact", "feature", "savedview"),
    ]
