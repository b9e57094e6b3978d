#!/bin/sh
# The TEMPORAL_* variables name the server and the namespace. The port opens before the server answers.
set -eu
attempts=0
until temporal operator cluster health; do
  attempts=$((attempts + 1))
  [ "$attempts" -lt 30 ]
  sleep 2
done
# For how long a finished run can be inspected. Kait recognizes duplicates from its own database, without a time limit.
temporal operator namespace describe || temporal operator namespace create --retention 72h
