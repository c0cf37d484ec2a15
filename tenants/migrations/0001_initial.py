import django.core.validators
import django.db.models.deletion
import django.utils.timezone
import tenants.fields
import tenants.models
from django.conf import settings
from django.db import migrations, models
from tenants.operations import AtOnce, TenantTables

# "My tenants" is read before a tenant is chosen: a member may see their own rows with no tenant in scope.
MEMBER_POLICIES = """
DROP POLICY tenant_isolation ON tenants_member;
CREATE POLICY tenant_isolation ON tenants_member
    USING (tenant_id = (SELECT NULLIF(current_setting('app.tenant_id', true), '')::bigint))
    WITH CHECK (tenant_id = (SELECT current_setting('app.tenant_id')::bigint));
CREATE POLICY own_memberships ON tenants_member FOR SELECT
    USING (user_id = (SELECT NULLIF(current_setting('app.user_id', true), '')::bigint));
"""

# The shape that Django's database cache expects.
CACHE_TABLE = """
CREATE TABLE django_cache (
    cache_key varchar(255) PRIMARY KEY,
    value text NOT NULL,
    expires timestamp with time zone NOT NULL
);
CREATE INDEX django_cache_expires ON django_cache (expires);
"""


class Migration(migrations.Migration):

    initial = True

    dependencies = [
    ]

    operations = [
        AtOnce(
            migrations.CreateModel(
                name='User',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('password', models.CharField(max_length=128, verbose_name='password')),
                    ('last_login', models.DateTimeField(blank=True, null=True, verbose_name='last login')),
                    ('email', models.EmailField(max_length=254, unique=True, verbose_name='e-mail')),
                    ('name', models.CharField(blank=True, default='', max_length=150, verbose_name='name')),
                    ('language', models.CharField(blank=True, default='', max_length=10)),
                    ('theme', models.CharField(blank=True, default='', max_length=6)),
                    ('is_active', models.BooleanField(default=True)),
                    ('is_platform_staff', models.BooleanField(default=False)),
                    ('date_joined', models.DateTimeField(default=django.utils.timezone.now)),
                ],
                options={
                    'abstract': False,
                },
            ),
            migrations.CreateModel(
                name='Tenant',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('slug', models.SlugField(max_length=40, unique=True, validators=[django.core.validators.RegexValidator('^[a-z0-9][a-z0-9-]*$', 'Use a–z, 0–9 and “-”.')])),
                    ('name', models.CharField(max_length=120)),
                    ('timezone', models.CharField(max_length=60, validators=[tenants.models.validate_timezone])),
                    ('language', models.CharField(max_length=10)),
                    ('currency', models.CharField(max_length=3)),
                    ('night_hour', models.PositiveSmallIntegerField(default=2)),
                    ('csms_see_own_only', models.BooleanField(default=False)),
                    ('is_active', models.BooleanField(default=True)),
                    ('created_at', models.DateTimeField(default=django.utils.timezone.now)),
                ],
            ),
            migrations.CreateModel(
                name='Member',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('role', models.CharField(choices=[('viewer', 'Viewer'), ('contributor', 'Contributor'), ('csm', 'CSM'), ('manager', 'Manager'), ('admin', 'Admin')], max_length=12)),
                    ('is_active', models.BooleanField(default=True)),
                    ('created_at', models.DateTimeField(default=django.utils.timezone.now)),
                    ('last_seen_at', models.DateTimeField(null=True)),
                    ('previous_seen_at', models.DateTimeField(null=True)),
                    ('user', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ('tenant', tenants.fields.TenantOwnerField(db_index=False, editable=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='tenants.tenant')),
                ],
                options={
                    'abstract': False,
                    'base_manager_name': 'objects',
                },
            ),
            migrations.CreateModel(
                name='Key',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('kind', models.CharField(choices=[('write', 'Write key'), ('api', 'API key')], max_length=5)),
                    ('name', models.CharField(max_length=80)),
                    ('prefix', models.CharField(max_length=16)),
                    ('scopes', models.JSONField(default=list)),
                    ('created_at', models.DateTimeField()),
                    ('last_used_at', models.DateTimeField(null=True)),
                    ('revoked_at', models.DateTimeField(null=True)),
                    ('created_by', tenants.fields.TenantForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='tenants.member')),
                    ('tenant', tenants.fields.TenantOwnerField(db_index=False, editable=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='tenants.tenant')),
                ],
                options={
                    'abstract': False,
                    'base_manager_name': 'objects',
                },
            ),
            migrations.CreateModel(
                name='Invitation',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('email', models.EmailField(max_length=254)),
                    ('role', models.CharField(choices=[('viewer', 'Viewer'), ('contributor', 'Contributor'), ('csm', 'CSM'), ('manager', 'Manager'), ('admin', 'Admin')], max_length=12)),
                    ('created_at', models.DateTimeField()),
                    ('expires_at', models.DateTimeField()),
                    ('accepted_at', models.DateTimeField(null=True)),
                    ('revoked_at', models.DateTimeField(null=True)),
                    ('invited_by', tenants.fields.TenantForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='tenants.member')),
                    ('tenant', tenants.fields.TenantOwnerField(db_index=False, editable=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='tenants.tenant')),
                ],
                options={
                    'abstract': False,
                    'base_manager_name': 'objects',
                },
            ),
            migrations.CreateModel(
                name='Door',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('token_hash', models.CharField(max_length=64, unique=True)),
                    ('kind', models.CharField(choices=[('key', 'Key'), ('invitation', 'Invitation')], max_length=12)),
                    ('object_id', models.BigIntegerField()),
                    ('tenant', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='tenants.tenant')),
                ],
            ),
            migrations.CreateModel(
                name='AuditEntry',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('at', models.DateTimeField()),
                    ('actor_label', models.CharField(max_length=200)),
                    ('action', models.CharField(max_length=60)),
                    ('noun', models.CharField(max_length=40)),
                    ('object_id', models.BigIntegerField(null=True)),
                    ('object_label', models.CharField(blank=True, default='', max_length=200)),
                    ('changes', models.JSONField(default=dict)),
                    ('actor', tenants.fields.TenantForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='tenants.member')),
                    ('tenant', tenants.fields.TenantOwnerField(db_index=False, editable=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='tenants.tenant')),
                ],
                options={
                    'abstract': False,
                    'base_manager_name': 'objects',
                },
            ),
            migrations.AddConstraint(
                model_name='member',
                constraint=models.UniqueConstraint(fields=('tenant', 'user'), name='member_once'),
            ),
            migrations.AddIndex(
                model_name='auditentry',
                index=models.Index(fields=['tenant', '-at'], name='audit_by_time'),
            ),
        ),
        TenantTables("member", "invitation", "key", "auditentry"),
        migrations.RunSQL(MEMBER_POLICIES),
        migrations.RunSQL(CACHE_TABLE),
    ]
