import django.db.models.deletion
import tenants.fields
from django.db import migrations, models

from tenants.operations import AtOnce, TenantTables


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0003_search_tokens'),
        ('tenants', '0002_user_without_theme'),
    ]

    operations = [
        AtOnce(
            migrations.AddField(
                model_name='account',
                name='terms_from',
                field=models.DateField(blank=True, editable=False, null=True),
            ),
            migrations.CreateModel(
                name='AccountTerm',
                fields=[
                    ('pk', models.CompositePrimaryKey('tenant_id', 'account_id', 'since', blank=True, editable=False, primary_key=True, serialize=False)),
                    ('since', models.DateField()),
                    ('arr', models.DecimalField(decimal_places=2, max_digits=16, null=True)),
                    ('currency', models.CharField(max_length=3)),
                    ('seats', models.PositiveIntegerField(null=True)),
                    ('renewal_date', models.DateField(null=True)),
                    ('contract_start', models.DateField(null=True)),
                    ('lacks', models.CharField(blank=True, default='', max_length=3)),
                    ('account', tenants.fields.TenantForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='accounts.account')),
                    ('tenant', tenants.fields.TenantOwnerField(db_index=False, editable=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='tenants.tenant')),
                ],
                options={
                    'abstract': False,
                    'base_manager_name': 'objects',
                },
            ),
            migrations.CreateModel(
                name='Contract',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('external_id', models.CharField(max_length=120)),
                    ('currency', models.CharField(max_length=3)),
                    ('notes', models.TextField(blank=True, default='', max_length=5000)),
                    ('created_at', models.DateTimeField()),
                    ('version', models.PositiveIntegerField(default=1, editable=False)),
                    ('account', tenants.fields.TenantForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='contracts', to='accounts.account')),
                    ('tenant', tenants.fields.TenantOwnerField(db_index=False, editable=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='tenants.tenant')),
                ],
                options={
                    'abstract': False,
                    'base_manager_name': 'objects',
                },
            ),
            migrations.CreateModel(
                name='Entitlement',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('granted', models.BooleanField(default=True)),
                    ('start', models.DateField()),
                    ('end', models.DateField(blank=True, null=True)),
                    ('note', models.CharField(blank=True, default='', max_length=300)),
                    ('created_at', models.DateTimeField()),
                    ('account', tenants.fields.TenantForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='entitlements', to='accounts.account')),
                    ('feature', tenants.fields.TenantForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='accounts.feature')),
                    ('tenant', tenants.fields.TenantOwnerField(db_index=False, editable=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='tenants.tenant')),
                ],
                options={
                    'abstract': False,
                    'base_manager_name': 'objects',
                },
            ),
            migrations.CreateModel(
                name='ExchangeRate',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('currency', models.CharField(max_length=3)),
                    ('day', models.DateField()),
                    ('rate', models.DecimalField(decimal_places=10, max_digits=20)),
                    ('tenant', tenants.fields.TenantOwnerField(db_index=False, editable=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='tenants.tenant')),
                ],
                options={
                    'abstract': False,
                    'base_manager_name': 'objects',
                },
            ),
            migrations.CreateModel(
                name='Plan',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('key', models.CharField(max_length=60)),
                    ('name', models.CharField(max_length=120)),
                    ('created_at', models.DateTimeField()),
                    ('tenant', tenants.fields.TenantOwnerField(db_index=False, editable=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='tenants.tenant')),
                ],
                options={
                    'abstract': False,
                    'base_manager_name': 'objects',
                },
            ),
            migrations.CreateModel(
                name='PlanFeature',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('feature', tenants.fields.TenantForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='accounts.feature')),
                    ('plan', tenants.fields.TenantForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='accounts.plan')),
                    ('tenant', tenants.fields.TenantOwnerField(db_index=False, editable=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='tenants.tenant')),
                ],
                options={
                    'abstract': False,
                    'base_manager_name': 'objects',
                },
            ),
            migrations.AddField(
                model_name='plan',
                name='features',
                field=models.ManyToManyField(related_name='plans', through='accounts.PlanFeature', to='accounts.feature'),
            ),
            migrations.CreateModel(
                name='Product',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('key', models.CharField(max_length=60)),
                    ('name', models.CharField(max_length=120)),
                    ('created_at', models.DateTimeField()),
                    ('tenant', tenants.fields.TenantOwnerField(db_index=False, editable=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='tenants.tenant')),
                ],
                options={
                    'abstract': False,
                    'base_manager_name': 'objects',
                },
            ),
            migrations.AddField(
                model_name='plan',
                name='product',
                field=tenants.fields.TenantForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='plans', to='accounts.product'),
            ),
            migrations.CreateModel(
                name='ContractLine',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('external_id', models.CharField(max_length=120)),
                    ('seats', models.PositiveIntegerField(blank=True, null=True)),
                    ('amount', models.DecimalField(decimal_places=2, max_digits=16)),
                    ('billing_months', models.PositiveSmallIntegerField(blank=True, null=True)),
                    ('one_off', models.BooleanField(default=False)),
                    ('start', models.DateField()),
                    ('end', models.DateField(blank=True, null=True)),
                    ('outcome', models.CharField(blank=True, choices=[('renewed', 'Renewed'), ('shrunk', 'Renewed for less'), ('lost', 'Lost')], default='', max_length=7)),
                    ('outcome_date', models.DateField(blank=True, null=True)),
                    ('reason', models.CharField(blank=True, default='', max_length=300)),
                    ('version', models.PositiveIntegerField(default=1, editable=False)),
                    ('contract', tenants.fields.TenantForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='lines', to='accounts.contract')),
                    ('tenant', tenants.fields.TenantOwnerField(db_index=False, editable=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='tenants.tenant')),
                    ('plan', tenants.fields.TenantForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.plan')),
                    ('product', tenants.fields.TenantForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.product')),
                ],
                options={
                    'abstract': False,
                    'base_manager_name': 'objects',
                },
            ),
            migrations.CreateModel(
                name='ProductFeature',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('feature', tenants.fields.TenantForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='accounts.feature')),
                    ('product', tenants.fields.TenantForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='accounts.product')),
                    ('tenant', tenants.fields.TenantOwnerField(db_index=False, editable=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='tenants.tenant')),
                ],
                options={
                    'abstract': False,
                    'base_manager_name': 'objects',
                },
            ),
            migrations.AddField(
                model_name='product',
                name='features',
                field=models.ManyToManyField(related_name='products', through='accounts.ProductFeature', to='accounts.feature'),
            ),
            migrations.AddIndex(
                model_name='contract',
                index=models.Index(fields=['tenant', 'account'], name='contract_by_account'),
            ),
            migrations.AddConstraint(
                model_name='contract',
                constraint=models.UniqueConstraint(fields=('tenant', 'external_id'), name='contract_external_id_once'),
            ),
            migrations.AddIndex(
                model_name='entitlement',
                index=models.Index(fields=['tenant', 'account'], name='entitlement_by_account'),
            ),
            migrations.AddConstraint(
                model_name='entitlement',
                constraint=models.CheckConstraint(condition=models.Q(('end', None), ('end__gte', models.F('start')), _connector='OR'), name='entitlement_ends_after_start'),
            ),
            migrations.AddConstraint(
                model_name='exchangerate',
                constraint=models.UniqueConstraint(fields=('tenant', 'currency', 'day'), name='exchange_rate_once'),
            ),
            migrations.AddConstraint(
                model_name='exchangerate',
                constraint=models.CheckConstraint(condition=models.Q(('rate__gt', 0)), name='exchange_rate_positive'),
            ),
            migrations.AddConstraint(
                model_name='planfeature',
                constraint=models.UniqueConstraint(fields=('tenant', 'plan', 'feature'), name='plan_feature_once'),
            ),
            migrations.AddConstraint(
                model_name='plan',
                constraint=models.UniqueConstraint(fields=('tenant', 'product', 'key'), name='plan_key_once'),
            ),
            migrations.AddConstraint(
                model_name='contractline',
                constraint=models.UniqueConstraint(fields=('tenant', 'contract', 'external_id'), name='contract_line_id_once'),
            ),
            migrations.AddConstraint(
                model_name='contractline',
                constraint=models.CheckConstraint(condition=models.Q(('end', None), ('end__gte', models.F('start')), _connector='OR'), name='contract_line_ends_after_start'),
            ),
            migrations.AddConstraint(
                model_name='contractline',
                constraint=models.CheckConstraint(condition=models.Q(('amount__gte', 0)), name='contract_line_amount_not_negative'),
            ),
            migrations.AddConstraint(
                model_name='contractline',
                constraint=models.CheckConstraint(condition=models.Q(models.Q(('billing_months', None), ('one_off', True)), models.Q(('billing_months__gt', 0), ('one_off', False)), _connector='OR'), name='contract_line_months_positive'),
            ),
            migrations.AddConstraint(
                model_name='contractline',
                constraint=models.CheckConstraint(condition=models.Q(models.Q(('outcome', ''), ('outcome_date', None)), models.Q(models.Q(('outcome', ''), _negated=True), ('end__isnull', False), ('outcome_date__isnull', False)), _connector='OR'), name='contract_line_outcome_whole'),
            ),
            migrations.AddConstraint(
                model_name='productfeature',
                constraint=models.UniqueConstraint(fields=('tenant', 'product', 'feature'), name='product_feature_once'),
            ),
            migrations.AddConstraint(
                model_name='product',
                constraint=models.UniqueConstraint(fields=('tenant', 'key'), name='product_key_once'),
            ),
        ),
        TenantTables(
            "product", "productfeature", "plan", "planfeature", "contract", "contractline", "entitlement",
            "exchangerate", "accountterm",
        ),
    ]
