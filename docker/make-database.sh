#!/bin/sh
# Runs once, when the data folder is new: the two roles with their passwords, and the database.
set -eu

psql --no-psqlrc --set ON_ERROR_STOP=1 --username "$POSTGRES_USER" --file /roles.sql
psql --no-psqlrc --set ON_ERROR_STOP=1 --username "$POSTGRES_USER" <<'SQL'
\getenv owner OWNER_PASSWORD
\getenv app APP_PASSWORD
ALTER ROLE enigm_owner PASSWORD :'owner';
ALTER ROLE enigm_app PASSWORD :'app';
CREATE DATABASE enigm OWNER enigm_owner;
SQL
