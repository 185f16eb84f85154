#!/bin/sh
# Runs workerd as Miniflare would, with the configuration that comes on standard input, changed by ./workerd-config.ts.
# workerd takes the place of this shell, so that whoever ends this process ends it. The file in between is for its owner
# only, as the keys in it are elsewhere in the data directory, and is gone before workerd runs.
set -eu
umask 077
config=$(mktemp "$ALEX_DATA/edge-XXXXXXXX")
trap 'rm -f "$config"' EXIT
"$ALEX_NODE" "$(dirname "$0")/workerd-config.ts" > "$config"
exec 5< "$config"
rm -f "$config"
trap - EXIT
exec "$ALEX_WORKERD" "$@" <&5 5<&-
