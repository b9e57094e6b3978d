#!/bin/sh
# Safe to run again: what is there already is left as it is, and only newer versions of the schema are applied.
# The connection is told by the SQL_* variables.
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
