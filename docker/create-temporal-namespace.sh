#!/bin/sh
# The server and the namespace are told by the TEMPORAL_* variables. The port is open before the server answers.
set -eu
attempts=0
until temporal operator cluster health; do
  attempts=$((attempts + 1))
  [ "$attempts" -lt 30 ]
  sleep 2
done
# A finished run can be looked at for this long. Kait recognises duplicates for ever, from its own database.
temporal operator namespace describe || temporal operator namespace create --retention 72h
