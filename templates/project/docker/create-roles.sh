#!/bin/sh
# The postgres image runs this once, when the database is new. Kait and Temporal each get a role that cannot read the other's
# data. psql gets the passwords as variables, which it quotes, so they do not show in its command line.
set -eu
psql --set ON_ERROR_STOP=1 --username postgres --dbname postgres <<'SQL'
\getenv kait_password KAIT_DATABASE_PASSWORD
\getenv temporal_password TEMPORAL_DATABASE_PASSWORD
create role kait login password :'kait_password';
create role temporal login createdb password :'temporal_password';
create database kait owner kait;
-- Activities have its rights, which `kait migrate` gives: rows of the project's own tables, and no others.
create role kait_activities nologin;
grant kait_activities to kait;
revoke connect on database kait from public;
SQL
