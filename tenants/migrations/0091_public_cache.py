from django.db import migrations

TABLE = """
CREATE TABLE django_cache_public (
    cache_key varchar(255) PRIMARY KEY,
    value text NOT NULL,
    expires timestamptz NOT NULL
);
CREATE INDEX django_cache_public_expires ON django_cache_public (expires);"""


class Migration(migrations.Migration):
    """A cache that visitors of public pages may fill without touching that of sign-in limits."""

    dependencies = [("tenants", "0090_person")]

    operations = [migrations.RunSQL(TABLE, "DROP TABLE django_cache_public")]
