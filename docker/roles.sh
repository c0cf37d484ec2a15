#!/bin/sh
# Makes the three roles when the data directory is made; Postgres' image runs it once, as the superuser.
set -eu
: "${OWNER_PASSWORD:?}" "${APP_PASSWORD:?}" "${BACKUP_PASSWORD:?}"

psql --no-psqlrc -v ON_ERROR_STOP=1 --username "$POSTGRES_USER" --dbname postgres \
     -v owner="$OWNER_PASSWORD" -v app="$APP_PASSWORD" -v backup="$BACKUP_PASSWORD" <<'SQL'
CREATE ROLE csplatform_owner  LOGIN NOSUPERUSER CREATEDB   NOCREATEROLE NOBYPASSRLS PASSWORD :'owner';
CREATE ROLE csplatform_app    LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS PASSWORD :'app';
CREATE ROLE csplatform_backup LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE BYPASSRLS   PASSWORD :'backup';
GRANT pg_read_all_data TO csplatform_backup;
CREATE DATABASE csplatform OWNER csplatform_owner TEMPLATE template0;
SQL
