#!/bin/sh
# Safe to run again: it applies only newer versions of the schema.
# The SQL_* variables name the connection.
set -eu
set_up() {
  database=$1
  schema=$2
  temporal-sql-tool --db "$database" create-database
  temporal-sql-tool --db "$database" setup-schema -v 0.0
  temporal-sql-tool --db "$database" update-schema --schema-name "postgresql/v12/$schema"
}
set_up temporal temporal
set_up temporal_visibility visibility
