#!/bin/sh
# Runs once, when the database is made: Grafana's own user. `hs migrate` lets it read the figures and nothing of people.
set -eu
psql -v ON_ERROR_STOP=1 -v password="$GRAFANA_DATABASE_PASSWORD" --username "$POSTGRES_USER" --dbname "$POSTGRES_DB" <<'SQL'
create role hs_grafana login password :'password';
SQL
